"""Converts the value of a workbook cell to text, as a careful export would write it.

Types carry no meaning here: a date becomes its ISO form.
"""

from __future__ import annotations

import datetime
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


# A column of minutes or amounts has few distinct values.
@lru_cache(4096)
def number_text(value: float) -> str:
    """The text of a number that has or might have had a decimal point.

    Excel keeps 15 digits; further ones would be noise of the binary form.
    """
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    return f"{value:.20f}".rstrip("0") if "e-" in text else text


def _duration_text(value: datetime.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, second = divmod(abs(seconds), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
