"""Workbooks (xlsx, xlsm, xls, ods) as text tables, one per wanted sheet. Formulas and macros are never run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.csv.arrow_parser import measure_longest
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import (
    SCANNED_ROWS,
    Header,
    header_at,
    normalize_name,
    stated_row,
)
from connectors.readers.rows.two_line_header import Merged, found_header, join_rows
from connectors.readers.spreadsheet.enaio_export import (
    LINEAR_SHEET,
    is_object_export,
    object_export_tables,
)
from connectors.readers.spreadsheet.open_workbook import (
    hidden_sheets,
    open_workbook,
    read_sheet,
    visible_sheets,
)
from connectors.readers.spreadsheet.sheet_text import SheetRow, SheetText
from connectors.tables.limits import Limits
from connectors.tables.text_table import (
    Batch,
    CannotRead,
    Notice,
    TextTable,
    UnreadableTable,
    Wanted,
)

SHEET_REFUSALS = ("column_missing", "duplicate_header", "header_row_missing")


def workbook_tables(
    content: Path | IO[bytes],
    shown_as: str,
    wanted: Sequence[Wanted],
    limits: Limits,
    password: str | None = None,
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted sheets of a workbook; a sheet that is missing or has no fitting header is yielded as unreadable.

    Only visible sheets are read; the hidden ones are named in a notice of the first table. Raises CannotRead for the file.
    """
    with open_workbook(content, password, limits) as book:
        names = visible_sheets(book)
        hidden = hidden_sheets(book)
        if is_object_export(names):
            sheets = {name: read_sheet(book, name) for name in names}
            yield from object_export_tables(sheets, shown_as, wanted, limits)
            return
        for want in wanted:
            try:
                name = _sheet_for(names, want)
                table = _make_table(read_sheet(book, name), shown_as, want, limits, hidden)
                hidden = []
                yield table
            except CannotRead as error:
                yield UnreadableTable(shown_as, want.name, error.sheet, error)


