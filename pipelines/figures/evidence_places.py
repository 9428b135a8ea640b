"""Tells from which delivery, file and columns a row of the warehouse was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Column

from mappings.source_mapping import SourceMapping
from pipelines.figures.kept_mappings import read_load_mapping
from pipelines.intake.wanted_tables import WantedTables
from warehouse.landing.landing import LandedFile, Manifest
from warehouse.ledger.effective_loads import LoadRow, read_loads
from warehouse.schema import ENTITIES, Entity

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from mappings.source_yaml import EntityPart, TablePart
    from pipelines.hub import Hub


@dataclass(frozen=True)
class Delivered:
    """The delivery that brought a row: its day, its id, and the SHA-256 of the file in it.

    ``load``: the one that read the file.
    """

    delivery_date: date
    delivery_id: str
    sha256: str | None
    load: int


class EvidencePlaces:
    """Where the rows behind figures come from; reads the landing once."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._connection = connection
        self._mappings: dict[int, SourceMapping | None] = {}
        self._parts: dict[tuple[int, str, str], Sequence[TablePart]] = {}
        self._loads = {row.number: row for row in read_loads(connection)}
        self._manifests = _read_manifests(hub)

    def find_delivery(self, load: int, file: str) -> Delivered | None:
        """The delivery with which a row came that is known from a load.

        A load that returned its source to an earlier one brought nothing: the file is in that of an
        earlier load.
        """
        own = self._loads.get(load)
        for row in self._list_earlier(own) if own else ():
            found = self._find_file(row, file)
            if found is not None:
                return Delivered(row.delivered_on, row.delivery_id, found.sha256, row.number)
        return Delivered(own.delivered_on, own.delivery_id, None, load) if own else None

    def _list_earlier(self, row: LoadRow) -> Iterator[LoadRow]:
        """The loads that a row may have come with, the newest first; not those taken back."""
        last = row.number
        for number in sorted(self._loads, reverse=True):
            one = self._loads[number]
            if one.source == row.source and number <= last:
                yield one
                last = number if one.restored_load is None else one.restored_load

    def _find_file(self, row: LoadRow, file: str) -> LandedFile | None:
        manifest = self._manifests.get(row.delivery_id)
        files = manifest.files if manifest and row.restored_load is None else ()
        return next((landed for landed in files if landed.name == file), None)

    def list_columns(
        self, load: int, file: str, table: str, read: Sequence[Column[Any]]
    ) -> list[str]:
        """The columns of a delivered table from which a load read these of the schema.

        Empty where the mapping of that load was not kept or cannot be read any more.
        """
        parts = self._find_parts(load, file, table)
        found = [column for part in parts for column in _list_columns(part, read)]
        return list(dict.fromkeys(found))

    def _find_parts(self, load: int, file: str, table: str) -> Sequence[TablePart]:
        """What the mapping of a load says of a delivered table; kept, as many rows share it."""
        key = load, file, table
        if key not in self._parts:
            if load not in self._mappings:
                self._mappings[load] = read_load_mapping(self._connection, load)
            mapping = self._mappings[load]
            self._parts[key] = _choose_parts(mapping, file, table) if mapping else ()
        return self._parts[key]


def _choose_parts(mapping: SourceMapping, file: str, table: str) -> Sequence[TablePart]:
    names = sorted(WantedTables(mapping).find_readers(file, table))
    return [mapping.file.tables[name] for name in names]


def _read_manifests(hub: Hub) -> Mapping[str, Manifest]:
    """The landed deliveries by id; none for an account that may not read the landing."""
    try:
        landed = hub.landing.list_manifests()
        return {one.delivery_id: one for one in landed if isinstance(one, Manifest)}
    except PermissionError:
        return {}


def _list_columns(table: TablePart, read: Sequence[Column[Any]]) -> Iterator[str]:
    """The columns of a table from which fields of the schema come, in the order of these."""
    for column in read:
        entity = next(e for e in ENTITIES.values() if e.table is column.table)
        part = table.feeds.get(entity.name)
        if part is not None:
            yield from _list_field_columns(table, part, entity, column.name)
    # What decides whether there is such a record at all.
    for entity in ENTITIES.values():
        if entity.name in table.feeds and any(column.table is entity.table for column in read):
            yield from table.feeds[entity.name].when


def _list_field_columns(
    table: TablePart, part: EntityPart, entity: Entity, field: str
) -> Iterator[str]:
    given, each = part.fields.get(field), part.each
    if given is not None:
        yield from (*given.within, *filter(None, [given.column]), *given.only_if)
    elif field in ("source_key", "record_key", entity.owner):
        yield from part.key or table.key
    elif each is not None and (field in entity.each or f"(?P<{field}>" in (each.pattern or "")):
        yield from (*each.within, *each.read_columns)
