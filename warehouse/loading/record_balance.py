"""Assigns the changes of records to the files and tables of a delivery and writes their balance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import Connection, delete

from warehouse.database import bulk_insert
from warehouse.loading.history import Change
from warehouse.loading.row_balance import RowCount
from warehouse.schema import entity_balance


def place_changes(changes: Sequence[Change], counts: Sequence[RowCount]) -> list[Change]:
    """Merges the changes of one kind of record, once per file and table of the delivery.

    A record is gone from the file it once came in. Where the delivery has no such file (exports
    number them), it counts for a file of the delivery with the same table.
    """
    delivered = {(count.file, count.table) for count in counts}
    first_files = {table: file for file, table in sorted(delivered, reverse=True)}
    placed: dict[tuple[str, str], list[Change]] = defaultdict(list)
    for change in changes:
        file = change.file
        if (file, change.table) not in delivered:
            file = first_files.get(change.table, file)
        placed[file, change.table].append(change)
    return [_merge_changes(*place, placed[place]) for place in sorted(placed)]


def _merge_changes(file: str, table: str, changes: Sequence[Change]) -> Change:
    return Change(
        file,
        table,
        new=sum(change.new for change in changes),
        changed=sum(change.changed for change in changes),
        unchanged=sum(change.unchanged for change in changes),
        gone=sum(change.gone for change in changes),
    )


def write_balance(
    connection: Connection,
    delivery_id: str,
    entity: str,
    changes: Sequence[Change],
    before: int,
    after: int,
) -> None:
    """Writes the balance of one kind of record, in place of an earlier load's of the delivery."""
    c = entity_balance.c
    former = delete(entity_balance).where(c.delivery_id == delivery_id, c.entity == entity)
    connection.execute(former)
    rows = [
        {
            "delivery_id": delivery_id,
            "file": change.file,
            "table_name": change.table,
            "entity": entity,
            "new": change.new,
            "changed": change.changed,
            "unchanged": change.unchanged,
            "gone": change.gone,
            "known_before": before,
            "known_after": after,
        }
        for change in changes
    ]
    bulk_insert.insert_rows(connection, entity_balance, rows)
