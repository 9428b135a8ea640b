"""Writes XLSX files with rows on sheets, the same bytes every time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from types import TracebackType

import xlsxwriter  # type: ignore[import-untyped]
from xlsxwriter.format import Format  # type: ignore[import-untyped]
from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from examples.quirks import Cell


class Book:
    """One workbook to write; `day` is its creation date, `large` keeps one row in memory."""

    def __init__(self, path: Path, day: date, *, large: bool = False) -> None:
        book = self._book = xlsxwriter.Workbook(str(path), {"constant_memory": large})
        book.set_properties({"created": datetime.combine(day, time())})
        self._header: Format = book.add_format({"bold": True})
        self._date: Format = book.add_format({"num_format": "dd.mm.yyyy"})

    def __enter__(self) -> Book:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._book.close()

    def add_sheet(self, name: str, *, hidden: bool = False) -> Worksheet:
        """A new sheet."""
        sheet = self._book.add_worksheet(name)
        if hidden:
            sheet.hide()
        return sheet

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
