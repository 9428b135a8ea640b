"""Turns the sheets of enaio's hierarchical workbook export into one table per object type.

The export has a sheet each of objects, fields, multi-fields and the values of multi-fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.readers.delivered_file import DeliveredFile, Tables
from connectors.readers.rows.data_rows import rows_table
from connectors.readers.rows.fitting_header import find_fitting_table
from connectors.readers.rows.header import Header, Row, header_at, normalize_name
from connectors.readers.rows.watched_part import is_watched_list
from connectors.readers.spreadsheet.sheet_text import SheetText, iterate_rows
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, UnreadPart, Wanted

LINEAR_SHEET = "data"
_OBJECTS, _FIELDS, _MULTI, _VALUES = "Objects", "Fields", "MultiFields", "MultiFieldValues"
_ALL_ROWS = 2_000_000

# The columns are documented by their order alone; their names differ by language.
_OBJECT_ID, _OBJECT_TYPE, _PARENT = 0, 1, 3
_FIELD_OBJECT, _FIELD_NAME, _FIELD_VALUE = 0, 1, -1
_MULTI_ID, _MULTI_OBJECT, _MULTI_NAME = 0, 1, 2
_VALUE_OF, _VALUE = 0, -1

ID_COLUMN, PARENT_COLUMN = "@ID", "@PARENT"
# Stands before what is told instead of taken.
_UNREADABLE = "\ufffd"

Values = dict[str, str]


@dataclass
class ObjectsOfType:
    """The objects of one type.

    ``columns`` are the names of their fields in order of appearance, ``rows`` the place of each
    object with its values by field.
    """

    name: str
    columns: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[int, Values]] = field(default_factory=list)

    def put_value(self, values: Values, name: str, value: str, limits: Limits) -> None:
        """Sets a field of one of the objects; raises CannotRead ``too_large``."""
        self.columns.setdefault(name)
        if len(self.columns) > limits.columns:
            raise CannotRead("too_large", f"Ein Objekttyp hat mehr als {limits.columns} Felder.")
        values[name] = value

    def add_value(self, values: Values, name: str, value: str, limits: Limits) -> None:
        """Sets a field as ``put_value``; two unlike values of it are marked as unreadable."""
        before = values.get(name, "")
        is_unlike = bool(before.strip() and value.strip()) and before.strip() != value.strip()
        one = before if before.strip() else value
        self.put_value(values, name, _mark_both(before, value) if is_unlike else one, limits)


def _mark_both(before: str, value: str) -> str:
    """Two values of one field, marked as unreadable."""
    return f"{_UNREADABLE}{before.removeprefix(_UNREADABLE)} {_UNREADABLE}{value}"


def is_object_export(sheets: Sequence[str]) -> bool:
    """Whether these sheets are those of a hierarchical export."""
    return {_OBJECTS, _FIELDS} <= set(sheets)


def object_export_tables(
    sheets: Mapping[str, SheetText], file: DeliveredFile, wanted: Sequence[Wanted]
) -> Tables:
    """The wanted object types; an object's place is its row in the sheet "Objects"."""
    types = exported_objects(sheets, file.limits)
    for table in wanted_types(types, file, wanted, sheet=_OBJECTS):
        if isinstance(table, TextTable):
            table.day_zero = sheets[_FIELDS].marks.day_zero
        yield table


def wanted_types(
    types: Mapping[str, ObjectsOfType],
    file: DeliveredFile,
    wanted: Sequence[Wanted],
    *,
    sheet: str | None,
) -> Tables:
    """The tables of the wanted object types; ``sheet`` is None for a file without sheets."""
    read = {_find_name(types, want) for want in wanted}
    beside = [_unread_part(objects, wanted) for name, objects in types.items() if name not in read]
    for want in wanted:
        try:
            objects = _find_type(types, want, sheet)
            header = header_at(tuple(objects.columns), 0, want, title=objects.name)
            table = objects_table(objects, file, want.name, header, sheet)
            table.beside = beside
            yield table
        except CannotRead as error:
            yield UnreadableTable(file.shown, want.name, sheet, error)


def _unread_part(objects: ObjectsOfType, wanted: Sequence[Wanted]) -> UnreadPart:
    fits = find_fitting_table(tuple(objects.columns), wanted, objects.name)
    rows = (tuple(filter(None, values.values())) for _, values in objects.rows)
    is_watched = is_watched_list(wanted, objects.columns, rows)
    return UnreadPart(objects.name, fits, is_watched=is_watched)


def _find_name(types: Iterable[str], want: Wanted) -> str | None:
    for name in types:
        if want.table is None or normalize_name(name) == normalize_name(want.table):
            return name
    return None


