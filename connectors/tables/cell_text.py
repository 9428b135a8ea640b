"""Converts the value of a workbook cell to text, as a careful export would write it.

Types carry no meaning here: a date becomes its ISO form.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache

Cell = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)


def cell_text(value: Cell) -> str:
    """The text of a cell value.

    4711.0 becomes "4711", a date "2025-04-24", true "Wahr"; numbers have a decimal point.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "Wahr" if value else "Falsch"
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, datetime.timedelta):
        return _duration_text(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value)


_PLAIN = re.compile("[-+]?[0-9]+")
# From here on the binary form of a number no longer holds every whole number.
EXACT_BELOW = 2**53
# From here on a file may hold more digits than a spreadsheet program keeps.
LONG_FROM = 10**15


def long_number_text(written: str) -> str | None:
    """The text of a whole number of 16 or more digits, by the text of it in a file.

    All its digits where the file has them, else as written: of "1.23456789012346E+15" the last one
    is lost, and a program that writes "9123456789012340.0" may have rounded it to an even one. One
    that writes no sign before the power, as "1.2345E15", leaves out zeros only.
    None for any other number.
    """
    try:
        number = Decimal(written)
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) < LONG_FROM:
        return None
    if number != number.to_integral_value():
        return written
    if "e" in written.lower():
        has_all_digits = number.as_tuple().exponent <= 0 or "+" not in written  # type: ignore[operator]
        if not has_all_digits:
            return written
    if abs(number) >= EXACT_BELOW and not _PLAIN.fullmatch(written):
        return written
    return f"{number:.0f}"


def number_as_written(written: str) -> str:
    """A number of a text format: as written, but a long whole one with all digits it has there."""
    return long_number_text(written) or written


# A column of minutes or amounts has few distinct values.
@lru_cache(4096)
def number_text(value: float) -> str:
    """The text of a number that has or might have had a decimal point.

    Excel keeps 15 digits of it; further ones would be noise of the binary form. A whole number has
    all its digits up to where the binary form begins to skip some.
    """
    if value.is_integer() and abs(value) < EXACT_BELOW:
        return str(int(value))
    text = f"{value:.15g}"
    return f"{value:.20f}".rstrip("0") if "e-" in text else text


def _duration_text(value: datetime.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
