"""Writes XLSX files with rows on sheets, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from examples.quirks import Cell


@contextmanager
def open_book(path: Path, day: date, *, large: bool = False) -> Iterator[Book]:
    """A workbook to write; `day` is its creation date, `large` keeps one row in memory."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": large}) as book:
        book.set_properties({"created": datetime.combine(day, time())})
        yield Book(book)


class Book:
    """A workbook being written, with the formats of its tables."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._header: Format = book.add_format({"bold": True})
        self._date: Format = book.add_format({"num_format": "dd.mm.yyyy"})

    def add_sheet(self, name: str) -> Worksheet:
        """A new sheet."""
        return self._book.add_worksheet(name)

    def write_table(
        self,
        sheet: Worksheet,
        header: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        first_row: int = 0,
    ) -> int:
        """Writes header and rows from `first_row` (0-based) on; returns the next free row."""
        sheet.write_row(first_row, 0, header, self._header)
        number = first_row
        for number, row in enumerate(rows, start=first_row + 1):
            for column, cell in enumerate(row):
                self._write_cell(sheet, number, column, cell)
        return number + 1

    def _write_cell(self, sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, str):
            sheet.write_string(row, column, cell)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, datetime.combine(cell, time()), self._date)
        elif cell is not None:
            sheet.write_number(row, column, cell)
