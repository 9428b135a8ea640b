"""Withdrawals that a delivery leaves out of the rows it brings are taken back only when somebody says so."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.intake.acceptance import accept_delivery, undo_acceptance
from pipelines.intake.replay import reread_source, undo_load
from tests.consents.office import EARLIER, LAST, Office, Row, form, person
from warehouse.loading.findings import ListedFinding, list_findings

KEYS = "12345"
WITHDRAWN = {"1": "20.05.2025", "2": "21.05.2025", "3": "demnächst"}


def list_forms(withdrawn: dict[str, str]) -> list[Row]:
    return [form(f"f{key}", key, Widerrufen=withdrawn.get(key, "")) for key in KEYS]


# What the next delivery has of them, and whether it is held.
LATER = {
    "none is left": ({}, True),
    "most are gone": ({"3": "demnächst"}, True),
    "one is corrected": ({"1": "20.05.2025", "2": "21.05.2025"}, False),
    "others take their place": (dict.fromkeys("345", "01.07.2025"), False),
}


@pytest.mark.parametrize("title", ["none is left", "others take their place"])
def test_a_column_of_withdrawals_that_was_emptied(tmp_path: Path, title: str) -> None:
    check_later(Office(tmp_path), title)


@pytest.mark.thorough
@pytest.mark.parametrize("title", ["most are gone", "one is corrected"])
@pytest.mark.parametrize("delivers", ["full", "partial"])
def test_withdrawals_that_are_left_out(tmp_path: Path, title: str, delivers: str) -> None:
    check_later(Office(tmp_path, delivers=delivers), title)


def check_later(office: Office, title: str) -> None:
    later, is_held = LATER[title]
    for day, withdrawn in ((EARLIER, WITHDRAWN), (LAST, later)):
        office.deliver("alpha", day, map(person, KEYS), list_forms(withdrawn))
    result = office.run()[-1]
    assert result.state == ("held" if is_held else "loaded")
    assert ("kommt der Widerruf nicht mehr mit" in result.message) is is_held
    if is_held:
        assert office.released() == {}
        return
    lost = {f"alpha:{key}" for key in WITHDRAWN if key not in later}
    others = {f"alpha:{key}" for key in KEYS if key not in (*WITHDRAWN, *later)}
    assert office.released().keys() == others
    assert {record for record, why in office.reasons().items() if why == ("doubtful",)} == lost
    accept(office, LAST)
    assert office.released().keys() == others | lost


FIRST, NEXT = date(2025, 5, 31), date(2025, 8, 1)
GONE = form("f1", "1")
REVOKED = form("f1", "1", Widerrufen="20.05.2025")
UNREADABLE = form("f1", "1", Widerrufen="demnächst")
LATER_FORM = form("g1", "1", Erteilt="01.06.2025")
EARLIER_FORM = form("g1", "1", Erteilt="20.05.2025")


def accept(office: Office, day: date) -> None:
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{day}", "berichtigt", everybody=True)


def deliver(office: Office, day: date, *forms: Row) -> bool:
    """Whether something of the person goes out after a delivery with these forms."""
    office.deliver("alpha", day, [person("1")], forms)
    assert office.run()[-1].state == "loaded"
    return "alpha:1" in office.released()


# What is delivered one after the other, and whether something goes out then.
HISTORIES: dict[str, tuple[tuple[tuple[Row, ...], bool], ...]] = {
    "it stays doubtful": (((REVOKED,), False), ((GONE,), False), ((GONE,), False)),
    "it comes again": (((REVOKED,), False), ((GONE,), False), ((REVOKED,), False)),
    "a newer form": (((REVOKED,), False), ((GONE,), False), ((GONE, LATER_FORM), True)),
    "a form of the day": (((REVOKED,), False), ((GONE,), False), ((GONE, EARLIER_FORM), False)),
    "no day is known": (((UNREADABLE,), False), ((GONE,), False), ((GONE, LATER_FORM), False)),
    "given anew in the same row": (
        ((REVOKED,), False),
        (({**REVOKED, "Widerrufen": "", "Erteilt": "01.06.2025"},), True),
        ((GONE,), False),
    ),
    "it comes again without": (((REVOKED,), False), ((), False), ((GONE,), False)),
    "the row goes, too": (((REVOKED,), False), ((GONE,), False), ((EARLIER_FORM,), False)),
}


def test_withdrawals_that_vanish_from_their_rows(tmp_path: Path) -> None:
    """Each history is a person's; others whose withdrawal stays keep the deliveries from being held."""
    office = Office(tmp_path)
    keys = {str(number): title for number, title in enumerate(HISTORIES, start=10)}
    others = [str(number) for number in range(50, 70)]
    stays = [form(f"f{key}", key, Widerrufen="20.05.2025") for key in others]
    for step, day in enumerate((EARLIER, LAST, NEXT)):
        forms = [
            {**row, "ENr": f"{row['ENr']}-{key}", "Nr": key}
            for key, title in keys.items()
            for row in HISTORIES[title][step][0]
        ]
        office.deliver("alpha", day, map(person, (*keys, *others)), [*forms, *stays])
        assert office.run()[-1].state == "loaded"
        released = office.released()
        goes_out = {title: f"alpha:{key}" in released for key, title in keys.items()}
        assert goes_out == {title: steps[step][1] for title, steps in HISTORIES.items()}


def test_it_is_told_and_decided_once(tmp_path: Path) -> None:
    office = Office(tmp_path)
    for day, forms in ((FIRST, REVOKED), (EARLIER, GONE)):
        assert not deliver(office, day, forms)
    (told,) = list_lost(office)
    assert (told.file, told.row) == ("Einwilligungen.csv", 2)
    (because,) = office.decide().because["alpha", "1"]
    assert "„Einwilligungen“ von alpha" in because and "20.05.2025" in because
    assert "drehscheibe accept" in because
    accept(office, EARLIER)
    assert office.released().keys() == {"alpha:1"}
    with office.open() as hub:
        undo_acceptance(hub, f"alpha/{EARLIER}")
    assert office.released() == {}
    accept(office, EARLIER)
    assert deliver(office, LAST, GONE)
    assert not deliver(office, NEXT, REVOKED)


def list_lost(office: Office) -> list[ListedFinding]:
    with office.open() as hub, hub.store.read() as connection:
        return list(list_findings(connection, rules=["withdrawal_lost"]))


@pytest.mark.parametrize("delivers", ["full", pytest.param("partial", marks=pytest.mark.thorough)])
def test_read_anew_and_taken_back(tmp_path: Path, delivers: str) -> None:
    office = Office(tmp_path, delivers=delivers)
    for day, forms in ((FIRST, REVOKED), (EARLIER, GONE), (LAST, GONE)):
        assert not deliver(office, day, forms)
    with office.open() as hub:
        reread_source(hub, "alpha", LAST, "")
    assert office.reasons() == {"alpha:1": ("doubtful",)}
    with office.open() as hub:
        reread_source(hub, "alpha", None, "")
    assert office.reasons() == {"alpha:1": ("doubtful",)}
    with office.open() as hub:
        undo_load(hub, hub.store.last_load(), "falsch")
    assert office.reasons() == {"alpha:1": ("doubtful",)}
    assert deliver(office, NEXT, GONE, LATER_FORM)
