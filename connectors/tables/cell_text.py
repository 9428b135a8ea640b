"""The text of one workbook cell, as it would stand in a careful export. No meaning: a date stays a date in ISO form."""

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
    """Text of a cell value; 4711.0 is "4711", a date "2025-04-24", true "Wahr", a number has its decimal point."""
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


@lru_cache(4096)  # a column of minutes or amounts has few that differ
def number_text(value: float) -> str:
    """Text of a number that has or might have had a decimal point; Excel keeps 15 digits, more would be noise of the binary form."""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.15g}"
    return f"{value:.20f}".rstrip("0") if "e-" in text else text


def _duration_text(value: datetime.timedelta) -> str:
    seconds = round(value.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600:02d}:{seconds % 3600 // 60:02d}:{seconds % 60:02d}"
