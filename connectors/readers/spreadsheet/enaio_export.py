"""enaio's hierarchical workbook export: its sheets of objects, fields and multi-fields turned into one table per object type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import Header, header_at, normalize_name
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted

LINEAR_SHEET = "data"
_OBJECTS, _FIELDS, _MULTI, _VALUES = "Objects", "Fields", "MultiFields", "MultiFieldValues"
_ALL_ROWS = 2_000_000

# The columns are documented by their order alone; their names differ by language.
_OBJECT_ID, _OBJECT_TYPE, _PARENT = 0, 1, 3
_FIELD_OBJECT, _FIELD_NAME, _FIELD_VALUE = 0, 1, -1
_MULTI_ID, _MULTI_OBJECT, _MULTI_NAME = 0, 1, 2
_VALUE_OF, _VALUE = 0, -1

ID_COLUMN, PARENT_COLUMN = "@ID", "@PARENT"


@dataclass
class ObjectsOfType:
    """The objects of one type: names of their fields in order of appearance, and each object's row and values."""

    name: str
    columns: dict[str, None] = field(default_factory=dict)
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)


def is_object_export(sheets: Sequence[str]) -> bool:
    """Whether these sheets are those of a hierarchical export."""
    return {_OBJECTS, _FIELDS} <= set(sheets)


def object_export_tables(
    sheets: Mapping[str, SheetText], shown: str, wanted: Sequence[Wanted], limits: Limits
) -> Iterator[TextTable | UnreadableTable]:
    """The wanted object types; an object's place is its row in the sheet "Objects"."""
    types = exported_objects(sheets, limits)
    for want in wanted:
        mine = next(
            (
                o
                for name, o in types.items()
                if want.table is None or normalize_name(name) == normalize_name(want.table)
            ),
            None,
        )
        try:
            if mine is None:
                raise _missing_error(want, types)
            yield objects_table(
                mine,
                shown,
                want.name,
                header_at(tuple(mine.columns), 0, want, title=mine.name),
                limits,
            )
        except CannotRead as error:
            error.table = want.name
            yield UnreadableTable(shown, want.name, _OBJECTS, error)


def objects_table(
    objects: ObjectsOfType, shown: str, name: str, header: Header, limits: Limits
) -> TextTable:
    """The table of one object type under a header made of its columns."""
    data = DataRows(header, ())
    rows = ((row, [values.get(c, "") for c in objects.columns], "") for row, values in objects.rows)
    batches = data.batch_rows(rows, limits.cell_chars)
    return header.make_table(
        file=shown, name=name, title=objects.name, batches=batches, notices=[], sheet=_OBJECTS
    )


def exported_objects(sheets: Mapping[str, SheetText], limits: Limits) -> dict[str, ObjectsOfType]:
    """All objects by type; several values of a multi-field stand in one cell, one per line. Raises CannotRead."""
    types: dict[str, ObjectsOfType] = {}
    by_id: dict[str, tuple[ObjectsOfType, dict[str, str]]] = {}
    for row, cells in _filled_rows(sheets[_OBJECTS], 2):
        own = types.setdefault(
            cells[_OBJECT_TYPE],
            ObjectsOfType(cells[_OBJECT_TYPE], {ID_COLUMN: None, PARENT_COLUMN: None}),
        )
        values = {
            ID_COLUMN: cells[_OBJECT_ID],
            PARENT_COLUMN: cells[_PARENT] if len(cells) > _PARENT else "",
        }
        own.rows.append((row, values))
        by_id[cells[_OBJECT_ID]] = (own, values)
    for row, cells in _filled_rows(sheets[_FIELDS], 3):
        _put_value(
            by_id,
            cells[_FIELD_OBJECT],
            cells[_FIELD_NAME],
            cells[_FIELD_VALUE],
            _FIELDS,
            row,
            limits,
        )
    multi = {}
    for row, cells in _filled_rows(sheets[_MULTI], 3) if _MULTI in sheets else ():
        multi[cells[_MULTI_ID]] = (cells[_MULTI_OBJECT], cells[_MULTI_NAME])
        _put_value(by_id, *multi[cells[_MULTI_ID]], "", _MULTI, row, limits)
    for row, cells in _filled_rows(sheets[_VALUES], 2) if _VALUES in sheets else ():
        if cells[_VALUE_OF] not in multi:
            raise _orphan_error(_VALUES, row)
        _put_value(by_id, *multi[cells[_VALUE_OF]], cells[_VALUE], _VALUES, row, limits)
    return types


def _put_value(
    by_id: Mapping[str, tuple[ObjectsOfType, dict[str, str]]],
    key: str,
    name: str,
    value: str,
    sheet: str,
    row: int,
    limits: Limits,
) -> None:
    if key not in by_id:
        raise _orphan_error(sheet, row)
    objects, values = by_id[key]
    if name not in objects.columns and len(objects.columns) >= limits.columns:
        raise CannotRead("too_large", f"Ein Objekttyp hat mehr als {limits.columns} Felder.")
    objects.columns.setdefault(name)
    values[name] = (
        f"{values[name]}\n{value}" if values.get(name) and value else values.get(name) or value
    )


def _filled_rows(sheet: SheetText, least: int) -> Iterator[tuple[int, list[str]]]:
    """The filled rows below the header of a sheet, as wide as the sheet."""
    read = 0
    for columns, numbers in sheet.read_columns(1):
        for number, cells in zip(
            numbers.tolist(), zip(*(c.to_pylist() for c in columns), strict=True), strict=True
        ):
            if not any(cells):
                continue
            read += 1
            if read > _ALL_ROWS:
                raise CannotRead(
                    "too_large",
                    f"Das Blatt „{sheet.name}“ hat mehr als {_ALL_ROWS} Zeilen.",
                    sheet=sheet.name,
                )
            if len(cells) < least:
                raise CannotRead(
                    "broken_file",
                    f"Im Blatt „{sheet.name}“ fehlen Spalten. Bitte neu exportieren.",
                    sheet=sheet.name,
                )
            yield number, list(cells)


def _orphan_error(sheet: str, row: int) -> CannotRead:
    message = f"Im Blatt „{sheet}“ gehört Zeile {row} zu keinem Objekt. Bitte den Export vollständig wiederholen."
    return CannotRead("broken_file", message, sheet=sheet, row=row)


def _missing_error(want: Wanted, types: Mapping[str, ObjectsOfType]) -> CannotRead:
    listed = ", ".join(f"„{name}“" for name in types) or "keine"
    return CannotRead(
        "sheet_missing",
        f"Der Objekttyp „{want.table}“ fehlt in der Arbeitsmappe. Enthalten sind: {listed}.",
        table=want.name,
    )