def loose_tables(
    sheets: Sequence[SheetText], shown_as: str, wanted: Sequence[Wanted], limits: Limits
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted tables of sheets that came from no workbook: by name, or each by the header it needs."""
    held = [(sheet, list(sheet.values)) for sheet in sheets]
    for want in wanted:
        sheets = [replace(sheet, values=iter(rows)) for sheet, rows in held]
        named = [
            s
            for s in sheets
            if want.table is not None and normalize_name(s.name) == normalize_name(want.table)
        ]
        refused: CannotRead | None = None
        for sheet in named or sheets:
            try:
                yield _make_table(sheet, shown_as, want, limits, [])
                break
            except CannotRead as error:
                if error.rule not in SHEET_REFUSALS:
                    raise
                refused = refused or error
        else:
            reason = refused or CannotRead(
                "sheet_missing", "Die Datei enthält keine Tabelle.", table=want.name
            )
            yield UnreadableTable(shown_as, want.name, reason.sheet, reason)


def _sheet_for(visible: Sequence[str], want: Wanted) -> str:
    if want.table is None:
        if visible:
            return visible[0]
    else:
        for name in visible:
            if normalize_name(name) == normalize_name(want.table):
                return name
        if list(visible) == [LINEAR_SHEET]:
            return LINEAR_SHEET
    named = f"Das Blatt „{want.table}“" if want.table else "Ein sichtbares Blatt"
    raise CannotRead(
        "sheet_missing",
        f"{named} fehlt in der Arbeitsmappe. Sichtbar sind: {', '.join(f'„{v}“' for v in visible) or 'keine'}. "
        "Bitte das Blatt wieder anlegen, einblenden oder die Zuordnung anpassen.",
        table=want.name,
        sheet=want.table,
    )


def _make_table(
    sheet: SheetText, shown_as: str, want: Wanted, limits: Limits, hidden: Sequence[Notice]
) -> TextTable:
    first = sheet.first_rows(max(SCANNED_ROWS, want.dialect.header_row or 0))
    try:
        header, after = wanted_header(first, want, sheet.name, sheet.merged)
    except CannotRead as error:
        error.sheet, error.table = sheet.name, want.name
        raise
    return sheet_table(shown_as, want, sheet, header, after, limits, hidden)


def wanted_header(
    first: Sequence[SheetRow], want: Wanted, title: str, merged: Merged = ()
) -> tuple[Header, int]:
    """The header a mapping wants and the row after which the data begin; raises CannotRead."""
    if want.dialect.columns:
        return header_at(want.dialect.columns, 0, want, title=title), 0
    if want.dialect.header_row:
        index = stated_row(first, want.dialect.header_row, title)
        row, _ = first[index]
        reach = want.dialect.header_rows or 1
        return header_at(
            join_rows(first[index : index + reach], want, merged),
            row,
            want,
            title=title,
            above=first[:index],
        ), row + reach - 1
    return found_header(first, want, title, merged)


def sheet_table(
    shown_as: str,
    want: Wanted,
    sheet: SheetText,
    header: Header,
    after: int,
    limits: Limits,
    notices: Sequence[Notice],
) -> TextTable:
    """The table of a sheet whose header is known and whose data stand below row ``after``."""
    data = DataRows(header, want.dialect.footers)
    table = header.make_table(
        file=shown_as,
        name=want.name,
        sheet=sheet.name,
        batches=iter(()),
        notices=list(notices),
        title=sheet.name,
    )
    table.batches = _BatchReader(data, table.notices, limits, sheet).read_batches(after)
    return table


@dataclass
class _BatchReader:
    """Fits the columns of a sheet to its header: missing ones are filled up, cells beside it are told and left out."""

    data: DataRows
    notices: list[Notice]
    limits: Limits
    sheet: SheetText
    beside: int = 0
    first_beside: int | None = None

    def read_batches(self, after: int) -> Iterator[Batch]:
        width = self.data.width
        for columns, rows in self.sheet.read_columns(after):
            if len(columns) > width:
                self._look_beside(columns[width:], rows)
            empty = pa.array([""] * len(rows), pa.string()) if len(columns) < width else None
            columns = columns[:width] + [empty] * (width - len(columns))
            if any(measure_longest(c) > self.limits.cell_chars for c in columns):
                texts = zip(*(c.to_pylist() for c in columns), strict=True)
                yield from self.data.batch_rows(
                    ((r, list(t), "") for r, t in zip(rows.tolist(), texts, strict=True)),
                    self.limits.cell_chars,
                )
                continue
            kept = self.data.keep_columns(columns, rows)
            if kept is not None:
                columns, rows = [c.take(pa.array(kept)) for c in columns], rows[kept]
            if len(rows):
                yield self.data.make_batch(columns, rows, ())
        self.notices += self.data.notices()
        self.notices += self._mark_notices()
        if self.first_beside is not None:
            message = (
                f"In {self.beside} Zeilen, zuerst in Zeile {self.first_beside}, stehen Angaben rechts neben der "
                "Tabelle; sie wurden nicht übernommen."
            )
            self.notices.append(Notice("beside_table", message, row=self.first_beside))

    def _look_beside(self, columns: Sequence[pa.Array], rows: np.ndarray) -> None:
        filled = np.zeros(len(rows), dtype=bool)
        for column in columns:
            filled |= pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0).to_numpy(
                zero_copy_only=False
            )
        if filled.any():
            self.beside += int(filled.sum())
            self.first_beside = self.first_beside or int(rows[filled.argmax()])

    def _mark_notices(self) -> list[Notice]:
        """Hidden rows, and cells of data whose value the file does not hold."""
        header, marks = self.data.header, self.sheet.marks
        columns = {
            place + self.sheet.first_column: name
            for place, name in enumerate(header.names)
            if name not in header.unknown
        }
        left_out = {row for rows in self.data.left_out.values() for row in rows}
        places = {*marks.hidden_rows, *(row for row, _ in (*marks.unstored, *marks.errors))}
        return marks.notices(
            columns, frozenset(row for row in places - left_out if row > header.row)
        )
