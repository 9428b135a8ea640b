"""Reads workbooks (xlsx, xlsm, xls, ods) as text tables; formulas and macros are never run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import starmap
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.csv.arrow_parser import measure_longest
from connectors.readers.delivered_file import HEADER_RULES, DeliveredFile, Tables
from connectors.readers.rows.data_rows import DataRows, OtherBlock
from connectors.readers.rows.header import SCANNED_ROWS, Header, filled_cells
from connectors.readers.rows.table_names import is_named
from connectors.readers.rows.two_line_header import wanted_header
from connectors.readers.spreadsheet.enaio_export import (
    LINEAR_SHEET,
    is_object_export,
    object_export_tables,
)
from connectors.readers.spreadsheet.merged_cells import MergedCells
from connectors.readers.spreadsheet.odd_rows import Odd, OddRows, part_rows
from connectors.readers.spreadsheet.open_workbook import (
    Workbook,
    hidden_notice,
    hidden_sheets,
    open_workbook,
    read_sheet,
    visible_sheets,
)
from connectors.readers.spreadsheet.sheet_text import SheetText, Values, iterate_rows
from connectors.readers.spreadsheet.unread_sheets import describe_sheet, find_unread_sheets
from connectors.tables.limits import Limits
from connectors.tables.text_table import (
    Batch,
    CannotRead,
    Notice,
    TextTable,
    UnreadableTable,
    UnreadPart,
    Wanted,
)


def workbook_tables(
    content: Path | IO[bytes],
    file: DeliveredFile,
    wanted: Sequence[Wanted],
    password: str | None = None,
) -> Tables:
    """The wanted sheets of a workbook; a sheet that is missing or has no fitting header is refused.

    A refused sheet is yielded as ``UnreadableTable``. Only visible sheets are read; the hidden ones
    are named in a notice of the first table. Raises CannotRead for the file.
    """
    with open_workbook(content, password, file.limits) as book:
        names = visible_sheets(book)
        hidden = hidden_sheets(book)
        if is_object_export(names):
            sheets = {name: read_sheet(book, name) for name in names}
            yield from object_export_tables(sheets, file, wanted)
            return
        beside = find_unread_sheets(book, _find_read(names, wanted), names, wanted)
        for want in wanted:
            for table in _read_sheets(book, names, file, want):
                if isinstance(table, TextTable):
                    table.notices[:0] = hidden
                    hidden, table.beside = [], beside
                yield table


def _read_sheets(
    book: Workbook, visible: Sequence[str], file: DeliveredFile, want: Wanted
) -> Tables:
    """The sheets that are one wanted table; of several, those without any content are no part."""
    try:
        names = _sheets_for(visible, want)
    except CannotRead as error:
        yield UnreadableTable(file.shown, want.name, error.sheet, error)
        return
    for name in names:
        try:
            sheet = read_sheet(book, name)
            if len(names) == 1 or _has_content(sheet):
                yield _make_table(sheet, file, want, [])
        except CannotRead as error:
            yield UnreadableTable(file.shown, want.name, error.sheet, error)


def _has_content(sheet: SheetText) -> bool:
    return any(filled_cells(cells) for _, cells in sheet.first_rows(SCANNED_ROWS))


def _find_read(visible: Sequence[str], wanted: Sequence[Wanted]) -> set[str]:
    """The sheets that are read for one of the wanted tables."""
    read = set()
    for want in wanted:
        with suppress(CannotRead):
            read.update(_sheets_for(visible, want))
    return read


def loose_tables(
    sheets: Sequence[SheetText], file: DeliveredFile, wanted: Sequence[Wanted]
) -> Tables:
    """The wanted tables of sheets outside a workbook: by name, or the first with a fitting header.

    Raises CannotRead for any refusal but those of a header.
    """
    shown = [sheet for sheet in sheets if not sheet.is_hidden]
    hidden = hidden_notice(sheet.name for sheet in sheets if sheet.is_hidden)
    held = [(sheet, list(sheet.values)) for sheet in shown]
    beside: list[UnreadPart] = []
    read: set[int] = set()
    for want in wanted:
        fresh = list(starmap(_read_again, held))
        for table in _read_loose(fresh, file, want, read):
            if isinstance(table, TextTable):
                table.notices[:0] = hidden
                hidden, table.beside = [], beside
            yield table
    left = [_read_again(*one) for at, one in enumerate(held) if at not in read]
    left += [sheet for sheet in sheets if sheet.is_hidden]
    beside += map(partial(_describe_left, wanted), left)


def _read_again(sheet: SheetText, rows: Sequence[Values]) -> SheetText:
    return replace(sheet, values=iter(rows))


def _read_loose(
    sheets: Sequence[SheetText], file: DeliveredFile, want: Wanted, read: set[int]
) -> Tables:
    """The first fitting of the sheets that may be a wanted table; all that are where it has several."""
    named = [at for at, sheet in enumerate(sheets) if is_named(sheet.name, want)]
    is_several = want.sheets and named
    for places in [[at] for at in named] if is_several else [named or list(range(len(sheets)))]:
        yield _first_fitting(sheets, places, file, want, read)


def _describe_left(wanted: Sequence[Wanted], sheet: SheetText) -> UnreadPart:
    part = UnreadPart(sheet.name, is_visible=not sheet.is_hidden)
    return describe_sheet(sheet, wanted, part)


def _first_fitting(
    sheets: Sequence[SheetText],
    places: Sequence[int],
    file: DeliveredFile,
    want: Wanted,
    read: set[int],
) -> TextTable | UnreadableTable:
    """The table of the first of some sheets that has a fitting header, else the first refusal.

    Adds the place of the sheet to those that are ``read``.
    """
    refused = []
    for at in places:
        try:
            table = _make_table(sheets[at], file, want, [])
        except CannotRead as error:
            if error.rule not in HEADER_RULES:
                raise
            refused.append(error)
        else:
            read.add(at)
            return table
    none = CannotRead("sheet_missing", "Die Datei enthält keine Tabelle.")
    first = next(iter(refused), none)
    return UnreadableTable(file.shown, want.name, first.sheet, first)


def _sheets_for(visible: Sequence[str], want: Wanted) -> list[str]:
    """The visible sheets a mapping wants, or the only sheet of enaio's linear export.

    They are several only where the mapping says so.
    """
    found = [name for name in visible if want.table is None or is_named(name, want)]
    if found:
        return found if want.sheets else found[:1]
    if list(visible) == [LINEAR_SHEET]:
        return [LINEAR_SHEET]
    wished = "“ oder „".join(want.sheets) or want.table
    named = f"Das Blatt „{wished}“" if wished else "Ein sichtbares Blatt"
    listed = ", ".join(f"„{name}“" for name in visible) or "keine"
    raise CannotRead(
        "sheet_missing",
        f"{named} fehlt in der Arbeitsmappe. Sichtbar sind: {listed}. "
        "Bitte das Blatt wieder anlegen, einblenden oder die Zuordnung anpassen.",
        sheet=want.table,
    )


def _make_table(
    sheet: SheetText, file: DeliveredFile, want: Wanted, hidden: Sequence[Notice]
) -> TextTable:
    first = sheet.first_rows(max(SCANNED_ROWS, want.dialect.header_row or 0))
    try:
        header, after = wanted_header(first, want, sheet.name, sheet.merged)
    except CannotRead as error:
        error.sheet = sheet.name
        raise
    return sheet_table(file, want.name, sheet, header, after, hidden)


def sheet_table(
    file: DeliveredFile,
    name: str,
    sheet: SheetText,
    header: Header,
    after: int,
    notices: Sequence[Notice],
) -> TextTable:
    """The table of a sheet whose header is known and whose data are below row ``after``."""
    told = [*notices, *sheet.notices]
    merged, odd = MergedCells(header, after, sheet.merged), OddRows(header, sheet.widths)
    reader = _BatchReader(DataRows(header), told, file.limits, sheet, merged, odd)
    table = header.make_table(
        file=file.shown,
        name=name,
        sheet=sheet.name,
        batches=reader.read_batches(after),
        notices=reader.notices,
        title=sheet.name,
    )
    table.day_zero = sheet.marks.day_zero
    table.remarks = sheet.marks.remarks
    return table


@dataclass
class _BatchReader:
    """Fits the columns of a sheet to its header.

    Missing columns are filled up; cells right of the table are left out with a notice.
    """

    data: DataRows
    notices: list[Notice]
    limits: Limits
    sheet: SheetText
    merged: MergedCells
    odd: OddRows
    beside: int = 0
    first_beside: int | None = None

    def read_batches(self, after: int) -> Iterator[Batch]:
        for columns, rows in self.sheet.read_columns(after):
            odd = self.odd.find_rows(columns, rows)
            yield from self._make_batches(self._fit_columns(columns, rows), rows, odd)
        self.notices += self.data.notices()
        self.notices += [*self._mark_notices(), *self.merged.notices()]
        self.notices += self._beside_notices()

    def _fit_columns(self, columns: list[pa.Array], rows: np.ndarray) -> list[pa.Array]:
        lacking = self.data.width - len(columns)
        if lacking > 0:
            return columns + [pa.array([""] * len(rows), pa.string())] * lacking
        self._count_beside(columns[self.data.width :], rows)
        return columns[: self.data.width]

    def _make_batches(self, columns: list[pa.Array], rows: np.ndarray, odd: Odd) -> Iterator[Batch]:
        most = self.limits.cell_chars
        try:
            if self.data.is_rearranged or any(measure_longest(c) > most for c in columns):
                raise OtherBlock
            kept = self.data.keep_columns(columns, rows)
        except OtherBlock:
            self.merged.leave_values(columns, rows)
            numbered = enumerate(iterate_rows(columns, rows))
            own = ((row, odd[i].cells if i in odd else cells, "") for i, (row, cells) in numbered)
            yield from self.data.batch_rows(own, most)
            return
        columns = self.merged.carry_values(columns, rows, kept)
        kept, ragged = part_rows(kept, odd, len(rows))
        if kept is not None:
            columns, rows = [column.take(pa.array(kept)) for column in columns], rows[kept]
        if len(rows) or ragged:
            yield self.data.make_batch(columns, rows, ragged)

    def _count_beside(self, columns: Sequence[pa.Array], rows: np.ndarray) -> None:
        filled = np.zeros(len(rows), dtype=bool)
        for column in columns:
            lengths = pc.utf8_length(pc.utf8_trim_whitespace(column))
            filled |= pc.greater(lengths, 0).to_numpy(zero_copy_only=False)
        if filled.any():
            self.beside += int(filled.sum())
            self.first_beside = self.first_beside or int(rows[filled.argmax()])

    def _beside_notices(self) -> Iterator[Notice]:
        if self.first_beside is not None:
            yield Notice(
                "beside_table",
                f"In {self.beside} Zeilen, zuerst in Zeile {self.first_beside}, stehen Angaben "
                "rechts neben der Tabelle; sie wurden nicht übernommen.",
                row=self.first_beside,
            )

    def _mark_notices(self) -> list[Notice]:
        """Notices of hidden rows and of cells whose value the file does not hold, within data."""
        header, marks = self.data.header, self.sheet.marks
        columns = {
            place: name
            for place, name in enumerate(header.names, self.sheet.first_column)
            if name not in header.unknown
        }
        rows = {*marks.hidden_rows, *(row for row, _ in (*marks.unstored, *marks.errors))}
        rows = rows.difference(self.data.left_out)
        return marks.notices(columns, frozenset(row for row in rows if row > header.row))
