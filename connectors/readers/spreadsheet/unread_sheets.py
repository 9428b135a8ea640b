"""Finds the sheets of a file that no mapping reads and that have rows of a wanted table, or may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice

from python_calamine import SheetTypeEnum

from connectors.readers.rows.fitting_header import choose_fitting, find_resembling
from connectors.readers.rows.header import SCANNED_ROWS, filled_cells
from connectors.readers.rows.two_line_header import wanted_header
from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.readers.spreadsheet.open_workbook import Workbook
from connectors.readers.spreadsheet.sheet_text import (
    SheetRow,
    SheetText,
    broken_sheet,
    guard_calamine,
    sheet_text,
)
from connectors.tables.cell_text import Cell
from connectors.tables.text_table import CannotRead, UnreadPart, Wanted


def find_unread_sheets(
    book: Workbook, read: Collection[str], visible: Collection[str], wanted: Sequence[Wanted]
) -> list[UnreadPart]:
    """The sheets that are not ``read``, hidden ones, too.

    A hidden one is only compared with tables without a name, of which the first sheet is read.
    """
    kinds = {sheet.name: sheet.typ for sheet in book.book.sheets_metadata}
    nameless = [want for want in wanted if want.table is None]
    found = []
    for name in book.book.sheet_names:
        if name in read:
            continue
        candidates = wanted if name in visible else nameless
        part = UnreadPart(name, is_visible=name in visible)
        if candidates and kinds.get(name) == SheetTypeEnum.WorkSheet:
            part = describe_sheet(_peek_sheet(book, name), candidates, part)
        found.append(part)
    return found


def describe_sheet(sheet: SheetText, wanted: Sequence[Wanted], part: UnreadPart) -> UnreadPart:
    """The part that a sheet is, with the wanted table that it has rows of, or may have."""
    rows = sheet.first_rows(SCANNED_ROWS)
    if fits := _find_fitting(sheet, rows, wanted):
        return replace(part, fits=fits)
    return replace(part, resembles=find_resembling(rows, wanted) if part.is_visible else None)


def _find_fitting(
    sheet: SheetText, rows: Sequence[SheetRow], wanted: Sequence[Wanted]
) -> str | None:
    """The wanted table whose header a sheet has, with rows below."""
    filled = [row for row, cells in rows if filled_cells(cells)]
    # Rows may also begin far below.
    beyond = islice(sheet.values, SCANNED_ROWS, None)
    last = SCANNED_ROWS + 1 if any(any(map(_is_filled, values)) for values in beyond) else 0
    found = []
    for want in wanted:
        try:
            header, after = wanted_header(rows, want, sheet.name, sheet.merged)
        except CannotRead:
            continue
        if _is_wide_enough(rows, want) and max((*filled, last)) > after:
            found.append((want.name, header))
    return choose_fitting(found)


def _is_wide_enough(rows: Sequence[tuple[int, Sequence[str]]], want: Wanted) -> bool:
    """Whether a sheet without a header of its own has as many columns as the mapping states."""
    return max((len(cells) for _, cells in rows), default=0) >= len(want.dialect.columns)


def _is_filled(value: Cell) -> bool:
    return not isinstance(value, str) or bool(value.strip())


def _peek_sheet(book: Workbook, name: str) -> SheetText:
    """A sheet without its marks, which say nothing about its header."""
    with guard_calamine(broken_sheet(name)):
        return sheet_text(book.book.get_sheet_by_name(name), SheetMarks())
