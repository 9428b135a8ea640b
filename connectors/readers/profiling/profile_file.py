"""Reads every table of a file without a mapping; what is guessed is reported in a notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from connectors.readers.delivered_file import DeliveredFile, Tables
from connectors.readers.enaio.hierarchical_xml import read_objects
from connectors.readers.enaio.linear_xml import ObjectType, object_types, read_format, xml_text
from connectors.readers.profiling.profile_text import profile_text
from connectors.readers.rows.data_rows import rows_table
from connectors.readers.rows.guessed_header import guessed_header, header_index, rows_above
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
    all_sheets,
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
from connectors.readers.text.safe_xml import XmlText
from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import (
    CannotRead,
    Dialect,
    Notice,
    TextTable,
    UnreadableTable,
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
    hidden: bool = False,
) -> Tables:
    """All tables of a file, or the one named ``sheet``, even if hidden; read each before the next.

    The columns are named as in the file. What is None is determined; ``quote`` "" means that there
    is none, ``header_row`` 0 that there is no header; ``hidden`` adds hidden sheets. Nothing is taken as a footer, since no key is
    known. Raises CannotRead for the file; yields UnreadableTable for a sheet.
    """
    file = DeliveredFile(path, shown_as or path.name, limits)
    quote_stated = quote is not None and (delimiter is not None or quote != '"')
    mark = '"' if quote is None else quote or None
    dialect = Dialect(encoding, delimiter, mark, escape, header_row)
    return _FileProfile(file, dialect, sheet, quote_stated, hidden).read_tables(password)


@dataclass(frozen=True)
class _FileProfile:
    """Reads the tables of one file, or the one named ``sheet``."""

    file: DeliveredFile
    dialect: Dialect
    sheet: str | None
    quote_stated: bool
    with_hidden: bool

    def read_tables(self, password: str | None) -> Tables:
        file, dialect, encoding = self.file, self.dialect, self.dialect.encoding
        match file_kind(file.path, file.limits):
            case "workbook":
                yield from self._read_workbook(file.path, password)
            case "encrypted":
                content = plain_workbook(file.path, password, file.limits)
                yield from self._read_workbook(content, password)
            case "xml":
                yield from self._read_exports()
            case "html":
                yield from self._read_wanted_sheets(html_sheets(file, encoding))
            case "xml_2003":
                yield from self._read_wanted_sheets(xml_2003_sheets(file, encoding))
            case "json":
                yield json_table(file, file.stem, _plain_header, encoding)
            case _ if dialect.delimiter is None and (fields := described_beside(file.path)):
                header = _plain_header(tuple(field.name for field in fields))
                yield fixed_table(file, file.stem, header, fields, encoding)
            case _:
                yield from profile_text(file, dialect, quote_stated=self.quote_stated)

    def _read_workbook(self, content: Path | IO[bytes], password: str | None) -> Tables:
        with open_workbook(content, password, self.file.limits) as book:
            names = visible_sheets(book)
            hidden: list[Notice] = []
            if self.sheet is not None:
                names = self._wanted_names(book.book.sheet_names)
            elif is_object_export(names):
                sheets = {name: read_sheet(book, name) for name in names}
                yield from self._read_objects(exported_objects(sheets, self.file.limits))
                return
            elif self.with_hidden:
                names = all_sheets(book)
            else:
                hidden = hidden_sheets(book)
            yield from self._read_sheets(_sheets_of(book, names), hidden)

    def _read_wanted_sheets(self, sheets: Sequence[SheetText]) -> Tables:
        return self._read_sheets(
            [s for s in sheets if self._is_wanted(s.name) and self._is_shown(s)], []
        )

    def _is_shown(self, sheet: SheetText) -> bool:
        return self.with_hidden or not sheet.is_hidden

    def _read_exports(self) -> Iterator[TextTable]:
        """The object types of an XML export of enaio."""
        text = xml_text(self.file, self.dialect.encoding)
        is_hierarchical, events = read_format(text)
        if is_hierarchical:
            types = read_objects(text, events)
            yield from self._read_objects({n: types[n] for n in self._wanted_names(list(types))})
            return
        seen = []
        for found in object_types(events, self.file.limits):
            seen.append(found.name)
            if self._is_wanted(found.name):
                yield self._linear_table(found, text)
        self._wanted_names(seen)

    def _read_sheets(
        self, sheets: Iterable[SheetText | UnreadableTable], notices: Sequence[Notice]
    ) -> Tables:
        """The filled sheets; the notices go to the first of them."""
        for sheet in sheets:
            if isinstance(sheet, UnreadableTable):
                yield replace(sheet, file=self.file.shown)
                continue
            try:
                table = self._sheet_table(sheet, notices)
            except CannotRead as error:
                yield UnreadableTable(self.file.shown, sheet.name, sheet.name, error)
                continue
            if table is not None:
                notices = []
                yield table

    def _sheet_table(self, sheet: SheetText, notices: Sequence[Notice]) -> TextTable | None:
        """The table of a sheet, None if it is empty."""
        first = sheet.first_rows(max(SCANNED_ROWS, self.dialect.header_row or 0))
        width = max((len(cells) for _, cells in first), default=0)
        if not width:
            return None
        index, guessed = header_index(first, self.dialect, sheet.name)
        header = guessed_header(first, index, width)
        notices = [*notices, *guessed]
        table = sheet_table(self.file, sheet.name, sheet, header, header.row, notices)
        table.above = rows_above(first, index)
        return table

    def _linear_table(self, found: ObjectType, text: XmlText) -> TextTable:
        header = _plain_header(found.columns)
        notices = text.text.notices()
        return rows_table(self.file, found.name, found.name, header, found.rows, notices)

    def _read_objects(self, types: dict[str, ObjectsOfType]) -> Iterator[TextTable]:
        for name, objects in types.items():
            header = _plain_header(tuple(objects.columns))
            yield objects_table(objects, self.file, name, header, None)

    def _is_wanted(self, name: str) -> bool:
        return self.sheet is None or normalize_name(name) == normalize_name(self.sheet)

    def _wanted_names(self, names: Sequence[str]) -> list[str]:
        """The names of wanted tables; raises CannotRead if the stated one is not among them."""
        wanted = list(filter(self._is_wanted, names))
        if self.sheet is not None and not wanted:
            raise _no_such(self.sheet, names)
        return wanted


def _sheets_of(book: Workbook, names: Sequence[str]) -> Iterator[SheetText | UnreadableTable]:
    for name in names:
        try:
            yield read_sheet(book, name)
        except CannotRead as error:
            yield UnreadableTable("", name, name, error)


def _plain_header(names: tuple[str, ...]) -> Header:
    """The header of names that are not in a row of the file."""
    return guessed_header([(0, names)], 0, len(names))


def _no_such(sheet: str, names: Sequence[str]) -> CannotRead:
    listed = ", ".join(f"„{name}“" for name in names)
    return CannotRead(
        "sheet_missing",
        f"„{sheet}“ gibt es in der Datei nicht. Vorhanden sind: {listed}.",
        sheet=sheet,
    )
