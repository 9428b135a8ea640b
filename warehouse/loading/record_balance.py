"""Where the changes of records are shown: with which file and table of the delivery, and in the ledger. Counting them is history's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert

from warehouse.loading.history import Change
from warehouse.loading.row_balance import RowCount
from warehouse.schema import entity_balance


def place_changes(changes: Sequence[Change], counts: Sequence[RowCount]) -> list[Change]:
    """The changes of one kind of record, once per file and table of the delivery whose tables are ``counts``."""
    # A record is gone from the file it once came in; where the file is not among this delivery's (exports number them), it
    # is shown with the same table of a file that is.
    mine = {(c.file, c.table) for c in counts}
    stands_in = {table: file for file, table in sorted(mine, reverse=True)}
    merged: dict[tuple[str, str], Change] = {}
    for c in changes:
        key = (
            (c.file, c.table)
            if (c.file, c.table) in mine
            else (stands_in.get(c.table, c.file), c.table)
        )
        old = merged.get(key, Change(*key, 0, 0, 0, 0))
        merged[key] = Change(
            *key,
            old.new + c.new,
            old.changed + c.changed,
            old.unchanged + c.unchanged,
            old.gone + c.gone,
        )
    return [merged[k] for k in sorted(merged)]


def write_balance(
    connection: Connection,
    delivery_id: str,
    entity: str,
    changes: Sequence[Change],
    before: int,
    after: int,
) -> None:
    """Writes what became of one kind of record; it replaces what an earlier load of the delivery wrote."""
    mine = entity_balance.c.delivery_id == delivery_id
    connection.execute(delete(entity_balance).where(mine, entity_balance.c.entity == entity))
    rows = [
        {
            "delivery_id": delivery_id,
            "file": c.file,
            "table_name": c.table,
            "entity": entity,
            "new": c.new,
            "changed": c.changed,
            "unchanged": c.unchanged,
            "gone": c.gone,
            "known_before": before,
            "known_after": after,
        }
        for c in changes
    ]
    if rows:
        connection.execute(insert(entity_balance), rows)
