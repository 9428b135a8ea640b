"""Reads deliveries with their balances, and their findings by rule, from the ledger."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, Subquery, Table, func, select

from warehouse.as_of import KnownAt
from warehouse.ledger.earlier_balances import Rows, read_kept
from warehouse.ledger.effective_loads import list_effective
from warehouse.schema import (
    delivery,
    entity_balance,
    finding,
    load,
    restoration,
    table_balance,
)
from warehouse.schema.states import DeliveryScope, DeliveryState, Severity

RECORD_COUNTS = ("new", "changed", "unchanged", "gone")
ROW_COUNTS = ("read", "used", "rejected", "repeated", "left_out")


@dataclass(frozen=True)
class RecordCounts:
    """How many records of one kind changed that came with one table."""

    new: int
    changed: int
    unchanged: int
    gone: int


@dataclass(frozen=True)
class TableBalance:
    """The row counts of one delivered table, and the records made of its rows by kind.

    A table that only the delivery before had is included without rows.
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
        """Whether all rows read are accounted for."""
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
        """Whether new and gone records explain the difference."""
        return self.before + self.new - self.gone == self.after


@dataclass(frozen=True)
class DeliveryBalance:
    """A delivery in the ledger; one that was not loaded has no load and no tables.

    ``message`` (German) states why; ``mapping`` is the hash of the mapping it was read with.
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
        """Whether all its rows and records are accounted for."""
        return all(t.closes for t in self.tables) and all(k.closes for k in self.known.values())


def list_deliveries(connection: Connection, sources: Sequence[str] = ()) -> list[DeliveryBalance]:
    """Lists all deliveries, of all sources if none is given, by date, source and time of arrival.

    ``records`` of a table are those whose row came with it; ``known`` is by kind of record.
    """
    c = delivery.c
    statement = select(delivery).order_by(c.delivered_on, c.source, c.seen_at)
    if sources:
        statement = statement.where(c.source.in_(sources))
    return [
        balance if row.load_number is not None else replace(balance, tables=[], known={})
        for row, balance in _read_balances(connection, statement)
    ]


def loaded_until(connection: Connection, known_at: KnownAt) -> list[DeliveryBalance]:
    """Lists the deliveries that ``known_at`` includes, each with the last load of it by then."""
    last = {row.delivery_id: row for row in list_effective(connection, None, known_at)}
    kept = read_kept(connection)
    found = [
        _as_loaded(balance, done.number, done.mapping_hash, kept.get(done.number))
        for row, balance in _read_balances(connection, select(delivery))
        if (done := last.get(row.delivery_id)) is not None
    ]
    return sorted(found, key=lambda d: (d.delivered_on, d.source, d.load))


def list_earlier(connection: Connection, sources: Sequence[str] = ()) -> list[DeliveryBalance]:
    """Lists the loads of deliveries that were read again since, or whose new reading failed."""
    statement = (
        select(delivery, load.c.number, load.c.mapping_hash.label("read_with"))
        .join_from(delivery, load, load.c.delivery_id == delivery.c.delivery_id)
        .where(
            delivery.c.load_number.is_distinct_from(load.c.number),
            load.c.number.not_in(select(restoration.c.load_number)),
        )
        .order_by(load.c.number)
    )
    if sources:
        statement = statement.where(delivery.c.source.in_(sources))
    kept = read_kept(connection)
    return [
        _as_loaded(balance, row.number, row.read_with, kept.get(row.number))
        for row, balance in _read_balances(connection, statement)
        if row.number in kept or row.load_number is None
    ]


def _read_balances(
    connection: Connection, deliveries: Select[*tuple[Any, ...]]
) -> Iterator[tuple[Any, DeliveryBalance]]:
    """Yields each selected row of the table ``delivery`` with the balance of the delivery."""
    rows = _group_by_delivery(connection, table_balance)
    records = _group_by_delivery(connection, entity_balance)
    for row in connection.execute(deliveries):
        yield row, _delivery_balance(row, rows[row.delivery_id], records[row.delivery_id])


def find_standing(connection: Connection, sources: Sequence[str] = ()) -> dict[str, list[str]]:
    """The deliveries of each source whose findings still stand, by their identifiers, in order.

    A full delivery that was loaded whole replaces what came before it; what came since stands.
    """
    c = delivery.c
    rows = select(delivery).order_by(c.delivered_on, c.seen_at)
    if sources:
        rows = rows.where(c.source.in_(sources))
    standing: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(rows):
        if row.scope == DeliveryScope.FULL and row.state == DeliveryState.LOADED:
            standing[row.source].clear()
        standing[row.source].append(row.delivery_id)
    return standing


def list_former_files(
    connection: Connection, source: str, before: date
) -> list[list[tuple[str, str]]]:
    """File and table of what a source's full deliveries had before that day, oldest first.

    Counted from the last one that was loaded whole: what only those since lack is still missing.
    """
    c = delivery.c
    loads = select(c.delivery_id, c.state, c.load_number).where(
        c.source == source,
        c.scope == DeliveryScope.FULL,
        c.load_number.is_not(None),
        c.state != DeliveryState.UNDONE,
        c.delivered_on < before,
    )
    recent: list[str] = []
    for row in connection.execute(loads.order_by(c.load_number.desc())):
        recent.append(row.delivery_id)
        if row.state == DeliveryState.LOADED:
            break
    b = table_balance.c
    places = select(b.delivery_id, b.file, b.table_name).distinct()
    found = connection.execute(places.where(b.delivery_id.in_(recent))).all()
    return [
        sorted((file, table) for delivery_id, file, table in found if delivery_id == each)
        for each in reversed(recent)
    ]


def findings_by_rule(
    connection: Connection, delivery_ids: Sequence[str]
) -> dict[tuple[str, Severity], int]:
    """Counts the findings of deliveries by rule and severity."""
    c = finding.c
    counts = select(c.rule, c.severity, func.count()).where(c.delivery_id.in_(delivery_ids))
    statement = counts.group_by(c.rule, c.severity).order_by(c.rule, c.severity)
    return {
        (rule, Severity(severity)): count for rule, severity, count in connection.execute(statement)
    }


def _select_newest_days() -> Subquery:
    """The day of each source's newest delivery that counts: source and day."""
    c = delivery.c
    days = select(c.source, func.max(c.delivered_on).label("day"))
    return days.where(c.state != DeliveryState.UNDONE).group_by(c.source).subquery()


