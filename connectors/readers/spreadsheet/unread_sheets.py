"""Finds the sheets of a file that no mapping reads and that have rows of a wanted table, or may."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from python_calamine import SheetTypeEnum

from connectors.readers.rows.fitting_header import choose_fitting, find_resembling
from connectors.readers.rows.header import SCANNED_ROWS, filled_cells
from connectors.readers.rows.two_line_header import wanted_header
from connectors.readers.rows.watched_part import find_watch, has_watched_cells, has_watched_header
from connectors.readers.spreadsheet.mark_positions import SheetMarks
from connectors.readers.spreadsheet.open_workbook import Workbook
from connectors.readers.spreadsheet.sheet_text import (
    SheetRow,
    SheetText,
    broken_sheet,
    guard_calamine,
    iterate_rows,
    sheet_text,
)
from connectors.tables.text_table import CannotRead, UnreadPart, Wanted
from connectors.tables.unread_watch import UnreadWatch


def find_unread_sheets(
    book: Workbook, read: Collection[str], visible: Collection[str], wanted: Sequence[Wanted]
) -> list[UnreadPart]:
    """The sheets that are not ``read``, hidden ones, too."""
    kinds = {sheet.name: sheet.typ for sheet in book.book.sheets_metadata}
    found = []
    for name in book.book.sheet_names:
        if name in read:
            continue
        part = UnreadPart(name, is_visible=name in visible)
        if wanted and kinds.get(name) == SheetTypeEnum.WorkSheet:
            part = describe_sheet(_peek_sheet(book, name), wanted, part)
        found.append(part)
    return found


def describe_sheet(sheet: SheetText, wanted: Sequence[Wanted], part: UnreadPart) -> UnreadPart:
    """The part that a sheet is, with the wanted table that it has rows of, or may have."""
    rows = sheet.first_rows(SCANNED_ROWS)
    watch = find_watch(wanted)
    rest = _look_through(sheet, watch, is_hidden=not part.is_visible)
    is_watched = rest.is_watched or bool(watch and has_watched_header(watch, rows, sheet.name))
    part = replace(part, is_watched=is_watched)
    if fits := _find_fitting(sheet, rows, wanted, rest.last_row):
        return replace(part, fits=fits)
    return replace(part, resembles=find_resembling(rows, wanted) if part.is_visible else None)


class _Rest(NamedTuple):
    """What a sheet has beside its first rows; ``last_row`` is filled, 0 where none is known."""

    last_row: int = 0
    is_watched: bool = False


def _look_through(sheet: SheetText, watch: UnreadWatch | None, *, is_hidden: bool) -> _Rest:
    """Reads a sheet to its end, or until nothing more can be found out."""
    last_row = 0
    for columns, numbers in sheet.read_columns(0):
        if not last_row and numbers[-1] > SCANNED_ROWS:
            last_row = _find_filled(columns, numbers)
        if watch is None and last_row:
            break
        if watch and has_watched_cells(watch, columns, is_hidden=is_hidden):
            return _Rest(last_row or int(numbers[-1]), is_watched=True)
    return _Rest(last_row)


def _find_filled(columns: Sequence[pa.Array], numbers: np.ndarray) -> int:
    """The number of a filled row beyond the first ones; rows may also begin far below."""
    rows = iterate_rows(columns, numbers)
    return next((n for n, cells in rows if n > SCANNED_ROWS and filled_cells(cells)), 0)


def _find_fitting(
    sheet: SheetText, rows: Sequence[SheetRow], wanted: Sequence[Wanted], last: int
) -> str | None:
    """The wanted table whose header a sheet has, with rows below; ``last`` is one far below."""
    filled = [row for row, cells in rows if filled_cells(cells)]
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


def _peek_sheet(book: Workbook, name: str) -> SheetText:
    """A sheet without its marks, which say nothing about its header."""
    with guard_calamine(broken_sheet(name)):
        return sheet_text(book.book.get_sheet_by_name(name), SheetMarks())
