"""Parses the objects in the JSON of both interfaces: id, fields as text, table fields."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from connectors.enaio.replies import NotAPage
from connectors.tables.cell_text import cell_text

OBJECT_ID = "system:objectId"


@dataclass(frozen=True)
class FieldTable:
    """A field that is itself a table: its column names and its rows as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class EnaioObject:
    """One object of a page; ``fields`` includes empty ones, but none that the server left out."""

    id: str
    fields: dict[str, str] = field(repr=False)
    tables: dict[str, FieldTable] = field(repr=False)

    @property
    def names(self) -> set[str]:
        """All columns the server named for this object."""
        return {*self.fields, *self.tables}


def parse_objects(page: object) -> list[EnaioObject]:
    """The objects of a page of DMS (an envelope) or OSRest (a bare list); raises NotAPage."""
    if isinstance(page, dict) and isinstance(page.get("objects"), list):
        return [_parse_dms(entry) for entry in page["objects"]]
    if isinstance(page, list):
        return [_parse_osrest(entry) for entry in page]
    raise NotAPage("neither objects nor a list")


def _parse_dms(entry: object) -> EnaioObject:
    properties = entry.get("properties") if isinstance(entry, dict) else None
    if not isinstance(properties, dict):
        raise NotAPage("an object without properties")
    fields: dict[str, str] = {}
    tables: dict[str, FieldTable] = {}
    for name, content in properties.items():
        value = content.get("value") if isinstance(content, dict) else content
        columns = content.get("columnNames") if isinstance(content, dict) else None
        if columns is not None or _holds_rows(value):
            tables[name] = _parse_dms_table(columns, value)
        else:
            fields[name] = value_text(value)
    return EnaioObject(_require_id(fields.get(OBJECT_ID)), fields, tables)


def _holds_rows(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(row, list) for row in value)


def _parse_dms_table(names: object, value: object) -> FieldTable:
    """A table field; columns without a name get one, short rows are filled up."""
    values = value if isinstance(value, list) else []
    rows = [row if isinstance(row, list) else [row] for row in values]
    columns = [str(name) for name in names] if isinstance(names, list) else []
    width = max([len(columns), *map(len, rows)])
    columns += [f"Spalte {number}" for number in range(len(columns) + 1, width + 1)]
    filled = ([*map(value_text, row), *[""] * (width - len(row))] for row in rows)
    return FieldTable(tuple(columns), tuple(map(tuple, filled)))


def _parse_osrest(entry: object) -> EnaioObject:
    if not isinstance(entry, dict):
        raise NotAPage("an entry that is no object")
    fields = _simple_fields(entry.get("ecmSimpleFields"))
    tables = {
        str(table.get("internalName", "")): _parse_osrest_table(table)
        for table in _as_dicts(entry.get("ecmTableFields"))
    }
    fields[OBJECT_ID] = _require_id(value_text(entry.get("osid")))
    return EnaioObject(fields[OBJECT_ID], fields, tables)


def _parse_osrest_table(table: dict[str, object]) -> FieldTable:
    """A table field with the columns it declares, then those only its rows have."""
    rows = [_simple_fields(row.get("ecmSimpleFields")) for row in _as_dicts(table.get("value"))]
    declared = [str(column.get("internalName", "")) for column in _as_dicts(table.get("columns"))]
    columns = _merge_names(declared, *rows)
    cells = (tuple(row.get(name, "") for name in columns) for row in rows)
    return FieldTable(columns, tuple(cells))


def _merge_names(*groups: Iterable[str]) -> tuple[str, ...]:
    """All names in the order of their first mention."""
    return tuple(dict.fromkeys(name for names in groups for name in names))


def _simple_fields(fields: object) -> dict[str, str]:
    return {
        str(entry.get("internalName", "")): value_text(entry.get("value"))
        for entry in _as_dicts(fields)
    }


def _as_dicts(value: object) -> list[dict[str, object]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        raise NotAPage("a list of fields is none")
    return value


def _require_id(value: str | None) -> str:
    if not value:
        raise NotAPage("an object without id")
    return value


def value_text(value: object) -> str:
    """A value as an export would write it: None is "", several values are joined by "|"."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return cell_text(value)
    if isinstance(value, Sequence):
        return "|".join(map(value_text, value))
    return json.dumps(value, ensure_ascii=False)
