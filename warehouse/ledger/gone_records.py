"""Lists the records that were gone from a delivery, with the place they were last read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, exists, select

from warehouse.schema import ENTITIES, RECORDS, load


@dataclass(frozen=True)
class GoneRecord:
    """A record ("enaio:P-1") that a load ended; file, table and row are where it last was.

    ``load`` and ``delivered_on`` are of the delivery that no longer had it.
    """

    source: str
    delivered_on: date
    load: int
    entity: str
    record: str
    file: str
    table: str
    row: int


def list_gone(connection: Connection, sources: Sequence[str] = ()) -> list[GoneRecord]:
    """The records gone at each load, of all sources if none is given, also if they came back."""
    gone = [one for name in RECORDS for one in _list_gone_of(connection, name, sources)]
    return sorted(gone, key=lambda one: (one.load, one.entity, one.record))


def _list_gone_of(
    connection: Connection, entity: str, sources: Sequence[str]
) -> Iterator[GoneRecord]:
    rows = _select_gone(entity)
    if sources:
        rows = rows.where(ENTITIES[entity].table.c.source.in_(sources))
    for row in connection.execute(rows):
        name = f"{row.source}:{row.source_key}"
        yield GoneRecord(row.source, row.delivered_on, row.known_to, entity, name, *row[4:])


def _select_gone(entity: str) -> Select[Any]:
    table = ENTITIES[entity].table
    c = table.c
    place = (c.source_file, c.source_table, c.source_row)
    return (
        select(c.source, load.c.delivered_on, c.known_to, c.source_key, *place)
        .join_from(table, load, load.c.number == c.known_to)
        .where(~_is_replaced(table))
    )


def _is_replaced(table: Table) -> ColumnElement[bool]:
    """Whether a new version came at once: then the record has changed, and is not gone."""
    c = table.c
    since = table.alias().c
    return exists().where(
        since.source == c.source,
        since.source_key == c.source_key,
        since.known_from == c.known_to,
    )
