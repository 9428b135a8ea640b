"""Marks on records, kept with who set and lifted them: restricted, or not to be erased."""

from __future__ import annotations

import getpass
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select

from warehouse.identity.record import Key
from warehouse.ledger.clock import read_clock
from warehouse.rights.subject import read_last_persons
from warehouse.schema import person_link, record_mark


class Mark(StrEnum):
    """What a mark means: nothing of the record leaves (Art. 18 DSGVO), or it must be kept."""

    RESTRICTED = "restricted"
    HOLD = "hold"


class MarkEvent(StrEnum):
    """What became of a mark."""

    SET = "set"
    LIFTED = "lifted"


@dataclass(frozen=True)
class MadeMark:
    """An event of a mark on a record, with the reason and who noted it when (UTC)."""

    number: int
    kind: str
    event: str
    record: str
    reason: str
    made_by: str
    made_at: datetime


def next_number(connection: Connection, table: Table) -> int:
    """The number that the next row of an append-only table gets."""
    newest = connection.execute(select(func.max(table.c.number))).scalar_one()
    return int(newest or 0) + 1


def write_mark(
    connection: Connection,
    kind: Mark,
    event: MarkEvent,
    records: Iterable[Key],
    reason: str,
    made_at: datetime | None = None,
) -> list[Key]:
    """Notes an event on each of the records that it changes, and returns these."""
    marked, wanted = read_marked(connection, kind), event is MarkEvent.SET
    changed = [key for key in sorted(records) if (key in marked) is not wanted]
    first = next_number(connection, record_mark)
    same: dict[str, Any] = {"kind": kind, "event": event, "reason": reason}
    same |= {"made_by": getpass.getuser(), "made_at": made_at or read_clock()}
    for number, (source, key) in enumerate(changed, first):
        row = {"number": number, "source": source, "source_key": key, **same}
        connection.execute(insert(record_mark).values(**row))
    return changed


def list_marks(connection: Connection, records: Collection[Key] | None = None) -> list[MadeMark]:
    """All events of the records (None: of all), in order."""
    rows = connection.execute(select(record_mark).order_by(record_mark.c.number))
    return [_read_row(row) for row in rows if records is None or _key_of(row) in records]


def _key_of(row: Any) -> Key:
    return row.source, row.source_key


def _read_row(row: Any) -> MadeMark:
    name = ":".join(_key_of(row))
    return MadeMark(row.number, row.kind, row.event, name, row.reason, row.made_by, row.made_at)


def read_marked(connection: Connection, kind: Mark) -> set[Key]:
    """The records that bear a mark now."""
    c = record_mark.c
    rows = select(c.source, c.source_key, c.event).where(c.kind == kind).order_by(c.number)
    last = {(source, key): event for source, key, event in connection.execute(rows)}
    return {key for key, event in last.items() if event == MarkEvent.SET}


def read_restricted(connection: Connection) -> set[Key]:
    """The records of which nothing may leave, with all that ever were one person with them.

    A link may be gone since; that a person restricted nothing else is for a human being to say.
    """
    marked = read_marked(connection, Mark.RESTRICTED)
    if not marked:
        return set()
    c = person_link.c
    links = connection.execute(select(c.source, c.source_key, c.person_id).distinct()).all()
    persons = {owner for source, key, owner in links if (source, key) in marked}
    return marked | {(source, key) for source, key, owner in links if owner in persons}


def read_held(connection: Connection) -> set[Key]:
    """The records that must be kept, with those that are one person with them."""
    marked = read_marked(connection, Mark.HOLD)
    last = read_last_persons(connection) if marked else {}
    persons = {last[key] for key in marked if key in last}
    return marked | {key for key, owner in last.items() if owner in persons}