def red_sources(connection: Connection, sources: Container[str]) -> dict[str, str]:
    """Those of the sources whose newest delivery is not wholly loaded, each with the reason."""
    newest = _select_newest_days()
    same = (newest.c.source == delivery.c.source) & (newest.c.day == delivery.c.delivered_on)
    rows = select(delivery).select_from(delivery.join(newest, same)).order_by(delivery.c.seen_at)
    # Of several deliveries of that day, the one seen last counts.
    last = {row.source: row for row in connection.execute(rows)}
    return {
        source: row.message or ""
        for source, row in last.items()
        if DeliveryState(row.state).is_red and source in sources
    }


def _as_loaded(
    found: DeliveryBalance, number: int, mapping: str, kept: Rows | None
) -> DeliveryBalance:
    """Returns a delivery as of its load, even if it was read again, taken back or failed later."""
    if kept is not None:
        tables, known = _table_balances(*kept), _record_balances(kept[1])
        found = replace(found, tables=tables, known=known)
    if found.state in (DeliveryState.FAILED, DeliveryState.UNDONE):
        found = replace(found, state=DeliveryState.LOADED, message="")
    return replace(found, load=number, mapping=mapping)


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


def _group_by_delivery(connection: Connection, table: Table) -> dict[str, list[Any]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(select(table).order_by(*table.primary_key.columns)):
        groups[row.delivery_id].append(row)
    return groups


def _read_counts(row: Any) -> RecordCounts:
    return RecordCounts(**{name: getattr(row, name) for name in RECORD_COUNTS})


def _table_balances(rows: Sequence[Any], records: Sequence[Any]) -> list[TableBalance]:
    by_table = {(row.file, row.table_name): row for row in rows}
    record_counts: dict[tuple[str, str], dict[str, RecordCounts]] = {
        table: {} for table in by_table
    }
    for row in records:
        counts = _read_counts(row)
        # Gone records may have come with a table that this delivery does not have.
        record_counts.setdefault((row.file, row.table_name), {})[row.entity] = counts
    return [
        _table_balance(*table, by_table.get(table), counts)
        for table, counts in record_counts.items()
    ]


def _table_balance(
    file: str, name: str, row: Any, records: Mapping[str, RecordCounts]
) -> TableBalance:
    counts = {count: getattr(row, count, 0) for count in ROW_COUNTS}
    reasons = json.loads(row.left_out_by) if row else {}
    return TableBalance(file, name, **counts, left_out_by=reasons, records=records)


def _record_balances(records: Sequence[Any]) -> dict[str, KnownRecords]:
    known: dict[str, KnownRecords] = {}
    for row in records:
        sums = known.get(row.entity, KnownRecords(row.known_before, 0, 0, row.known_after))
        known[row.entity] = replace(sums, new=sums.new + row.new, gone=sums.gone + row.gone)
    return known
