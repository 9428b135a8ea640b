"""Makes objects of the JSON of both interfaces: id, fields as text, table fields. What they mean is no matter here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.enaio.replies import NotAPage
from connectors.tables.cell_text import cell_text

OBJECT_ID = "system:objectId"


@dataclass(frozen=True)
class FieldTable:
    """A field that is a table itself: its column names and its rows as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class EnaioObject:
    """One object of a page; ``fields`` holds also those that are empty, but none that the server left out."""

    id: str
    fields: dict[str, str] = field(repr=False)
    tables: dict[str, FieldTable] = field(repr=False)

    @property
    def names(self) -> set[str]:
        """All columns the server named for this object."""
        return {*self.fields, *self.tables}


def parse_objects(page: object) -> list[EnaioObject]:
    """The objects of a page of either interface (DMS: an envelope, OSRest: a bare list); raises NotAPage."""
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
    for name, told in properties.items():
        value = told.get("value") if isinstance(told, dict) else told
        named = told.get("columnNames") if isinstance(told, dict) else None
        if named is not None or (
            isinstance(value, list) and any(isinstance(row, list) for row in value)
        ):
            tables[name] = _field_table(named, value)
        else:
            fields[name] = value_text(value)
    return EnaioObject(_require_id(fields.get(OBJECT_ID)), fields, tables)


def _parse_osrest(entry: object) -> EnaioObject:
    if not isinstance(entry, dict):
        raise NotAPage("an entry that is no object")
    fields = dict(_simple_fields(entry.get("ecmSimpleFields")))
    tables: dict[str, FieldTable] = {}
    for told in _as_dicts(entry.get("ecmTableFields")):
        rows = [
            dict(_simple_fields(row.get("ecmSimpleFields"))) for row in _as_dicts(told.get("value"))
        ]
        columns = [str(column.get("internalName", "")) for column in _as_dicts(told.get("columns"))]
        columns += [name for row in rows for name in row if name not in columns]
        columns = list(dict.fromkeys(columns))
        tables[str(told.get("internalName", ""))] = FieldTable(
            tuple(columns), tuple(tuple(row.get(name, "") for name in columns) for row in rows)
        )
    fields[OBJECT_ID] = _require_id(value_text(entry.get("osid")))
    return EnaioObject(fields[OBJECT_ID], fields, tables)


def _simple_fields(fields: object) -> Iterator[tuple[str, str]]:
    for told in _as_dicts(fields):
        yield str(told.get("internalName", "")), value_text(told.get("value"))


def _as_dicts(value: object) -> list[dict[str, object]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise NotAPage("a list of fields is none")
    return value


def _field_table(named: object, value: object) -> FieldTable:
    rows = (
        [row if isinstance(row, list) else [row] for row in value]
        if isinstance(value, list)
        else []
    )
    columns = [str(name) for name in named] if isinstance(named, list) else []
    width = max([len(columns), *map(len, rows)])
    columns += [f"Spalte {number}" for number in range(len(columns) + 1, width + 1)]
    return FieldTable(
        tuple(columns),
        tuple(tuple(map(value_text, [*row, *[None] * (width - len(row))])) for row in rows),
    )


def _require_id(value: str | None) -> str:
    if not value:
        raise NotAPage("an object without id")
    return value


def value_text(value: object) -> str:
    """A value as an export would write it: nothing is "", several are joined by "|"."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return cell_text(value)
    if isinstance(value, Sequence):
        return "|".join(map(value_text, value))
    return json.dumps(value, ensure_ascii=False)
