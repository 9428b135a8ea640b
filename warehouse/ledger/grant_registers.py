"""Reads the registers of staff, posts and grants as they were in force at a load."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table, select

from warehouse.as_of import KnownAt
from warehouse.schema import counselling_extension

_HISTORY = ("known_from", "known_to")


def read_entries(
    connection: Connection, register: Table, known_at: KnownAt
) -> list[dict[str, Any]]:
    """The entries of a register that were in force, by their key, without the columns of history."""
    columns = [c for c in register.columns if c.name not in _HISTORY]
    key = [c.name for c in columns if c.primary_key]
    rows = connection.execute(select(*columns).where(known_at.in_force(register))).mappings()
    # Sorted here: servers differ in the language they sort by.
    return sorted((dict(row) for row in rows), key=lambda row: [row[name] for name in key])


def read_extensions(connection: Connection, known_at: KnownAt) -> Mapping[str, Sequence[date]]:
    """Record ("source:key") → until when a recorded reason extends its counselling."""
    entries = read_entries(connection, counselling_extension, known_at)
    found = defaultdict(list)
    for e in entries:
        found[f"{e['source']}:{e['person_key']}"].append(e["until"])
    return found
