"""Reads the tables of web pages that are named .xls; nothing is fetched or run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

from lxml import etree

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.two_line_header import Area
from connectors.readers.spreadsheet.html_cell import list_cells, shown_text
from connectors.readers.spreadsheet.html_page import not_a_table, parse_page
from connectors.readers.spreadsheet.html_strikes import HtmlStrikes
from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.readers.spreadsheet.row_remarks import RowRemarks
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.spreadsheet.size_check import stated_number
from connectors.readers.text.declared_encoding import declared_encoding
from connectors.readers.text.encoding import detect_encoding
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_MOST_ROWS = 65_534
_TITLED = etree.XPath("descendant-or-self::*[@title]")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)


def html_sheets(file: DeliveredFile, encoding: str | None) -> list[SheetText]:
    """The tables of a web page in its order, without those inside others.

    Raises CannotRead ``html`` for a page without a table, ``broken_file`` for a torn one, or
    ``too_large``.
    """
    text = detect_encoding(file, encoding or declared_encoding(file))
    found = []
    root = parse_page(file, text)
    strikes = HtmlStrikes(root)
    for number, table in enumerate(_outer_tables(root), 1):
        grid = _read_grid(table, file.limits, strikes)
        if any(map(any, grid.rows)):
            name = _caption_of(table) or f"Tabelle {number}"
            found.append(grid.make_sheet(name))
            found[-1].notices = text.notices()
    if not found:
        raise not_a_table()
    return found


def _outer_tables(root: etree._Element) -> Iterator[etree._Element]:
    for table in root.iter("table"):
        if next(table.iterancestors("table"), None) is None:
            yield table


def _caption_of(table: etree._Element) -> str:
    caption = table.find("caption")
    if caption is None:
        return ""
    return " ".join("".join(map(str, caption.itertext())).split())


def _read_grid(table: etree._Element, limits: Limits, strikes: HtmlStrikes) -> _Grid:
    grid = _Grid(limits, strikes)
    own_rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    for _, rows in groupby(own_rows, key=etree._Element.getparent):
        grid.add_section(list(rows))
    return grid


@dataclass
class _Grid:
    """The rows of a table, each as wide as it is; a cell over several has its text in the first."""

    limits: Limits
    strikes: HtmlStrikes
    rows: list[list[str]] = field(default_factory=list)
    merged: list[Area] = field(default_factory=list)
    marks: SheetMarks = field(default_factory=SheetMarks)
    remarks: RowRemarks = field(default_factory=RowRemarks)
    # The last row, from 0, that a cell further up covers, by column.
    covered: dict[int, int] = field(default_factory=dict)
    cells: int = 0

    def add_section(self, rows: Sequence[etree._Element]) -> None:
        """Adds the rows of one part of the table, beyond which no cell reaches."""
        last = len(self.rows) + len(rows) - 1
        for row in rows:
            self._add_row(row, last)
        self.covered.clear()

    def make_sheet(self, name: str) -> SheetText:
        """The table as a sheet, its rows filled up to the same width."""
        widths = [len(cells) for cells in self.rows]
        most = max(widths)
        if most * len(widths) > self.limits.cells:
            raise _reach_error()
        self.marks.remarks = self.remarks.list_remarks()
        padded = (cells + [""] * (most - len(cells)) for cells in self.rows)
        return SheetText(name, padded, marks=self.marks, merged=self.merged, widths=widths)

    def _add_row(self, row: etree._Element, last: int) -> None:
        cells: list[str] = []
        for cell in list_cells(row):
            self._skip_covered(cells)
            left = len(cells)
            cells += self._spread_cell(cell, left, last)
            if cells[left] and self.strikes.strikes_cell(cell):
                self.remarks.add_struck([len(self.rows) + 1])
            self.limits.check_columns(len(cells))
        self._skip_covered(cells)
        for titled in find_titled(row):
            self.remarks.add_note([len(self.rows) + 1], titled.get("title", ""))
        if _is_hidden(row) and any(cells):
            self.marks.hidden_rows.append(len(self.rows) + 1)
        self.rows.append(cells)
        self.cells += len(cells)
        if self.cells > self.limits.cells:
            raise _reach_error()

    def _skip_covered(self, cells: list[str]) -> None:
        while self.covered.get(len(cells), -1) >= len(self.rows):
            cells.append("")

    def _spread_cell(self, cell: etree._Element, left: int, last: int) -> list[str]:
        """The text of a cell and the blanks beside it; notes which cells it covers."""
        top = len(self.rows)
        right = left + max(1, min(_stated_span(cell, "colspan"), self.limits.columns)) - 1
        height = _stated_span(cell, "rowspan")
        # A height of 0 means all rows that are left.
        bottom = min(top + height - 1, last) if height else last
        if bottom > top:
            self.covered.update(dict.fromkeys(range(left, right + 1), bottom))
        if bottom > top or right > left:
            self.merged.append(((top, left), (bottom, right)))
        return [shown_text(cell), *[""] * (right - left)]


def find_titled(row: etree._Element) -> list[etree._Element]:
    """The elements of a row that show a note where somebody points at them, itself included."""
    return cast("list[etree._Element]", _TITLED(row))


def _stated_span(cell: etree._Element, name: str) -> int:
    return min(stated_number(cell.get(name, "1").strip(), 6, 1), _MOST_ROWS)


def _is_hidden(row: etree._Element) -> bool:
    """Whether a page does not show a row, or the part of the table that it is in."""
    section = row.getparent()
    parts = [row] if section is None or section.tag == "table" else [row, section]
    return any("hidden" in p.attrib or _HIDDEN.search(p.get("style", "")) for p in parts)


def _reach_error() -> CannotRead:
    return CannotRead("too_large", "Eine Tabelle der Webseite reicht weiter als erlaubt.")
