"""Hands the value of merged cells down to the rows that stay, before the row that holds it goes."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from copy import deepcopy

from lxml import etree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_AREA = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")
_SPANNED, _REPEATED = f"{_TABLE}number-rows-spanned", f"{_TABLE}number-columns-repeated"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")


def number_rows(sheet: etree._Element) -> dict[int, etree._Element]:
    """The rows of an xlsx sheet by their number; one that states none follows the one before."""
    rows: dict[int, etree._Element] = {}
    number = 0
    for row in sheet.iter(f"{_MAIN}row"):
        number = int(row.get("r", number + 1))
        rows[number] = row
    return rows


def hand_down_xlsx(sheet: etree._Element, going: Container[int]) -> None:
    """Moves the first cell of each merged area of a sheet into its first row that needs it."""
    rows = number_rows(sheet)
    for area in list(sheet.iter(f"{_MAIN}mergeCell")):
        match = _AREA.fullmatch(area.get("ref", ""))
        if match is None or int(match[2]) not in going:
            continue
        left, top, right, bottom = match[1], int(match[2]), match[3], int(match[4])
        cell = _find_cell(rows.get(top), f"{left}{top}")
        if cell is None:
            continue
        for number in _rows_below(top, bottom + 1, rows, going):
            place = f"{left}{number}"
            covered = _find_cell(rows[number], place)
            if not _is_filled(covered):
                _put_cell(cell, rows[number], place, covered)
                area.set("ref", f"{place}:{right}{bottom}")
                if place == f"{right}{bottom}":
                    _remove(area)
                break


def _rows_below(
    top: int, end: int, rows: Mapping[int, etree._Element], going: Container[int]
) -> Iterator[int]:
    """The rows of an area below its first one that stay."""
    for number in range(top + 1, min(end, max(rows) + 1)):
        if number in rows and number not in going:
            yield number


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


def _find_cell(row: etree._Element | None, place: str) -> etree._Element | None:
    cells = () if row is None else row.iter(f"{_MAIN}c")
    return next((cell for cell in cells if cell.get("r") == place), None)


def _is_filled(cell: etree._Element | None) -> bool:
    return cell is not None and bool("".join(map(str, cell.itertext())).strip())


def _put_cell(
    cell: etree._Element, row: etree._Element, place: str, covered: etree._Element | None
) -> None:
    """Moves a cell to a place of a row, which is in order of its columns."""
    if covered is not None:
        row.remove(covered)
    before = [other for other in row if _column_order(other.get("r", "")) < _column_order(place)]
    cell.set("r", place)
    row.insert(len(before), cell)


def _column_order(place: str) -> tuple[int, str]:
    letters = place.rstrip("0123456789")
    return len(letters), letters


def hand_down_ods(rows: Mapping[int, etree._Element], going: Container[int]) -> None:
    """The same for the rows of an OpenDocument table, by their number from 1."""
    for number, row in rows.items():
        if number in going:
            for column, cell in _list_spanning(row):
                end = number + int(cell.attrib.pop(_SPANNED, "1"))
                for below in _rows_below(number, end, rows, going):
                    covered = _cell_at(rows[below], column)
                    if covered is not None and not _is_filled(covered[1]):
                        _copy_cell(cell, *covered, column, end - below)
                        break


def _list_spanning(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """The cells of a row that cover others below, each with its column from 0."""
    for column, cell in _list_cells(row):
        if cell.get(_SPANNED, "1") != "1":
            yield column, cell


def _list_cells(row: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    column = 0
    for cell in list(row.iterchildren(*_CELLS)):
        yield column, cell
        column += int(cell.get(_REPEATED, "1"))


def _cell_at(row: etree._Element, column: int) -> tuple[int, etree._Element] | None:
    """The cell that a column is part of, with its first column."""
    found = [(first, cell) for first, cell in _list_cells(row) if first <= column]
    return found[-1] if found else None


def _copy_cell(
    cell: etree._Element, first: int, covered: etree._Element, column: int, height: int
) -> None:
    """Puts a copy of a cell that spans so many rows in place of a covered one, or of one of them."""
    after = int(covered.get(_REPEATED, "1")) - (column - first) - 1
    new = deepcopy(cell)
    new.set(_SPANNED, str(height))
    once = deepcopy(covered)
    once.attrib.pop(_REPEATED, "")
    for part in (*[once] * (column - first), new, *[once] * max(after, 0)):
        covered.addprevious(deepcopy(part))
    _remove(covered)