def _find_type(
    types: Mapping[str, ObjectsOfType], want: Wanted, sheet: str | None
) -> ObjectsOfType:
    found = _find_name(types, want)
    if found is not None:
        return types[found]
    listed = ", ".join(f"„{name}“" for name in types) or "keine"
    place, advice = ("Arbeitsmappe", "") if sheet else ("Datei", " Bitte den Export anpassen.")
    raise CannotRead(
        "sheet_missing",
        f"Der Objekttyp „{want.table}“ fehlt in der {place}. Enthalten sind: {listed}.{advice}",
    )


def objects_table(
    objects: ObjectsOfType, file: DeliveredFile, name: str, header: Header, sheet: str | None
) -> TextTable:
    """The table of one object type under a header made of its columns."""
    rows = ((row, [values.get(c, "") for c in objects.columns], "") for row, values in objects.rows)
    return rows_table(file, name, objects.name, header, rows, [], sheet=sheet)


def exported_objects(sheets: Mapping[str, SheetText], limits: Limits) -> dict[str, ObjectsOfType]:
    """All objects by type; several values of a multi-field are in one cell, one per line.

    Raises CannotRead ``broken_file`` or ``too_large``.
    """
    export = _Export(limits)
    steps = (
        (_OBJECTS, 2, export.add_object),
        (_FIELDS, 3, export.add_field),
        (_MULTI, 3, export.add_multi_field),
        (_VALUES, 2, export.add_multi_value),
    )
    for sheet, least, add_row in steps:
        if sheet in sheets:
            for row, cells in _filled_rows(sheets[sheet], least):
                add_row(row, cells)
    return export.types


@dataclass
class _Export:
    """Collects the objects of an export, row by row and sheet by sheet."""

    limits: Limits
    types: dict[str, ObjectsOfType] = field(default_factory=dict)
    by_id: dict[str, tuple[ObjectsOfType, Values]] = field(default_factory=dict)
    # The object and the name of each multi-field.
    multi_fields: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add_object(self, row: int, cells: Sequence[str]) -> None:
        parent = cells[_PARENT] if len(cells) > _PARENT else ""
        values = {ID_COLUMN: cells[_OBJECT_ID], PARENT_COLUMN: parent}
        kind = cells[_OBJECT_TYPE]
        objects = self.types.setdefault(kind, ObjectsOfType(kind, dict.fromkeys(values)))
        objects.rows.append((row, values))
        self.by_id[cells[_OBJECT_ID]] = (objects, values)

    def add_field(self, row: int, cells: Sequence[str]) -> None:
        field_of = cells[_FIELD_OBJECT], cells[_FIELD_NAME]
        objects, values = self._find_object(field_of, _FIELDS, row)
        objects.add_value(values, field_of[1], cells[_FIELD_VALUE], self.limits)

    def add_multi_field(self, row: int, cells: Sequence[str]) -> None:
        field_of = cells[_MULTI_OBJECT], cells[_MULTI_NAME]
        self.multi_fields[cells[_MULTI_ID]] = field_of
        self._add_line(field_of, "", _MULTI, row)

    def add_multi_value(self, row: int, cells: Sequence[str]) -> None:
        self._add_line(self.multi_fields.get(cells[_VALUE_OF]), cells[_VALUE], _VALUES, row)

    def _add_line(self, field_of: tuple[str, str] | None, value: str, sheet: str, row: int) -> None:
        """Adds a value to the field of an object, on a new line if there is one already."""
        objects, values = self._find_object(field_of, sheet, row)
        name = field_of[1] if field_of else ""
        lines = "\n".join(filter(None, (values.get(name), value)))
        objects.put_value(values, name, lines, self.limits)

    def _find_object(
        self, field_of: tuple[str, str] | None, sheet: str, row: int
    ) -> tuple[ObjectsOfType, Values]:
        if field_of is None or field_of[0] not in self.by_id:
            raise _orphan_error(sheet, row)
        return self.by_id[field_of[0]]


def _filled_rows(sheet: SheetText, least: int) -> Iterator[Row]:
    """The filled rows below the header of a sheet, as wide as the sheet."""
    read = 0
    for columns, numbers in sheet.read_columns(1):
        for number, cells in iterate_rows(columns, numbers):
            if any(cells):
                read += 1
                _check_row(sheet.name, read, len(cells), least)
                yield number, cells


def _check_row(sheet: str, read: int, width: int, least: int) -> None:
    if read > _ALL_ROWS:
        raise CannotRead(
            "too_large", f"Das Blatt „{sheet}“ hat mehr als {_ALL_ROWS} Zeilen.", sheet=sheet
        )
    if width < least:
        raise CannotRead(
            "broken_file",
            f"Im Blatt „{sheet}“ fehlen Spalten. Bitte neu exportieren.",
            sheet=sheet,
        )


def _orphan_error(sheet: str, row: int) -> CannotRead:
    return CannotRead(
        "broken_file",
        f"Im Blatt „{sheet}“ gehört Zeile {row} zu keinem Objekt. "
        "Bitte den Export vollständig wiederholen.",
        sheet=sheet,
        row=row,
    )
