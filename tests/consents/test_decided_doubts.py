"""A decision settles what its delivery brought and nobody could read, and nothing of another one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.intake.acceptance import accept_delivery, undo_acceptance
from tests.consents.office import EARLIER, LAST, Office, form, person

KEYS = "12345"
PERSONS, FORMS = [person(key) for key in KEYS], [form(f"f{key}", key) for key in KEYS]
EVERYBODY = {f"alpha:{key}" for key in KEYS}
OF_NOBODY_KNOWN, OF_THE_FIRST = ";;JC;;;;01.06.2025;;", ";1;JC;;;;01.06.2025;;"


def deliver(office: Office, day: date, count: int, *rows: str) -> None:
    folder = office.deliver("alpha", day, PERSONS[:count], FORMS[:count])
    with (folder / "Einwilligungen.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{row}\n" for row in rows)
    office.run()


def accept(office: Office, day: date) -> None:
    with office.open() as hub:
        accept_delivery(hub, f"alpha/{day}", "geprüft")


def test_who_takes_a_held_delivery_has_read_none_of_its_rows(tmp_path: Path) -> None:
    office = Office(tmp_path)
    deliver(office, EARLIER, 5)
    deliver(office, LAST, 2, OF_THE_FIRST)
    assert office.results[-1].state == "held"
    accept(office, LAST)
    assert office.run()[-1].state == "loaded"
    assert office.released().keys() == {"alpha:2"}
    assert office.reasons()["alpha:1"] == ("doubtful",)


def test_each_delivery_of_changes_is_decided_by_itself(tmp_path: Path) -> None:
    office = Office(tmp_path, delivers="partial")
    deliver(office, EARLIER, 5, OF_NOBODY_KNOWN, OF_THE_FIRST)
    deliver(office, LAST, 5, OF_NOBODY_KNOWN, OF_THE_FIRST)
    told = office.decide().stale["alpha"]
    assert "30.06.2025" in told and "31.07.2025" in told and "bekannten Personen (1)" in told
    accept(office, EARLIER)
    assert office.released() == {}
    assert office.reasons()["alpha:1"] == ("doubtful",)
    assert "30.06.2025" not in office.decide().stale["alpha"]
    accept(office, LAST)
    assert office.released().keys() == EVERYBODY
    with office.open() as hub:
        undo_acceptance(hub, f"alpha/{LAST}")
    assert office.released() == {}


@pytest.mark.thorough
def test_what_was_decided_says_nothing_of_the_next_delivery(tmp_path: Path) -> None:
    office = Office(tmp_path)
    deliver(office, EARLIER, 5, OF_NOBODY_KNOWN, OF_THE_FIRST)
    accept(office, EARLIER)
    assert office.released().keys() == EVERYBODY
    deliver(office, LAST, 5, OF_THE_FIRST)
    assert office.released().keys() == EVERYBODY - {"alpha:1"}
