"""Makes objects of the JSON of both interfaces: id, fields as text, table fields. What they mean is no matter here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from connectors.enaio.replies import NotAPage
from connectors.readers.cell_text import cell_text

OBJECT_ID = "system:objectId"


@dataclass(frozen=True)
class FieldTable:
    """A field that is a table itself: its column names and its rows as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Thing:
    """One object of a page; ``fields`` holds also those that are empty, but none that the server left out."""

    id: str
    fields: dict[str, str] = field(repr=False)
    tables: dict[str, FieldTable] = field(repr=False)

    @property
    def names(self) -> set[str]:
        """All columns the server named for this object."""
        return {*self.fields, *self.tables}


def things(page: object) -> list[Thing]:
    """The objects of a page of either interface (DMS: an envelope, OSRest: a bare list); raises NotAPage."""
    if isinstance(page, dict) and isinstance(page.get("objects"), list):
        return [_dms(entry) for entry in page["objects"]]
    if isinstance(page, list):
        return [_osrest(entry) for entry in page]
    raise NotAPage("neither objects nor a list")


def _dms(entry: object) -> Thing:
    properties = entry.get("properties") if isinstance(entry, dict) else None
    if not isinstance(properties, dict):
        raise NotAPage("an object without properties")
    fields: dict[str, str] = {}
    tables: dict[str, FieldTable] = {}
    for name, told in properties.items():
        value = told.get("value") if isinstance(told, dict) else told
        named = told.get("columnNames") if isinstance(told, dict) else None
        if named is not None or (isinstance(value, list) and any(isinstance(row, list) for row in value)):
            tables[name] = _table(named, value)
        else:
            fields[name] = text(value)
    return Thing(_id(fields.get(OBJECT_ID)), fields, tables)


def _osrest(entry: object) -> Thing:
    if not isinstance(entry, dict):
        raise NotAPage("an entry that is no object")
    fields = dict(_simple(entry.get("ecmSimpleFields")))
    tables: dict[str, FieldTable] = {}
    for told in _dicts(entry.get("ecmTableFields")):
        rows = [dict(_simple(row.get("ecmSimpleFields"))) for row in _dicts(told.get("value"))]
        columns = [str(column.get("internalName", "")) for column in _dicts(told.get("columns"))]
        columns += [name for row in rows for name in row if name not in columns]
        columns = list(dict.fromkeys(columns))
        tables[str(told.get("internalName", ""))] = FieldTable(
            tuple(columns), tuple(tuple(row.get(name, "") for name in columns) for row in rows)
        )
    fields[OBJECT_ID] = _id(text(entry.get("osid")))
    return Thing(fields[OBJECT_ID], fields, tables)


def _simple(fields: object) -> Iterator[tuple[str, str]]:
    for told in _dicts(fields):
        yield str(told.get("internalName", "")), text(told.get("value"))


def _dicts(value: object) -> list[dict[str, object]]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise NotAPage("a list of fields is none")
    return value


def _table(named: object, value: object) -> FieldTable:
    rows = [row if isinstance(row, list) else [row] for row in value] if isinstance(value, list) else []
    columns = [str(name) for name in named] if isinstance(named, list) else []
    width = max([len(columns), *map(len, rows)])
    columns += [f"Spalte {number}" for number in range(len(columns) + 1, width + 1)]
    return FieldTable(tuple(columns), tuple(tuple(map(text, [*row, *[None] * (width - len(row))])) for row in rows))


def _id(value: str | None) -> str:
    if not value:
        raise NotAPage("an object without id")
    return value


def text(value: object) -> str:
    """A value as an export would write it: nothing is "", several are joined by "|"."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return cell_text(value)
    if isinstance(value, Sequence):
        return "|".join(map(text, value))
    return json.dumps(value, ensure_ascii=False)
