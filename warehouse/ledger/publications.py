"""Enters publications into the ledger: the number of each and the sum of its file."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, select

from warehouse.ledger.entries import Entry, append_entries
from warehouse.schema import ledger_content, ledger_leaf

KIND = "publication"


def enter_publications(connection: Connection, sums: Mapping[int, str]) -> None:
    """Enters publications by number in the caller's transaction: number → SHA-256 of the file."""
    entries = [Entry(KIND, {"number": number, "sha256": sha256}) for number, sha256 in sums.items()]
    if entries:
        append_entries(connection, entries)


def read_publication_sums(connection: Connection) -> dict[int, str]:
    """Number → SHA-256 of every publication that was entered."""
    c = ledger_content.c
    rows = (
        select(c.content)
        .join(ledger_leaf, ledger_leaf.c.position == c.position)
        .where(ledger_leaf.c.kind == KIND)
        .order_by(c.position)
    )
    contents = map(json.loads, connection.execute(rows).scalars())
    return {one["number"]: one["sha256"] for one in contents}
