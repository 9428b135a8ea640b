"""The levels in which two values agree: birth dates, days of entry, official numbers, municipalities."""

from __future__ import annotations

import numpy as np
import pytest

from warehouse.identity.birth_days import compare_births
from warehouse.identity.levels import BirthLevel, EntryLevel
from warehouse.identity.pair_levels import compare_entries, is_typing_error


def days(text: str) -> np.ndarray:
    return np.array([text or "NaT"], "M8[D]")


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1990-03-04", "", BirthLevel.MISSING),
        ("1990-03-04", "1990-03-04", BirthLevel.EQUAL),
        ("1990-01-01", "1990-01-01", BirthLevel.EQUAL_STAND_IN),
        ("1990-12-31", "1990-12-31", BirthLevel.EQUAL_STAND_IN),
        ("1990-03-04", "1990-04-03", BirthLevel.EXCHANGED),
        ("1990-01-01", "1990-07-16", BirthLevel.STAND_IN_SAME_YEAR),
        ("1990-01-01", "1990-07-01", BirthLevel.STAND_IN_SAME_YEAR),
        ("1990-03-04", "1990-03-09", BirthLevel.PART_WRONG),
        ("1990-03-04", "1990-08-04", BirthLevel.PART_WRONG),
        ("1990-03-04", "1980-03-04", BirthLevel.PART_WRONG),
        ("1990-03-04", "1965-03-04", BirthLevel.DIFFERENT),
        ("1990-01-01", "1991-06-20", BirthLevel.STAND_IN_NEXT_YEAR),
        ("1998-12-31", "1999-01-01", BirthLevel.STAND_IN_NEXT_YEAR),
        ("1998-03-21", "1998-06-08", BirthLevel.NEAR),
        ("1998-03-31", "1998-04-01", BirthLevel.NEAR),
        ("1998-03-21", "1999-11-08", BirthLevel.TWO_YEARS),
        ("1990-01-01", "1992-01-01", BirthLevel.TWO_YEARS),
        ("1998-03-21", "2004-11-08", BirthLevel.DIFFERENT),
        ("2000-02-29", "2000-02-29", BirthLevel.EQUAL),
        ("1990-05-05", "1990-05-06", BirthLevel.PART_WRONG),
    ],
)
def test_birth_dates(one: str, other: str, level: BirthLevel) -> None:
    assert compare_births(days(one), days(other))[0] == level
    assert compare_births(days(other), days(one))[0] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("", "2016-08-01", EntryLevel.MISSING),
        ("2016-08-14", "2016-08-14", EntryLevel.EQUAL),
        ("2016-08-14", "2016-08-01", EntryLevel.SAME_MONTH),
        ("2016-08-14", "2016-08-20", EntryLevel.TWO_MONTHS),
        ("2016-08-14", "2016-10-15", EntryLevel.TWO_MONTHS),
        ("2016-08-14", "2016-12-24", EntryLevel.SEVEN_MONTHS),
        ("2016-08-14", "2017-08-14", EntryLevel.DIFFERENT),
    ],
)
def test_days_of_entry(one: str, other: str, level: EntryLevel) -> None:
    assert compare_entries(days(one), days(other))[0] == level
    assert compare_entries(days(other), days(one))[0] == level


@pytest.mark.parametrize(
    ("one", "other", "wrong"),
    [
        ("160512012345", "160512012354", True),
        ("160512012345", "160512012845", True),
        ("160512012345", "16051201245", True),
        ("160512012345", "160512912945", False),
        ("160512012345", "160512012543", False),
        ("160512012345", "1605120123", False),
        ("160512012345", "171130998877", False),
    ],
    ids=range(7),
)
def test_typing_errors_of_numbers(one: str, other: str, wrong: bool) -> None:
    assert is_typing_error(one, other) is is_typing_error(other, one) is wrong
