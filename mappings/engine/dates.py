"""Reads dates as German offices write them; text that is no date is a finding, never a guess.

Spellings are from exports of Excel, Access and enaio; placeholders are the usual "empty" days of
such systems.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mappings.engine.clean import clean_line
from mappings.engine.outcome import NOTHING, Outcome, ReadText

_GERMAN = re.compile(
    r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4}|\d{2})"
    r"(?:[ ,T]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?: Uhr)?"
)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_NO_DAY = re.compile(r"(?:ca\.? ?)?(?:\d{1,2}[./])?\d{4}|[A-Za-zäöüÄÖÜ]+\.? \d{4}")
_PLACEHOLDER_YEARS = {"0000", "0001", "9999"}
_PLACEHOLDERS = {date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31)}
_LAST_DAY = ("9999", "12", "31")
_EXCEL_DAY_ZERO = date(1899, 12, 30)
PLACEHOLDER = Outcome(None, "placeholder_date")


def date_reader(*, serial: bool = False, past: bool = False, today: date | None = None) -> ReadText:
    """A function that reads one date.

    ``serial`` admits Excel day numbers (five digits). ``past`` refuses days after ``today`` and
    reads two-digit years so that they are not in the future (births). Rules: impossible_date,
    placeholder_date, imprecise_date, unreadable_date, future_date.
    """

    def read_date(text: str) -> Outcome:
        value = clean_line(text)
        if not value:
            return NOTHING
        if not value.strip("0"):
            return PLACEHOLDER
        if parts := _date_parts(value):
            return _read_parts(*parts, past, today)
        if serial and (number := _SERIAL.fullmatch(value)):
            return _check_day(_EXCEL_DAY_ZERO + timedelta(days=int(number[1])), past, today)
        return Outcome(None, "imprecise_date" if _NO_DAY.fullmatch(value) else "unreadable_date")

    return read_date


def is_no_day(text: str) -> bool:
    """Whether a cell is empty, or holds one of the days by which systems say that it is.

    These are a day of zeros alone ("00.00.0000", "00000000") and 31.12.9999, with or without time.
    """
    value = clean_line(text)
    parts = _date_parts(value)
    if parts is None:
        return not value
    return parts == _LAST_DAY or not "".join(parts).strip("0")


def _read_parts(year: str, month: str, day: str, past: bool, today: date | None) -> Outcome:
    if year in _PLACEHOLDER_YEARS or not (month + day).strip("0"):
        return PLACEHOLDER
    try:
        full = date(_full_year(year, past, today), int(month), int(day))
    except ValueError:
        return Outcome(None, "impossible_date")
    return _check_day(full, past, today)


def _date_parts(value: str) -> tuple[str, str, str] | None:
    if m := _GERMAN.fullmatch(value):
        return m[3], m[2], m[1]
    if m := _ISO.fullmatch(value) or _COMPACT.fullmatch(value):
        return m[1], m[2], m[3]
    return None


def _full_year(year: str, past: bool, today: date | None) -> int:
    if len(year) == 4:
        return int(year)
    # A birth is never ahead; other days (a deadline) may be some years ahead, but not a lifetime.
    this_year = (today or date.today()).year
    full = this_year // 100 * 100 + int(year)
    return full - 100 if full > this_year + (0 if past else 20) else full


def _check_day(day: date, past: bool, today: date | None) -> Outcome:
    if day in _PLACEHOLDERS:
        return PLACEHOLDER
    if past and day > (today or date.today()):
        return Outcome(None, "future_date")
    return Outcome(day)
