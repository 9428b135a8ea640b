"""Finds the marks of an xlsx sheet by parsing it: slower than byte patterns, for any spelling."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import IO

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import Place, SheetMarks
from connectors.readers.spreadsheet.size_check import column_number, free_element, stated_number

_PLACE = re.compile(r"(?P<column>[A-Za-z]{1,3})(?P<row>\d{1,7})")


def walked_marks(part: IO[bytes], zeros: Mapping[bytes, int]) -> SheetMarks:
    """The marks of a sheet; ``zeros`` maps the styles that fill up numbers to their width.

    A row without a number follows the one before, as does a cell without a place. Raises lxml's
    XMLSyntaxError.
    """
    marks = SheetMarks()
    number = 0
    for event, row in etree.iterparse(
        part, events=("start", "end"), tag="{*}row", resolve_entities=False, no_network=True
    ):
        if event == "start":
            number = stated_number(row.get("r", ""), 8, number + 1)
            continue
        if row.get("hidden") in ("1", "true"):
            marks.hidden_rows.append(number)
        _mark_cells(row, number, marks, zeros)
        free_element(row)
    return marks


def _mark_cells(
    row: etree._Element, number: int, marks: SheetMarks, zeros: Mapping[bytes, int]
) -> None:
    column = -1
    for cell in row.iterchildren("{*}c"):
        place = _stated_place(cell) or (number, column + 1)
        column = place[1]
        if cell.get("t") == "e":
            marks.errors.append(place)
        if _is_unstored(cell):
            marks.unstored.append(place)
        if cell.get("t", "n") == "n":
            marks.keep_digits(*place, cell.findtext("{*}v", "").strip())
        if width := zeros.get(cell.get("s", "").encode()):
            marks.pad_number(*place, width)


def _stated_place(cell: etree._Element) -> Place | None:
    stated = _PLACE.fullmatch(cell.get("r", ""))
    if stated is None:
        return None
    return int(stated["row"]), column_number(stated["column"].upper().encode()) - 1


def _is_unstored(cell: etree._Element) -> bool:
    """Whether a cell has a formula and no value; an empty text counts if it is typed as text."""
    if cell.find("{*}f") is None:
        return False
    value = cell.find("{*}v")
    return value is None or (not (value.text or "").strip() and cell.get("t") != "str")
