"""Writes rows of the tables whose every row has an entry in the ledger, row and entry as one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from warehouse.ledger.entries import Entry, Record, append_entries, insert_many
from warehouse.schema import ledger_content, ledger_leaf, metadata

Row = Mapping[str, Any]
# What the entry of a consent by hand says beside its row: the data groups.
GROUPS = "groups"


def list_entered_tables() -> list[Table]:
    """The tables whose rows are entered, by name."""
    return sorted(
        (table for table in metadata.tables.values() if table.info.get("entered")),
        key=lambda table: table.name,
    )


def insert_entered(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    more: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Inserts rows with all their columns and enters each; ``more``: what else its entry says."""
    if not rows:
        return
    insert_many(connection, table, rows)
    added = more or [{}] * len(rows)
    append_entries(
        connection,
        [
            Entry(table.name, describe_row(table, row) | dict(other), find_subject(row))
            for row, other in zip(rows, added, strict=True)
        ],
    )


def read_contents(connection: Connection, table: Table) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Position and content of the entries of a table's rows, oldest first; not of erased ones."""
    c = ledger_content.c
    rows = (
        select(c.position, c.content)
        .join(ledger_leaf, ledger_leaf.c.position == c.position)
        .where(ledger_leaf.c.kind == table.name)
        .order_by(c.position)
    )
    for position, content in connection.execute(rows):
        yield position, json.loads(content)


def describe_row(table: Table, row: Row) -> dict[str, Any]:
    """The content of a row's entry: each column that has a value."""
    return {"row": {c.name: row[c.name] for c in table.columns if row.get(c.name) is not None}}


def find_subject(row: Row) -> Record | None:
    """The person record that a row is about."""
    key = row.get("source_key") or row.get("person_key")
    return (row["source"], key) if key is not None else None


def find_subject_key(table: Table) -> str | None:
    """The column with the key of the person record that the rows are about."""
    return next((name for name in ("source_key", "person_key") if name in table.c), None)
