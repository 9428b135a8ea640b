"""Compares birth dates as offices write them: days that stand for unknown ones, parts exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from typing import TypeVar

import numpy as np

from warehouse.identity.levels import BirthLevel

_Level = TypeVar("_Level", bound=IntEnum)

# 1 January, 1 July and 31 December, as (month, day): entered for hundreds of thousands whose
# birthday nobody knew.
STAND_INS = ((1, 1), (7, 1), (12, 31))
# The solar calendar begins 79 days after 1 January.
_NEAR_DAYS, _TWO_YEARS_DAYS = 100, 800
# A year mistyped in its last digit but one is ten years off.
_MISTYPED_YEARS = 12


def is_stand_in(days: np.ndarray) -> np.ndarray:
    """Whether a birthday is one that offices enter for an unknown day."""
    month, day = month_of(days), day_of(days)
    return np.asarray(np.logical_or.reduce([(month == m) & (day == d) for m, d in STAND_INS]))


def is_known_day(born: date) -> bool:
    """Whether a birthday is none that offices enter for an unknown day."""
    return (born.month, born.day) not in STAND_INS


def exchange_day_and_month(days: np.ndarray) -> np.ndarray:
    """The days with day and month exchanged; NaT where that is no other day."""
    month, day = month_of(days), day_of(days)
    possible = (day <= 12) & (day != month)
    exchanged = _find_day(days, np.where(possible, day, 1), np.where(possible, month, 1))
    return np.where(possible, exchanged, np.datetime64("NaT"))


def _find_day(days: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The day of a month in the years of ``days``."""
    first = days.astype("datetime64[Y]").astype("datetime64[M]") + (month - 1)
    return np.asarray(first.astype("datetime64[D]") + (day - 1))


def compare_births(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The BirthLevel of two arrays of days."""
    same, years = one == other, np.abs(year_of(one) - year_of(other))
    stand_in = is_stand_in(one) | is_stand_in(other)
    # The first that is true decides.
    rules = {
        BirthLevel.MISSING: np.isnat(one) | np.isnat(other),
        BirthLevel.EQUAL: same & ~stand_in,
        BirthLevel.EQUAL_STAND_IN: same,
        BirthLevel.EXCHANGED: exchange_day_and_month(one) == other,
        BirthLevel.STAND_IN_SAME_YEAR: stand_in & (years == 0),
        BirthLevel.PART_WRONG: ~stand_in & _differ_in_one_part(one, other),
        BirthLevel.STAND_IN_NEXT_YEAR: stand_in & (years == 1),
        BirthLevel.NEAR: count_days(one, other) <= _NEAR_DAYS,
        BirthLevel.TWO_YEARS: count_days(one, other) <= _TWO_YEARS_DAYS,
    }
    return decide_level(rules, BirthLevel.DIFFERENT)


def count_days(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How many days lie between; not a number where one is unknown."""
    return np.asarray(np.abs((one - other) / np.timedelta64(1, "D")))


def decide_level(rules: Mapping[_Level, np.ndarray], other: _Level) -> np.ndarray:
    """The level of the first rule that is true of each pair, or ``other``."""
    levels = [np.int8(level) for level in rules]
    return np.select(list(rules.values()), levels, np.int8(other))


def year_of(days: np.ndarray) -> np.ndarray:
    """The years, counted from 1970."""
    return days.astype("datetime64[Y]").astype(np.int64)


def month_of(days: np.ndarray) -> np.ndarray:
    """The months from 1 to 12."""
    return np.asarray(days.astype("datetime64[M]").astype(np.int64) % 12 + 1)


def day_of(days: np.ndarray) -> np.ndarray:
    """The days of the month from 1."""
    return np.asarray((days - days.astype("datetime64[M]")).astype(np.int64) + 1)


def _differ_in_one_part(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether just the day, just the month or just the year (by a few) is another."""
    years = np.abs(year_of(one) - year_of(other))
    month, day = month_of(one) == month_of(other), day_of(one) == day_of(other)
    return np.asarray(np.where(month & day, years <= _MISTYPED_YEARS, (years == 0) & (month | day)))
