"""Tells which loads still count: those that were not taken back, nor read anew as later ones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection, select

from warehouse.as_of import KnownAt
from warehouse.schema import delivery, load, restoration


@dataclass(frozen=True)
class LoadRow:
    """A load with the day and scope of its delivery; ``loaded_at`` in UTC.

    ``counts``: what it brought is part of what its source knows. A restoration brings nothing and
    never counts. ``restored_load`` and ``undone_load`` are those of a restoration.
    """

    number: int
    source: str
    delivery_id: str
    delivered_on: date
    scope: str
    mapping_hash: str
    loaded_at: datetime
    restored_load: int | None
    undone_load: int | None
    counts: bool = True


def read_loads(
    connection: Connection, source: str | None = None, known_at: KnownAt | None = None
) -> list[LoadRow]:
    """The loads (of one source) in order, those that count marked as of ``known_at`` (None: now)."""
    c, r = load.c, restoration.c
    rows = (
        select(
            c.number,
            c.source,
            c.delivery_id,
            c.delivered_on,
            delivery.c.scope,
            c.mapping_hash,
            c.loaded_at,
            r.restored_load,
            r.undone_load,
        )
        .select_from(
            load.join(delivery, delivery.c.delivery_id == c.delivery_id).outerjoin(
                restoration, r.load_number == c.number
            )
        )
        .order_by(c.number)
    )
    if source is not None:
        rows = rows.where(c.source == source)
    if known_at is not None:
        rows = rows.where(known_at.includes(c.number))
    loads = [LoadRow(*row) for row in connection.execute(rows)]
    counting = _find_counting(loads)
    return [replace(row, counts=row.number in counting) for row in loads]


def list_effective(
    connection: Connection, source: str | None = None, known_at: KnownAt | None = None
) -> list[LoadRow]:
    """The loads that count, in order."""
    return [row for row in read_loads(connection, source, known_at) if row.counts]


def _find_counting(loads: list[LoadRow]) -> set[int]:
    """The numbers of the loads that count: a restoration drops all of its source since."""
    chains: dict[str, list[int]] = defaultdict(list)
    for row in loads:
        if row.restored_load is None:
            chains[row.source].append(row.number)
        else:
            kept = [number for number in chains[row.source] if number <= row.restored_load]
            chains[row.source] = kept
    return {number for chain in chains.values() for number in chain}
