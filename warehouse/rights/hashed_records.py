"""Finds the person records that keyed hashes beside the warehouse name."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from warehouse.identity.record import Key
from warehouse.rights.rights_key import open_rights_key
from warehouse.schema import person


def find_hashed(connection: Connection, folder: Path, *, now: bool = False) -> dict[str, Key]:
    """The person records that were ever known (``now``: are known now), by their hashes."""
    key, c = open_rights_key(folder), person.c
    rows = select(c.source, c.source_key).distinct()
    if now:
        rows = rows.where(c.known_to.is_(None))
    return {key.hash_record((s, k)): (s, k) for s, k in connection.execute(rows)}
