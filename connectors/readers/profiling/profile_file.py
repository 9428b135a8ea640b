"""Every table of a file as it stands there, for a person without a mapping. What is guessed is said in a notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.readers.enaio.hierarchical_xml import read_objects
from connectors.readers.enaio.linear_xml import object_types, read_format, xml_text
from connectors.readers.profiling.profile_text import profile_text
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.guessed_header import guessed_header, header_index
from connectors.readers.rows.header import SCANNED_ROWS, Header, normalize_name
from connectors.readers.spreadsheet.decrypt import plain_workbook
from connectors.readers.spreadsheet.enaio_export import (
    ObjectsOfType,
    exported_objects,
    is_object_export,
    objects_table,
)
from connectors.readers.spreadsheet.file_kind import file_kind
from connectors.readers.spreadsheet.html_table import html_sheets
from connectors.readers.spreadsheet.open_workbook import (
    Workbook,
    hidden_sheets,
    open_workbook,
    read_sheet,
    visible_sheets,
)
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.spreadsheet.workbook import sheet_table
from connectors.readers.spreadsheet.xml_2003 import xml_2003_sheets
from connectors.readers.text.field_description import described_beside
from connectors.readers.text.fixed_width import fixed_table
from connectors.readers.text.json_lines import json_table
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import (
    CannotRead,
    Dialect,
    Notice,
    RaggedRow,
    TextTable,
    UnreadableTable,
    Wanted,
)


def profile_file(
    path: Path,
    *,
    shown_as: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    password: str | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Iterator[TextTable | UnreadableTable]:
    """All tables of a file (or the one named ``sheet``, even if hidden), columns as in the file; walk each at once.

    What is not stated is found out: None leaves it open, ``quote`` "" says there is none, ``header_row`` 0 that there is no
    header. Nothing is a footer here, since no key is known. Raises CannotRead for the file; yields UnreadableTable for a sheet.
    """
    shown = shown_as or path.name
    quote_stated = quote is not None and (delimiter is not None or quote != '"')
    dialect = Dialect(
        encoding, delimiter, '"' if quote is None else quote or None, escape, header_row
    )
    kind = file_kind(path, limits)
    if kind in ("workbook", "encrypted"):
        yield from _profile_workbook(
            path, shown, dialect, sheet, limits, password, kind == "encrypted"
        )
    elif kind == "xml":
        yield from _profile_exports(path, shown, dialect, sheet, limits)
    elif kind in ("html", "xml_2003"):
        sheets = (html_sheets if kind == "html" else xml_2003_sheets)(path, encoding, limits)
        yield from _profile_sheets(
            [s for s in sheets if sheet is None or normalize_name(s.name) == normalize_name(sheet)],
            shown,
            dialect,
            [],
            limits,
        )
    elif kind == "json":
        yield json_table(path, shown, Path(shown).stem, _as_it_stands, encoding, limits)
    elif delimiter is None and (fields := described_beside(path)):
        header = _as_it_stands(tuple(f.name for f in fields))
        yield fixed_table(path, shown, Path(shown).stem, header, fields, encoding, limits)
    else:
        yield from profile_text(path, shown, dialect, limits, quote_stated=quote_stated)


def _profile_workbook(
    path: Path,
    shown: str,
    dialect: Dialect,
    sheet: str | None,
    limits: Limits,
    password: str | None,
    is_encrypted: bool,
) -> Iterator[TextTable | UnreadableTable]:
    content = plain_workbook(path, password, limits) if is_encrypted else path
    with open_workbook(content, password, limits) as book:
        names = visible_sheets(book)
        if sheet is None and is_object_export(names):
            yield from _profile_objects(
                exported_objects({name: read_sheet(book, name) for name in names}, limits),
                shown,
                limits,
            )
            return
        if sheet is not None:
            names = [
                name
                for name in book.book.sheet_names
                if normalize_name(name) == normalize_name(sheet)
            ]
            if not names:
                raise _no_such(sheet, book.book.sheet_names)
        yield from _profile_sheets(
            _read_sheets(book, names),
            shown,
            dialect,
            hidden_sheets(book) if sheet is None else [],
            limits,
        )


def _read_sheets(book: Workbook, names: Sequence[str]) -> Iterator[SheetText | UnreadableTable]:
    for name in names:
        try:
            yield read_sheet(book, name)
        except CannotRead as error:
            yield UnreadableTable("", name, name, error)


def _profile_sheets(
    sheets: Iterator[SheetText | UnreadableTable] | Sequence[SheetText],
    shown: str,
    dialect: Dialect,
    told: Sequence[Notice],
    limits: Limits,
) -> Iterator[TextTable | UnreadableTable]:
    for sheet in sheets:
        if isinstance(sheet, UnreadableTable):
            yield UnreadableTable(shown, sheet.name, sheet.sheet, sheet.error)
            continue
        try:
            first = sheet.first_rows(max(SCANNED_ROWS, dialect.header_row or 0))
            if not any(cells for _, cells in first):
                continue
            index, guessed = header_index(first, dialect, sheet.name)
            header = guessed_header(first, index, max(len(cells) for _, cells in first))
            want = Wanted(sheet.name, (), sheet.name, {}, frozenset(), (), Dialect(footers=()))
            table = sheet_table(shown, want, sheet, header, header.row, limits, [*told, *guessed])
            table.above = tuple(
                RaggedRow(row, tuple(cells)) for row, cells in first[: max(index, 0)] if any(cells)
            )
            told = []
            yield table
        except CannotRead as error:
            yield UnreadableTable(shown, sheet.name, sheet.name, error)


def _profile_exports(
    path: Path, shown: str, dialect: Dialect, wanted: str | None, limits: Limits
) -> Iterator[TextTable]:
    text = xml_text(path, dialect.encoding)
    is_hierarchical, events = read_format(text)
    if is_hierarchical:
        types = read_objects(text, events, limits)
        mine = {
            name: o
            for name, o in types.items()
            if wanted is None or normalize_name(name) == normalize_name(wanted)
        }
        if not mine and wanted is not None:
            raise _no_such(wanted, list(types))
        yield from _profile_objects(mine, shown, limits)
        return
    seen = []
    for found in object_types(events, limits):
        seen.append(found.name)
        if wanted is not None and normalize_name(found.name) != normalize_name(wanted):
            continue
        header = _as_it_stands(found.columns)
        data = DataRows(header, ())
        batches = data.batch_rows(found.rows, limits.cell_chars)
        notices = text.text.notices()
        yield header.make_table(
            file=shown, name=found.name, title=found.name, batches=batches, notices=notices
        )
    if wanted is not None and normalize_name(wanted) not in map(normalize_name, seen):
        raise _no_such(wanted, seen)


def _profile_objects(
    types: dict[str, ObjectsOfType], shown: str, limits: Limits
) -> Iterator[TextTable]:
    for name, objects in types.items():
        table = objects_table(objects, shown, name, _as_it_stands(tuple(objects.columns)), limits)
        table.sheet = None
        yield table


def _as_it_stands(names: tuple[str, ...]) -> Header:
    """The header of names that no row of data follows at once."""
    return guessed_header([(0, names)], 0, len(names))


def _no_such(sheet: str, names: Sequence[str]) -> CannotRead:
    listed = ", ".join(f"„{name}“" for name in names)
    return CannotRead(
        "sheet_missing",
        f"„{sheet}“ gibt es in der Datei nicht. Vorhanden sind: {listed}.",
        sheet=sheet,
    )
