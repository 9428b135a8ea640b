"""Keeps the balance of a load when its delivery is read again, and reads it back.

A delivery has one balance in the ledger, that of its last load. The text of an earlier one is kept
with the load it is of.
"""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Table, func, select

from warehouse.ledger.configuration import BALANCE, keep_texts, select_texts
from warehouse.schema import (
    entity_balance,
    load,
    load_configuration,
    restoration,
    table_balance,
)

# The rows of the table balances, and those of the record balances.
Rows = tuple[list[Any], list[Any]]
_PARTS: tuple[tuple[str, Table], ...] = (("rows", table_balance), ("records", entity_balance))


def keep_balance(connection: Connection, delivery_id: str) -> None:
    """Keeps the balance of a delivery's last load, before a new one takes its place."""
    number = find_last_load(connection, delivery_id)
    if number is None or _is_kept(connection, number):
        return
    parts = {name: _read_rows(connection, table, delivery_id) for name, table in _PARTS}
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    keep_texts(connection, number, {(BALANCE, "delivery"): text})


def find_last_load(connection: Connection, delivery_id: str) -> int | None:
    """The number of a delivery's last load; None where it was never loaded.

    A source's return to it brought nothing and has no balance.
    """
    returned = select(restoration.c.load_number)
    last = select(func.max(load.c.number)).where(
        load.c.delivery_id == delivery_id, load.c.number.not_in(returned)
    )
    number: int | None = connection.execute(last).scalar_one()
    return number


def read_kept(connection: Connection) -> dict[int, Rows]:
    """The kept balances by the number of their load."""
    c = load_configuration.c
    kept = connection.execute(select_texts(c.load_number).where(c.kind == BALANCE))
    return {number: _restore_rows(content) for number, content in kept}


def _restore_rows(content: str) -> Rows:
    parts = json.loads(content)
    rows, records = ([SimpleNamespace(**row) for row in parts[name]] for name, _ in _PARTS)
    return rows, records


def _is_kept(connection: Connection, number: int) -> bool:
    c = load_configuration.c
    kept = select(c.load_number).where(c.load_number == number, c.kind == BALANCE)
    return connection.execute(kept).first() is not None


def _read_rows(connection: Connection, table: Table, delivery_id: str) -> list[dict[str, Any]]:
    rows = select(table).where(table.c.delivery_id == delivery_id)
    ordered = rows.order_by(*table.primary_key.columns)
    return [dict(row) for row in connection.execute(ordered).mappings()]
