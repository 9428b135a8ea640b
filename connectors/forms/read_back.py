"""Reads a filled form with another reader and compares every cell with what it should hold."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineSheet, CalamineWorkbook

from connectors.documents.cell_place import Place
from connectors.documents.german_format import day_text
from connectors.forms.formula_values import FormulaValues

Value = int | float | str | bool | date | time | timedelta | None
Key = tuple[str, Place]
_TIMES = (date, time, timedelta)
_DAY_ZERO, _DAY = datetime(1899, 12, 30), timedelta(days=1)


@dataclass(frozen=True)
class Difference:
    """A cell that does not hold what it should."""

    sheet: str
    cell: str
    expected: Value
    found: Value

    def __str__(self) -> str:
        return f"{self.sheet}!{self.cell}: {self.found!r}, should be {self.expected!r}"


def compare_cells(
    form: bytes, filled: bytes, wanted: Mapping[Key, Value], formulas: FormulaValues
) -> list[Difference]:
    """All cells that differ: filled ones from ``wanted``, all others from the form's own.

    The values of formulas are those that were computed; a cell without one must be empty.
    """
    before, after = _read_cells(form), _read_cells(filled)
    expected = {**before, **formulas.computed, **wanted}
    for key in formulas.errors:
        # The reader gives an error as text or as nothing, as it likes.
        expected.pop(key), after.pop(key, None)
    return list(_list_differences(expected, after))


def _list_differences(
    expected: Mapping[Key, Value], found: Mapping[Key, Value]
) -> Iterator[Difference]:
    for key in sorted(expected.keys() | found.keys()):
        want, have = expected.get(key), found.get(key)
        if not _agree(want, have):
            yield Difference(key[0], str(key[1]), want, have)


def _agree(want: Value, have: Value) -> bool:
    if isinstance(want, date) and not isinstance(have, date):
        return have == day_text(want)
    if isinstance(want, int | float):
        return _agree_number(want, have)
    return (want or None) == (have or None)


def _agree_number(want: float, have: Value) -> bool:
    if isinstance(have, _TIMES):
        # A number that its cell shows as a day; in some workbooks days count from 1904.
        return any(_are_close(want, _day_count(have) - shift) for shift in (0, 1462))
    if isinstance(have, int | float):
        return _are_close(want, have)
    return not want and not have


def _are_close(one: float, other: float) -> bool:
    # Excel itself keeps fifteen digits.
    return abs(one - other) <= 1e-12 * max(abs(one), abs(other))


def _day_count(shown: Value) -> float:
    match shown:
        case datetime():
            return (shown - _DAY_ZERO) / _DAY
        case date():
            return (shown - _DAY_ZERO.date()) / _DAY
        case time():
            return (datetime.combine(_DAY_ZERO, shown) - _DAY_ZERO) / _DAY
        case timedelta():
            return shown / _DAY
    raise TypeError


def _read_cells(content: bytes) -> dict[Key, Value]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {
        (name, place): value
        for name in book.sheet_names
        for place, value in _list_values(book.get_sheet_by_name(name))
    }


def _list_values(sheet: CalamineSheet) -> Iterator[tuple[Place, Value]]:
    top, left = sheet.start or (0, 0)
    for r, row in enumerate(sheet.to_python(skip_empty_area=True), top + 1):
        for c, value in enumerate(row, left + 1):
            if value != "":
                yield Place(r, c), value
