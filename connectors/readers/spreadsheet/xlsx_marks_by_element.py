"""The marks of an xlsx sheet by its elements, however they are spelled: slower than byte patterns, row by row. No texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.readers.spreadsheet.size_check import column_number

_PLACE = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")


def walked_marks(part: IO[bytes], zeros: Mapping[bytes, int]) -> SheetMarks:
    """The marks of a sheet; ``zeros`` are the styles that fill up numbers, with their width. Raises lxml's XMLSyntaxError.

    A row without a number stands below the one before, a cell without a place beside it.
    """
    marks = SheetMarks()
    number = 0
    for event, row in etree.iterparse(
        part, events=("start", "end"), tag="{*}row", resolve_entities=False, no_network=True
    ):
        if event == "start":
            stated = row.get("r", "")
            number = int(stated) if stated.isdecimal() and len(stated) < 9 else number + 1
            continue
        if row.get("hidden") in ("1", "true"):
            marks.hidden_rows.append(number)
        _mark_cells(row, number, marks, zeros)
        row.clear()
        while (before := row.getprevious()) is not None:
            before.getparent().remove(before)
    return marks


def _mark_cells(
    row: etree._Element, number: int, marks: SheetMarks, zeros: Mapping[bytes, int]
) -> None:
    column = -1
    for cell in row.iterchildren("{*}c"):
        stated = _PLACE.fullmatch(cell.get("r", ""))
        column = column_number(stated.group(1).upper().encode()) - 1 if stated else column + 1
        place = (int(stated.group(2)) if stated else number, column)
        if cell.get("t") == "e":
            marks.errors.append(place)
        if _is_unstored(cell):
            marks.unstored.append(place)
        if width := zeros.get(cell.get("s", "").encode()):
            marks.padded.setdefault(column, {})[place[0]] = width


def _is_unstored(cell: etree._Element) -> bool:
    """Whether there is a formula and no value; an empty text is a value if it says that it is a text."""
    if cell.find("{*}f") is None:
        return False
    value = cell.find("{*}v")
    return value is None or (not (value.text or "").strip() and cell.get("t") != "str")
