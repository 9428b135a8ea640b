"""Reads dates as German offices write them; text that is no date is a finding, never a guess.

Spellings are from exports of Excel, Access and enaio; placeholders are the usual "empty" days of
such systems.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from mappings.engine.clean import clean_line
from mappings.engine.outcome import NOTHING, Outcome, ReadText

_GERMAN = re.compile(
    r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4}|\d{2})"
    r"(?:[ ,T]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?: Uhr)?"
)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:(Z)|([+-]\d{2}):?(\d{2})?)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_NO_DAY = re.compile(r"(?:ca\.? ?)?(?:\d{1,2}[./])?\d{4}|[A-Za-zäöüÄÖÜ]+\.? \d{4}")
_PLACEHOLDER_YEARS = {"0000", "0001", "9999"}
_PLACEHOLDERS = {date(1900, 1, 1), date(1899, 12, 30), date(1899, 12, 31)}
_LAST_DAY = ("9999", "12", "31")
# The day from which spreadsheets count, unless one says otherwise.
DAY_ZERO = date(1899, 12, 30)
_LOCAL = ZoneInfo("Europe/Berlin")
# Before, Germany had no summer time in most years, but programs reckon with that of today.
_SUMMER_TIME_FROM = 1980
PLACEHOLDER = Outcome(None, "placeholder_date")


def date_reader(
    *,
    serial: bool = False,
    past: bool = False,
    today: date | None = None,
    day_zero: date = DAY_ZERO,
) -> ReadText:
    """A function that reads one date.

    ``serial`` admits day numbers of a spreadsheet (five digits), counted from ``day_zero``. A moment
    with a zone is on the day that it has here. ``past`` refuses days after ``today`` and
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
            return _check_day(day_zero + timedelta(days=int(number[1])), past, today)
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
    if m := _COMPACT.fullmatch(value):
        return m[1], m[2], m[3]
    if m := _ISO.fullmatch(value):
        return _local_day(m) if m[7] or m[8] else (m[1], m[2], m[3])
    return None


def _local_day(m: re.Match[str]) -> tuple[str, str, str]:
    """Year, month and day that a moment with a zone has here.

    As written where it is midnight in a zone of its own: there it is a day and no moment.
    """
    written = m[1], m[2], m[3]
    hours, minutes = int(m[8] or 0), int(m[9] or 0)
    offset = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
    year, month, day, hour, minute, second = (int(part or 0) for part in m.groups()[:6])
    if offset and not (hour or minute or second):
        return written
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - offset
        local = moment.astimezone(_LOCAL)
    except (ValueError, OverflowError):
        return written
    is_midnight = moment.hour in (22, 23) and not (moment.minute or moment.second)
    if moment.year < _SUMMER_TIME_FROM and is_midnight:
        local = moment + timedelta(days=1)
    return f"{local.year:04}", f"{local.month:02}", f"{local.day:02}"


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
