"""Reads the ledger of the warehouse: deliveries with their balances, findings by rule. No case data is counted here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from warehouse.as_of import KnownAt
from warehouse.schema import delivery, entity_balance, finding, load, table_balance
from warehouse.schema.states import DeliveryState

RECORD_COUNTS = ("new", "changed", "unchanged", "gone")
ROW_COUNTS = ("read", "used", "rejected", "repeated", "left_out")
Answer = dict[str, Any]


def deliveries(connection: Connection, sources: Sequence[str] = ()) -> list[Answer]:
    """Every delivery ever seen (of the sources, none named: of all), in order of date and source, as seen.

    ``records`` of a table are those whose row came with it; ``known`` says per kind of record what the source had before
    and after. A delivery that was not loaded has no tables, and ``message`` says why.
    """
    statement = select(delivery).order_by(delivery.c.delivered_on, delivery.c.source, delivery.c.seen_at)
    if sources:
        statement = statement.where(delivery.c.source.in_(sources))
    rows, records = _by_delivery(connection, table_balance), _by_delivery(connection, entity_balance)
    return [
        _answer(row, rows[row.delivery_id], records[row.delivery_id]) if row.load_number is not None else _answer(row, [], [])
        for row in connection.execute(statement)
    ]


def loaded_until(connection: Connection, known_at: KnownAt) -> list[Answer]:
    """The deliveries behind what was known, each with the load that then had last taken it in."""
    last = func.max(load.c.number).label("number")
    counting = known_at.includes(load.c.number)
    loads = select(load.c.delivery_id, last).where(counting).group_by(load.c.delivery_id).subquery()
    taken = delivery.join(loads, loads.c.delivery_id == delivery.c.delivery_id)
    statement = select(delivery, loads.c.number).select_from(taken)
    rows, records = _by_delivery(connection, table_balance), _by_delivery(connection, entity_balance)
    return [
        # Read anew in vain it still is what it was when it was loaded.
        {**_answer(row, rows[row.delivery_id], records[row.delivery_id]), "load": row.number, **_once_loaded(row.state)}
        for row in connection.execute(statement.order_by(delivery.c.delivered_on, delivery.c.source, loads.c.number))
    ]


def findings_by_rule(connection: Connection, delivery_id: str) -> dict[tuple[str, str], int]:
    """How many findings of a delivery there are, by rule and severity."""
    c = finding.c
    counts = select(c.rule, c.severity, func.count()).where(c.delivery_id == delivery_id)
    statement = counts.group_by(c.rule, c.severity).order_by(c.rule, c.severity)
    return {(rule, severity): count for rule, severity, count in connection.execute(statement)}


def _once_loaded(state: str) -> Answer:
    return {"state": DeliveryState.LOADED, "message": ""} if state == DeliveryState.FAILED else {}


def _answer(row: Any, tables: Sequence[Any], records: Sequence[Any]) -> Answer:
    return {
        "source": row.source,
        "date": row.delivered_on.isoformat(),
        "load": row.load_number,
        "state": DeliveryState(row.state),
        "message": row.message or "",
        "mapping": row.mapping_hash,
        "delivery": row.delivery_id,
        "tables": _tables(tables, records),
        "known": _known(records),
    }


def _by_delivery(connection: Connection, table: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
        found[row.delivery_id].append(row)
    return found


def _tables(rows: Sequence[Any], records: Sequence[Any]) -> list[Answer]:
    tables: dict[tuple[str, str], Answer] = {}
    for row in rows:
        counts = {name: getattr(row, name) for name in ROW_COUNTS}
        tables[row.file, row.table_name] = {
            "file": row.file,
            "table": row.table_name,
            **counts,
            "left_out_by": json.loads(row.left_out_by),
            "records": {},
        }
    for row in records:
        # Records may be gone that came with a table which the delivery no longer has: it then shows without rows.
        empty = {**dict.fromkeys(ROW_COUNTS, 0), "left_out_by": {}, "records": {}}
        table = tables.setdefault((row.file, row.table_name), {"file": row.file, "table": row.table_name, **empty})
        table["records"][row.entity] = {name: getattr(row, name) for name in RECORD_COUNTS}
    return list(tables.values())


def _known(records: Sequence[Any]) -> Answer:
    known: Answer = {}
    for row in records:
        start = {"before": row.known_before, "new": 0, "gone": 0, "after": row.known_after}
        entity = known.setdefault(row.entity, start)
        entity["new"] += row.new
        entity["gone"] += row.gone
    return known
