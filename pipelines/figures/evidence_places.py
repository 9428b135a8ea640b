"""Tells from which delivery, file and columns a row of the warehouse was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Column

from mappings.problems import YamlProblems
from warehouse.landing.landing import LandedFile, Manifest
from warehouse.ledger.effective_loads import LoadRow, read_loads
from warehouse.schema import ENTITIES

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from mappings.source_yaml import EntityPart, TablePart
    from pipelines.hub import Hub


@dataclass(frozen=True)
class Delivered:
    """The delivery that brought a row: its day, its id, and the SHA-256 of the file in it."""

    delivery_date: date
    delivery_id: str
    sha256: str | None


class EvidencePlaces:
    """Where the rows behind figures come from; reads the landing once."""

    def __init__(self, hub: Hub, connection: Connection) -> None:
        self._hub = hub
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
                return Delivered(row.delivered_on, row.delivery_id, found.sha256)
        return Delivered(own.delivered_on, own.delivery_id, None) if own else None

    def _list_earlier(self, row: LoadRow) -> Iterator[LoadRow]:
        numbers = sorted((n for n in self._loads if n <= row.number), reverse=True)
        return (self._loads[n] for n in numbers if self._loads[n].source == row.source)

    def _find_file(self, row: LoadRow, file: str) -> LandedFile | None:
        manifest = self._manifests.get(row.delivery_id)
        files = manifest.files if manifest and row.restored_load is None else ()
        return next((landed for landed in files if landed.name == file), None)

    def list_columns(self, source: str, table: str, needs: Sequence[Column[Any]]) -> list[str]:
        """The columns of a delivered table that today's mapping reads for these fields."""
        tables = self._read_tables(source)
        chosen = {table: tables[table]} if table in tables else tables
        found = [
            column
            for part in chosen.values()
            for need in needs
            for column in _list_columns(part, need)
        ]
        return list(dict.fromkeys(found))

    def _read_tables(self, source: str) -> Mapping[str, TablePart]:
        if source not in self._hub.config.sources:
            return {}
        try:
            return self._hub.read_mapping(source).file.tables
        except YamlProblems:
            return {}


def _read_manifests(hub: Hub) -> Mapping[str, Manifest]:
    """The landed deliveries by id; none for an account that may not read the landing."""
    try:
        landed = hub.landing.list_manifests()
        return {one.delivery_id: one for one in landed if isinstance(one, Manifest)}
    except PermissionError:
        return {}


def _list_columns(table: TablePart, need: Column[Any]) -> Iterator[str]:
    (entity,) = (e.name for e in ENTITIES.values() if e.table is need.table)
    part = table.feeds.get(entity)
    if part is None:
        return
    if need.name in ("source_key", "record_key"):
        yield from part.key or table.key
        return
    yield from _list_field_columns(part, need.name)


def _list_field_columns(part: EntityPart, field: str) -> Iterator[str]:
    given = part.fields.get(field)
    if given is not None and given.column:
        yield given.column
    elif given is None and part.each is not None:
        yield from part.each.read_columns
