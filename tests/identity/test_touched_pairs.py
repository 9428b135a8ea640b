"""What a load compares anew: what it touched, and everything once when the means of comparing are others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from pipelines.intake.identity_terms import identity_terms, pair_scoring
from tests.consents.office import EARLIER, LAST, Office, Row, person
from warehouse.identity import touched_pairs
from warehouse.identity.scored_pairs import ScoredPair, read_pairs
from warehouse.identity.touched_pairs import PairScoring
from warehouse.schema import identity_model

ALPHA = [
    person("1", Nachname="Al-Hassan", Vorname="Mohammed", Geburtsdatum="13.05.1988"),
    person("2", Nachname="Shevchenko", Vorname="Oleksandr", Geburtsdatum="04.11.1979"),
    person("3", Nachname="Rezai", Vorname="Zahra", Geburtsdatum="01.01.1995"),
]
BETA = [
    person("7", Nachname="Alhasan", Vorname="Muhammad", Geburtsdatum="13.05.1988"),
    person("8", Nachname="Schewtschenko", Vorname="Aleksandr", Geburtsdatum="04.11.1979"),
    person("9", Nachname="Rezaie", Vorname="Zahra", Geburtsdatum="01.01.1995"),
]


def loaded(folder: Path, *deliveries: tuple[str, list[Row]]) -> Office:
    """An office that took these deliveries, each by a run of its own."""
    office = Office(folder, delivers="partial")
    for number, (source, rows) in enumerate(deliveries):
        office.deliver(source, (EARLIER, LAST)[min(number // 2, 1)], rows, [])
        office.run()
    return office


def pairs(office: Office) -> list[ScoredPair]:
    with office.open() as hub, hub.store.read() as connection:
        return read_pairs(connection)


def bands(office: Office) -> dict[tuple[str, str], str]:
    return {(pair.a[1], pair.b[1]): pair.band for pair in pairs(office)}


def test_spellings_are_linked_and_one_new_year_waits(tmp_path: Path) -> None:
    office = loaded(tmp_path, ("alpha", ALPHA), ("beta", BETA))
    assert bands(office) == {("1", "7"): "automatic", ("2", "8"): "automatic", ("3", "9"): "review"}


def test_bit_by_bit_is_as_all_at_once(tmp_path: Path) -> None:
    once = loaded(tmp_path / "once", ("alpha", ALPHA), ("beta", BETA))
    some = loaded(
        tmp_path / "some",
        ("beta", BETA[:1]),
        ("alpha", ALPHA[1:]),
        ("alpha", ALPHA[:1]),
        ("beta", BETA[1:]),
    )
    assert pairs(some) == pairs(once) != []


def test_other_names_rules_or_model_compare_everything_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = loaded(tmp_path, ("alpha", ALPHA), ("beta", BETA))
    usual = pair_scoring()
    renamed = replace(usual.names, distinct=frozenset({("mohammed", "muhammad")}))
    other = PairScoring(identity_terms(), replace(renamed, related=frozenset()))
    with office.open() as hub, hub.store.transaction() as connection:
        assert usual(connection, 99).records == ()
        assert len(other(connection, 99).records) == len(ALPHA) + len(BETA)
        assert other(connection, 99).records == ()
        monkeypatch.setattr(touched_pairs, "RULES", 0)
        assert len(other(connection, 99).records) == len(ALPHA) + len(BETA)
        versions = connection.execute(select(identity_model.c.version)).scalars().all()
    assert len(set(versions)) == 3


def test_an_unreadable_birth_date_makes_no_namesakes_one(tmp_path: Path) -> None:
    """The record's last readable one still speaks; of one that never had any, nothing does."""
    name = {"Nachname": "Shevchenkivska", "Vorname": "Zoryana"}
    one = person("1", **name, Geburtsdatum="11.05.1988")
    other = person("7", **name, Geburtsdatum="14.02.1975")
    unborn, damaged = ({**one, "Geburtsdatum": born} for born in ("", "11.05.0988"))
    never = loaded(tmp_path / "never", ("alpha", [unborn]), ("beta", [other]))
    assert bands(never) == {("1", "7"): "review"}
    office = loaded(tmp_path / "once", ("alpha", [one]), ("beta", [other]), ("alpha", [damaged]))
    assert bands(office) == {}
