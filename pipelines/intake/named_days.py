"""Finds the days that a note names, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

_MONTHS = (
    "jan",
    "feb",
    "m(?:ä|ae)r",
    "apr",
    "mai",
    "jun",
    "jul",
    "aug",
    "sep",
    "okt",
    "nov",
    "dez",
)
_MONTH = "|".join(rf"(?P<m{number}>{name})" for number, name in enumerate(_MONTHS, 1))
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
_NUMBERS = re.compile(
    r"(?<![\d.])(?P<day>\d{1,2})(?:\.\s?(?P<month>\d{1,2})\.|/(?P<slashed>\d{1,2})/)"
    r"(?:\s?(?P<year>\d{4}|\d{2})\b(?!\.))?"
)
_WORDS = re.compile(
    rf"(?:\b(?P<day>\d{{1,2}})\.\s*)?\b(?:{_MONTH})[a-zä]*\.?(?:\s+(?P<year>\d{{4}}|\d{{2}})\b)?",
    re.IGNORECASE,
)
_ADDED = re.compile(r"\b(?:Nachtr(?:ag|äge)|Ergänz(?:ung|t)|PS|P\.\s?S\.|Update)\b", re.IGNORECASE)


class UnreadableDay(ValueError):
    """A note names a day that there cannot be."""


def find_last_named(note: str, last: date) -> date | None:
    """The latest day that a note names up to ``last``; None: none. UnreadableDay.

    A day without a year is the latest of that name, a month with its year stands for its end.
    """
    named = [day for day in _list_named(note, last) if day <= last]
    return max(named, default=None)


def is_added(note: str) -> bool:
    """Whether a note says that something was added to it later."""
    return _ADDED.search(note) is not None


def _list_named(note: str, last: date) -> Iterator[date]:
    for found in _ISO.finditer(note):
        yield _make_day(int(found["day"]), int(found["month"]), found["year"], last)
    for found in _NUMBERS.finditer(_ISO.sub(" ", note)):
        month = int(found["month"] or found["slashed"])
        yield _make_day(int(found["day"]), month, found["year"], last)
    for found in _WORDS.finditer(note):
        month = next(number for number in range(1, 13) if found[f"m{number}"])
        if found["day"]:
            yield _make_day(int(found["day"]), month, found["year"], last)
        elif found["year"]:
            yield _end_month(month, _full_year(found["year"]), last)


def _make_day(day: int, month: int, year: str | None, last: date) -> date:
    if year is None:
        return _find_latest(day, month, last)
    try:
        return date(_full_year(year), month, day)
    except ValueError as error:
        raise UnreadableDay from error


def _find_latest(day: int, month: int, last: date) -> date:
    """The latest day of this name up to ``last``; 29 February is in one of five years."""
    for year in range(last.year, last.year - 9, -1):
        with suppress(ValueError):
            found = date(year, month, day)
            if found <= last:
                return found
    raise UnreadableDay


def _end_month(month: int, year: int, last: date) -> date:
    """The last day of a month, or ``last`` within it."""
    try:
        first = date(year, month, 1)
    except ValueError as error:
        raise UnreadableDay from error
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return last if first <= last < end else end


def _full_year(year: str) -> int:
    return int(year) if len(year) > 2 else 2000 + int(year)
