"""Reads numbers, durations and yes/no."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from math import isfinite

from mappings.engine.clean import clean_line, fold_text
from mappings.engine.outcome import NOTHING, Outcome, ReadText

_GERMAN_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?|[+-]?\d+(?:,\d+)?")
_POINT_NUMBER = re.compile(r"[+-]?\d+\.\d+")
# The days on which systems let time begin: Access, Excel, the Macintosh, Unix and .NET write a
# duration as a time of day of one of them.
_FIRST_DAYS = (
    r"(?:1899-12-3[01]|1904-01-01|1970-01-01|0001-01-01)[ t]"
    r"|(?:3[01]\.12\.1899|0?1\.0?1\.(?:1904|1970|0001)) "
)
_CLOCK = re.compile(rf"(?:{_FIRST_DAYS})?(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,]\d+)?)?")
_BELOW_ONE = re.compile(r"0[.,](\d+)")
_THOUSANDS = re.compile(r"([1-9])\.(\d{3})")
_ABOVE_A_DAY = re.compile(r"1[.,]\d{3,}")
_HOURS = re.compile(r"(\d+(?:,\d+)?) ?(?:h|std\.?|stunden?) ?(?:(\d+) ?(?:min\.?|minuten)?)?")
_MINUTES = re.compile(r"(\d+(?:,\d+)?) ?(?:min\.?|minuten)?")
_FLAGS: dict[str, bool | None] = {
    **dict.fromkeys(("ja", "j", "x", "wahr", "true", "1", "-1", "✓", "yes", "y"), True),
    **dict.fromkeys(("nein", "n", "falsch", "false", "0", "no"), False),
    **dict.fromkeys(("unbekannt", "k. a.", "k.a.", "ka", "-", "?")),
}
# What is not yes, whoever reads it.
NOT_YES = frozenset({"", *(text for text, value in _FLAGS.items() if value is not True)})
# What is a plain no.
NO = frozenset(text for text, value in _FLAGS.items() if value is False)
_DAY_MINUTES = 24 * 60
_DAY_HOURS = 24
UNREADABLE = Outcome(None, "unreadable_number")
HOURS = "hours_or_minutes"
_PLAIN_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")


def read_number(text: str) -> Outcome:
    """A number in German spelling (1.234,5) or with a decimal point and no thousands.

    Rule unreadable_number.
    """
    if not (value := clean_line(text)):
        return NOTHING
    if _GERMAN_NUMBER.fullmatch(value):
        number = _to_float(value.replace(".", ""))
    elif _POINT_NUMBER.fullmatch(value):
        number = float(value)
    else:
        return UNREADABLE
    return Outcome(number) if isfinite(number) else UNREADABLE


def read_minutes(text: str) -> Outcome:
    """A duration in whole minutes, at most a day: "90", "45,0", "1h30", "0:45", "1,5 Std.".

    Also a time of day, as "1899-12-31 00:45:00" or 0.03125 (a share of the day). Rules
    unreadable_number, hours_or_minutes: "1,5" without a unit.
    """
    value = clean_line(text).casefold()
    if not value:
        return NOTHING
    if _may_be_hours(value):
        return Outcome(None, HOURS)
    minutes = _parse_duration(value)
    if minutes is None or not 0 <= minutes <= _DAY_MINUTES:
        return UNREADABLE
    return Outcome(int(minutes + 0.5))


def read_hours(text: str) -> Outcome:
    """The same of a column that holds hours: a number without a unit is so many, "0,75" is 45.

    Rule unreadable_number.
    """
    hours = _read_plain(clean_line(text))
    if hours is None:
        return read_minutes(text)
    return Outcome(int(hours * 60 + 0.5)) if hours <= _DAY_HOURS else UNREADABLE


def find_hours(texts: Iterable[str], is_doubtful: Iterable[bool]) -> list[bool] | None:
    """Which durations of a column are hours as likely as minutes; None where no more than known.

    Beside "1,5" a plain "2" is doubtful, too, unless a number in the column is more than a day has
    hours. ``is_doubtful``: those with a fraction, which are doubtful by themselves.
    """
    if not any(doubted := list(is_doubtful)):
        return None
    numbers = [_read_plain(clean_line(text)) for text in texts]
    if max((number for number in numbers if number is not None), default=0) > _DAY_HOURS:
        return None
    return [known or bool(number) for known, number in zip(doubted, numbers, strict=True)]


def _may_be_hours(text: str) -> bool:
    """Whether a number without a unit is above 1 and has a fraction that minutes do not have."""
    number = _read_plain(text)
    if number is None or _THOUSANDS.fullmatch(text) or _ABOVE_A_DAY.fullmatch(text):
        return False
    return 1 < number <= _DAY_HOURS and number % 1 > 0


def _read_plain(text: str) -> float | None:
    return _to_float(text) if _PLAIN_NUMBER.fullmatch(text) else None


def _parse_duration(text: str) -> float | None:
    if m := _CLOCK.fullmatch(text):
        return int(m[1]) * 60 + int(m[2]) + int(m[3] or 0) / 60
    if m := _HOURS.fullmatch(text):
        return _to_float(m[1]) * 60 + float(m[2] or 0)
    if m := _BELOW_ONE.fullmatch(text):
        return _read_share(_to_float(text), len(m[1]))
    if m := _THOUSANDS.fullmatch(text):
        return _read_thousands(m[1], m[2])
    if _ABOVE_A_DAY.fullmatch(text):
        return None
    if m := _MINUTES.fullmatch(text):
        return _to_float(m[1])
    return float(text) if _POINT_NUMBER.fullmatch(text) else None


def _read_share(days: float, decimals: int) -> float | None:
    """The minutes of a time of day that a spreadsheet holds as a share of the day.

    Less than three decimals ("0,5") may as well be hours, and minutes come whole.
    """
    minutes = days * _DAY_MINUTES
    whole = round(minutes)
    return whole if not days or (decimals > 2 and abs(minutes - whole) < 0.1) else None


def _read_thousands(first: str, rest: str) -> float | None:
    """The minutes of "1.440", as any number with a point before three digits is read.

    A day has no more; "2.000" has decimals of a database, and what "1.000" has nobody knows.
    """
    whole = int(first + rest)
    if int(rest):
        return whole
    return float(first) if whole > _DAY_MINUTES else None


def _to_float(german: str) -> float:
    return float(german.replace(",", "."))


def flag_reader(values: Mapping[str, bool], empty: bool | None) -> ReadText:
    """A function that reads yes or no; rule unknown_code.

    ``values``: further words; ``empty``: the meaning of an empty cell (None: not recorded).
    """
    own: dict[str, bool | None] = {fold_text(text): value for text, value in values.items()}
    known = {**_FLAGS, "": empty, **own}

    def read_flag(text: str) -> Outcome:
        value = fold_text(text)
        return Outcome(known[value]) if value in known else Outcome(None, "unknown_code")

    return read_flag
