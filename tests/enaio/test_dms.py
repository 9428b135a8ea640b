"""The DMS service: sizes of results, columns that do not exist, changes and deletions, totals, bounds."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.enaio.settings import ObjectType, Paging
from connectors.fetch.fetcher import CannotFetch
from tests.enaio.trial import (
    FULL_BEFORE,
    NOW,
    PATIENCE,
    TYPES,
    Waits,
    fetch,
    pages,
    partly,
    read,
    server,
    settings,
)
from tests.fakes.enaio import FakeEnaio, Fault, sample
from tests.fakes.enaio.holdings import CASE


@pytest.mark.parametrize("overlap", [0, 1, 3])
@pytest.mark.parametrize("persons", [1, 4, 5, 6, 9, 10, 11, 40])
def test_every_size_of_a_result(persons: int, overlap: int, tmp_path: Path) -> None:
    with FakeEnaio(sample(persons)) as fake:
        fetched = fetch(settings(fake, paging=Paging(size=5, overlap=overlap)), tmp_path)
        rows = read(tmp_path, fetched.files)["Person"]
        expected = [held.value("Personennummer") for held in fake.holdings.of("Person")]
    assert [(place, cells[0]) for place, cells in rows] == list(enumerate(expected, 1))
    assert fetched.rows == persons + 5


@pytest.mark.parametrize("largest", [1_000, 3])
def test_a_server_with_smaller_pages(largest: int, tmp_path: Path) -> None:
    with FakeEnaio(largest_page=largest) as fake:
        assert fetch(settings(fake), tmp_path).rows == 22


def test_what_is_asked_holds_no_value_in_its_statement(tmp_path: Path) -> None:
    kind = replace(TYPES[0], only={"Nachname": ("Nuñez", "x' OR '1'='1"), "Aktiv": "1"})
    with FakeEnaio() as fake:
        fetch(settings(fake, types=(kind,)), tmp_path)
        queries = [asked.question["query"] for asked in fake.asked]
    assert {q["statement"].partition(" WHERE ")[2] for q in queries} == {
        "Nachname IN (@p1) AND Aktiv=@p2 ORDER BY system:objectId"
    }
    assert all(q["parameters"] == {"p1": ["Nuñez", "x' OR '1'='1"], "p2": "1"} for q in queries)


@pytest.mark.parametrize(
    "name", ["", "a b", "a;b", "a'b", "Person--", "1a", "a.b", "a\n", "other:a", "x" * 102]
)
def test_names_that_are_none_are_not_taken(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        ObjectType(name, ("Nummer",))
    with pytest.raises(ValueError, match="name"):
        ObjectType("Person", (name,))


def test_a_column_the_server_refuses(tmp_path: Path) -> None:
    with FakeEnaio() as fake, pytest.raises(CannotFetch) as stopped:
        fetch(settings(fake, types=(ObjectType("Person", ("Nachname", "Vornahme")),)), tmp_path)
    assert (stopped.value.rule, stopped.value.again, len(fake.asked)) == (
        "question_refused",
        False,
        1,
    )


def test_a_column_the_server_says_nothing_of(tmp_path: Path) -> None:
    holdings = sample()
    with FakeEnaio(holdings) as fake:
        told = settings(fake)
        # an empty column is named, so that this one is known to exist
        for held in holdings.objects:
            held.values["Gewicht"] = None
        assert fetch(told, tmp_path / "empty").rows == 22
        silent = replace(told, empty_named=False)
        assert fetch(silent, tmp_path / "silent").rows == 22
        holdings.types["Person"] = (*holdings.types["Person"], "Groesse")
        fake_types = (replace(TYPES[0], columns=("Personennummer", "Groesse")),)
        assert fetch(replace(told, types=fake_types), tmp_path / "known").rows == 17


def test_a_misspelt_column_that_is_silently_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.fakes.enaio import answers

    told_before = answers._dms
    monkeypatch.setattr(
        answers, "_dms", lambda held, columns, nulls, all_: told_before(held, columns, False, all_)
    )
    holdings = sample()
    for held in holdings.objects:
        held.values["Gewicht"] = None
    with FakeEnaio(holdings) as fake, pytest.raises(CannotFetch) as stopped:
        fetch(settings(fake), tmp_path)
    assert stopped.value.rule == "column_missing"
    assert "Gewicht" in stopped.value.message
    assert pages(tmp_path) == {}


def test_changes_deletions_and_moves(tmp_path: Path) -> None:
    kinds = (replace(TYPES[0], columns=("Personennummer", CASE)),)
    with FakeEnaio() as fake:
        told = partly(fake, types=kinds)
        first = fetch(told, tmp_path / "1")
        assert (first.full, first.rows) == (True, 17)
        assert dict(first.remember) == {
            "changed_since": NOW.isoformat(),
            "full_since": NOW.isoformat(),
        }
        fake.holdings.move(
            "1001", "995", "2024-03-30T10:00:00"
        )  # before the fetch, but within the overlap
        fake.holdings.delete("1002")
        fake.holdings.purge("1003")
        second = fetch(told, tmp_path / "2", first.remember, now=NOW + datetime.timedelta(days=1))
        assert (second.full, second.rows) == (False, 1)
        moved = (tmp_path / "2" / "Person" / "000001-000001.json").read_text("utf-8")
        assert f'"{CASE}": {{"value": "995"}}' in moved
        assert ("P-0007",) in [
            cells for _, cells in read(tmp_path / "2", second.files)["deleted/Person"]
        ]
        assert second.remember["full_since"] == NOW.isoformat()
        third = fetch(told, tmp_path / "3", second.remember, now=NOW + datetime.timedelta(days=7))
        assert (third.full, third.rows) == (True, 15)


def test_a_resumed_fetch_keeps_what_it_set_out_for(tmp_path: Path) -> None:
    with FakeEnaio(faults=[Fault("busy_for_hours", 5)]) as fake:
        told = partly(fake)
        almost = {
            **FULL_BEFORE,
            "full_since": (NOW - datetime.timedelta(days=6, hours=23)).isoformat(),
        }
        with pytest.raises(CannotFetch):
            fetch(told, tmp_path, almost)
        fetched = fetch(told, tmp_path, almost, now=NOW + datetime.timedelta(hours=2))
    assert fetched.full is False
    assert fetched.remember["changed_since"] == NOW.isoformat()


@pytest.mark.parametrize(
    ("version", "trusted"),
    [("", False), ("6.7.9", False), ("6.8.0", True), ("6.10", True), ("7", True)],
)
def test_from_which_version_on_totals_are_trusted(version: str, trusted: bool) -> None:
    with FakeEnaio() as fake:
        assert settings(fake, dms_version=version).totals_trusted is trusted


def test_a_total_that_does_not_fit_is_a_shift(tmp_path: Path) -> None:
    with FakeEnaio(totals="exact") as fake:
        assert fetch(settings(fake, dms_version="6.8.0"), tmp_path / "exact").rows == 22
        assert all(asked.question["query"]["maxItems"] for asked in fake.asked)


def test_a_list_that_never_rests(tmp_path: Path) -> None:
    with (
        FakeEnaio(faults=[Fault("row_deleted", n) for n in range(4, 40, 5)]) as fake,
        pytest.raises(CannotFetch) as stopped,
    ):
        fetch(settings(fake, paging=Paging(size=5, fresh_starts=1)), tmp_path)
    assert (stopped.value.rule, stopped.value.again) == ("drift", True)
    assert pages(tmp_path) == {}


def test_a_server_that_ignores_where_to_begin(tmp_path: Path) -> None:
    with (
        FakeEnaio(faults=[Fault("offset_ignored", 0, 1000)]) as fake,
        pytest.raises(CannotFetch) as stopped,
    ):
        fetch(settings(fake), tmp_path)
    assert (stopped.value.rule, stopped.value.again) == ("paging_ignored", False)


def test_bounds(tmp_path: Path) -> None:
    waits = Waits()
    with FakeEnaio() as fake:
        with pytest.raises(CannotFetch) as stopped:
            fetch(settings(fake, paging=Paging(size=5, most_pages=2)), tmp_path / "pages")
        assert stopped.value.rule == "too_many_pages"
        small = replace(server(fake), patience=replace(PATIENCE, body_bytes=1_000))
        with pytest.raises(CannotFetch) as stopped:
            fetch(settings(fake, server=small), tmp_path / "bytes")
        assert stopped.value.rule == "too_large"
        fetch(
            settings(fake, paging=Paging(size=5, pause_seconds=3)),
            tmp_path / "pause",
            sleep=waits.sleep,
        )
        assert set(waits) == {3}


def test_nobody_there(tmp_path: Path) -> None:
    with FakeEnaio() as fake:
        told = settings(fake)
    with pytest.raises(CannotFetch) as stopped:
        fetch(told, tmp_path)
    assert (stopped.value.rule, stopped.value.again) == ("unreachable", True)
