"""Reads the ledger of the warehouse: deliveries with their balances, findings by rule. No case data is counted here."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from warehouse.as_of import KnownAt
from warehouse.schema import delivery, entity_balance, finding, load, table_balance
from warehouse.schema.states import DeliveryState, Severity

RECORD_COUNTS = ("new", "changed", "unchanged", "gone")
ROW_COUNTS = ("read", "used", "rejected", "repeated", "left_out")


@dataclass(frozen=True)
class RecordCounts:
    """What became of the records of one kind that came with one table."""

    new: int
    changed: int
    unchanged: int
    gone: int


@dataclass(frozen=True)
class TableBalance:
    """Where the rows of one delivered table went, and the records made of them by kind.

    A table that the delivery no longer has, but the one before had, is here without rows.
    """

    file: str
    table: str
    read: int
    used: int
    rejected: int
    repeated: int
    left_out: int
    left_out_by: Mapping[str, int]
    records: Mapping[str, RecordCounts]

    @property
    def closes(self) -> bool:
        """Whether every row read went somewhere."""
        return self.read == self.used + self.rejected + self.repeated + self.left_out


@dataclass(frozen=True)
class KnownRecords:
    """How many records of one kind a source had before and after a delivery."""

    before: int
    new: int
    gone: int
    after: int

    @property
    def closes(self) -> bool:
        """Whether what came and went explains the difference."""
        return self.before + self.new - self.gone == self.after


@dataclass(frozen=True)
class DeliveryBalance:
    """A delivery as the ledger keeps it; one that was not loaded has no load and no tables.

    ``message`` (German) says why; ``mapping`` is the hash of the mapping it was read with.
    """

    source: str
    delivered_on: date
    load: int | None
    state: DeliveryState
    message: str
    mapping: str
    delivery_id: str
    tables: Sequence[TableBalance]
    known: Mapping[str, KnownRecords]

    @property
    def closes(self) -> bool:
        """Whether all its rows and records add up."""
        return all(t.closes for t in self.tables) and all(k.closes for k in self.known.values())


def list_deliveries(connection: Connection, sources: Sequence[str] = ()) -> list[DeliveryBalance]:
    """Every delivery ever seen (of the sources, none named: of all), in order of date and source, as seen.

    ``records`` of a table are those whose row came with it; ``known`` is by kind of record.
    """
    statement = select(delivery).order_by(
        delivery.c.delivered_on, delivery.c.source, delivery.c.seen_at
    )
    if sources:
        statement = statement.where(delivery.c.source.in_(sources))
    rows, records = (
        _by_delivery(connection, table_balance),
        _by_delivery(connection, entity_balance),
    )
    return [
        _delivery_balance(row, rows[row.delivery_id], records[row.delivery_id])
        if row.load_number is not None
        else _delivery_balance(row, [], [])
        for row in connection.execute(statement)
    ]


def loaded_until(connection: Connection, known_at: KnownAt) -> list[DeliveryBalance]:
    """The deliveries behind what was known, each with the load that then had last taken it in."""
    last = func.max(load.c.number).label("number")
    counting = known_at.includes(load.c.number)
    loads = select(load.c.delivery_id, last).where(counting).group_by(load.c.delivery_id).subquery()
    taken = delivery.join(loads, loads.c.delivery_id == delivery.c.delivery_id)
    statement = select(delivery, loads.c.number).select_from(taken)
    rows, records = (
        _by_delivery(connection, table_balance),
        _by_delivery(connection, entity_balance),
    )
    return [
        _as_loaded(
            _delivery_balance(row, rows[row.delivery_id], records[row.delivery_id]), row.number
        )
        for row in connection.execute(
            statement.order_by(delivery.c.delivered_on, delivery.c.source, loads.c.number)
        )
    ]


def findings_by_rule(connection: Connection, delivery_id: str) -> dict[tuple[str, Severity], int]:
    """How many findings of a delivery there are, by rule and severity."""
    c = finding.c
    counts = select(c.rule, c.severity, func.count()).where(c.delivery_id == delivery_id)
    statement = counts.group_by(c.rule, c.severity).order_by(c.rule, c.severity)
    return {
        (rule, Severity(severity)): count for rule, severity, count in connection.execute(statement)
    }


def _as_loaded(found: DeliveryBalance, number: int) -> DeliveryBalance:
    """The delivery as of its load: one that failed when it was read anew was loaded before."""
    if found.state is DeliveryState.FAILED:
        found = replace(found, state=DeliveryState.LOADED, message="")
    return replace(found, load=number)


def _delivery_balance(row: Any, tables: Sequence[Any], records: Sequence[Any]) -> DeliveryBalance:
    return DeliveryBalance(
        source=row.source,
        delivered_on=row.delivered_on,
        load=row.load_number,
        state=DeliveryState(row.state),
        message=row.message or "",
        mapping=row.mapping_hash,
        delivery_id=row.delivery_id,
        tables=_table_balances(tables, records),
        known=_record_balances(records),
    )


def _by_delivery(connection: Connection, table: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
        found[row.delivery_id].append(row)
    return found


def _table_balances(rows: Sequence[Any], records: Sequence[Any]) -> list[TableBalance]:
    by_table = {(row.file, row.table_name): row for row in rows}
    made: dict[tuple[str, str], dict[str, RecordCounts]] = {table: {} for table in by_table}
    for row in records:
        counts = RecordCounts(**{name: getattr(row, name) for name in RECORD_COUNTS})
        # Records may be gone that came with a table which the delivery no longer has.
        made.setdefault((row.file, row.table_name), {})[row.entity] = counts
    return [_table_balance(*table, by_table.get(table), found) for table, found in made.items()]


def _table_balance(
    file: str, name: str, row: Any, records: Mapping[str, RecordCounts]
) -> TableBalance:
    counts = {count: getattr(row, count, 0) for count in ROW_COUNTS}
    reasons = json.loads(row.left_out_by) if row else {}
    return TableBalance(file, name, **counts, left_out_by=reasons, records=records)


def _record_balances(records: Sequence[Any]) -> dict[str, KnownRecords]:
    known: dict[str, KnownRecords] = {}
    for row in records:
        so_far = known.get(row.entity, KnownRecords(row.known_before, 0, 0, row.known_after))
        known[row.entity] = replace(so_far, new=so_far.new + row.new, gone=so_far.gone + row.gone)
    return known
