"""Reads the rows of many records, in portions that a statement can hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, tuple_

from warehouse.identity.record import Key

_KEYS_AT_ONCE = 1000


def read_rows(
    connection: Connection, rows: Select[*tuple[Any, ...]], table: Table, keys: Collection[Key]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The selected rows of a table that are of these records."""
    for condition in match_records(table, keys):
        yield from connection.execute(rows.where(condition))


def match_records(table: Table, keys: Collection[Key]) -> Iterator[ColumnElement[bool]]:
    """Conditions, one after the other: the row of a table is of some of these records."""
    record, wanted = tuple_(table.c.source, table.c.source_key), sorted(keys)
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        yield record.in_(wanted[start : start + _KEYS_AT_ONCE])
