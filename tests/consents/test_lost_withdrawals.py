"""Withdrawals that a delivery leaves out of the rows it brings are taken back only when somebody says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.consents.office import EARLIER, LAST, Office, Row, form, person

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
    still = {f"alpha:{key}" for key in KEYS if key not in later}
    assert office.released().keys() == (set() if is_held else still)
