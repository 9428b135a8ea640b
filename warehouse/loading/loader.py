"""Loading one delivery: its rows are staged, compared and taken into history in one transaction, with balance, findings and load number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import Connection, Table, delete, func, insert, select

from warehouse.database import bulk_insert
from warehouse.loading import findings as ledger
from warehouse.loading import mass_change_guard
from warehouse.loading.ended_records import find_ended
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.history import (
    Change,
    HistoryUpdate,
    all_new,
    compare_with_history,
    count_known,
    is_known,
    take_in,
)
from warehouse.loading.mass_change_guard import Limits
from warehouse.loading.record_balance import place_changes, write_balance
from warehouse.loading.row_balance import RowCount, check_records, check_rows
from warehouse.loading.staging import Staging
from warehouse.loading.table_load import TableLoad, TableUse
from warehouse.schema import ENTITIES, Entity, delivery, load, table_balance
from warehouse.schema.states import DeliveryScope, DeliveryState


@dataclass(frozen=True)
class IncomingDelivery:
    """A delivery about to be loaded."""

    delivery_id: str
    source: str
    delivered_on: date
    scope: str
    mapping_hash: str


@dataclass
class LoadResult:
    """What a load did. ``state``: loaded, or incomplete where a table could not be read.

    ``changes`` holds, per record kind, what became of the records of each table.
    """

    number: int
    state: DeliveryState
    counts: list[RowCount]
    changes: dict[str, list[Change]] = field(default_factory=dict)
    contradictions: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Comparison:
    entity: Entity
    taking: HistoryUpdate
    before: int
    changes: list[Change]

    def count(self, *kinds: str) -> int:
        """How many rows are new, changed, unchanged or gone, over all tables."""
        return sum(getattr(change, kind) for change in self.changes for kind in kinds)


class Loader:
    """Loads one delivery on the connection given; all of it is kept or undone with its transaction.

    ``uses`` says of each table of the mapping what its rows are for. Whatever else decides about the
    load follows from that and from which tables were read: those that a delivery must have and that
    were not loaded count as unreadable.
    """

    def __init__(
        self, connection: Connection, arrival: IncomingDelivery, uses: Mapping[str, TableUse]
    ) -> None:
        self.connection = connection
        self.arrival = arrival
        self.uses = uses
        self.staging = Staging(connection)
        self._tables: list[TableLoad] = []
        self._seen: set[str] = set()
        self._stopped: set[str] = set()
        self._discarded: list[range] = []
        self._contradictions: dict[str, int] | None = None
        self._ended: dict[str, Table] = {}

    @property
    def counts(self) -> list[RowCount]:
        """The rows of each table that was read to its end."""
        return [table.count for table in self._tables]

    @contextmanager
    def begin_table(self, name: str, file: str, title: str) -> Iterator[TableLoad]:
        """Loads one table of a file, by its name in the mapping; ``title`` is its own name there.

        Left by an exception, the table is discarded and nothing ends of what it feeds: half a table
        says nothing sure.
        """
        self._seen.add(name)
        first = self.staging.next_ordinal
        table = TableLoad(self.staging, self.uses[name], RowCount(file, title), full=self._is_full)
        try:
            yield table
        except Exception:
            self._stopped.add(name)
            # Deleted later: after an error of the database its connection takes no statement.
            self._discarded.append(range(first, self.staging.next_ordinal))
            raise
        self._tables.append(table)

    def missing_tables(self, found: DeliveryFindings) -> list[str]:
        """The tables a delivery must have that were neither loaded nor found unreadable."""
        seen = self._seen | found.stopped
        return [n for n, use in self.uses.items() if not use.optional and n not in seen]

    def end_staging(self) -> dict[str, int]:
        """Ends the staging; ``finish`` does so where nobody has.

        Returns, per entity, how many records came with rows that contradict each other (the first one holds).
        """
        if self._contradictions is None:
            check_rows(self.counts)
            for rows in self._discarded:
                self.staging.discard_table(rows)
            self._contradictions = self.staging.resolve_duplicates()
        return self._contradictions

    def finish(
        self, found: DeliveryFindings, limits: Limits | None = None, message: str | None = None
    ) -> LoadResult:
        """Compares, asks the guard, takes in, checks the balance and writes the ledger.

        GuardTripped and BalanceOpen undo all with the transaction.
        """
        contradictions = self.end_staging()
        self._stop_unread(found)
        self._stage_unfed()
        self._ended = find_ended(self._tables, self.staging, self._stopped_entities)
        state = DeliveryState.INCOMPLETE if self._stopped else DeliveryState.LOADED
        done = LoadResult(self._next_number(), state, self.counts, contradictions=contradictions)
        compared = [self._compare_entity(done.number, entity) for entity in self.staging.tables]
        _check_guard(limits, compared)
        for c in compared:
            self._take_in(c, done)
        bulk_insert.analyze_tables(
            self.connection, (c.entity.table for c in compared if _changed_much(c))
        )
        self._write_ledger(done, message)
        ledger.write_findings(self.connection, self.arrival.delivery_id, found)
        return done

    @property
    def _is_full(self) -> bool:
        return self.arrival.scope == DeliveryScope.FULL

    @property
    def _stopped_entities(self) -> set[str]:
        # What was to keep records and cannot be read keeps them all.
        return {
            entity
            for name in self._stopped
            for entity in (*self.uses[name].feeds, *self.uses[name].keeps)
        }

    def _next_number(self) -> int:
        last = select(func.coalesce(func.max(load.c.number), 0))
        return int(self.connection.execute(last).scalar_one()) + 1

    def _stop_unread(self, found: DeliveryFindings) -> None:
        self._stopped |= {*found.stopped, *self.missing_tables(found)}

    def _stage_unfed(self) -> None:
        """Stages nothing of the entities that no table feeds: what a full delivery left known of them has ended."""
        fed = {entity for use in self.uses.values() for entity in use.feeds}
        for name in sorted(ENTITIES.keys() - fed) if self._is_full else ():
            if is_known(self.connection, self.arrival.source, name):
                self.staging.ensure_table(name)

    def _compare_entity(self, number: int, name: str) -> _Comparison:
        stopped, record = self._stopped_entities, ENTITIES[name].record
        full = self._is_full and name not in stopped
        # A record that comes in a partial delivery comes whole; where a table stopped, nothing sure is known of its parts.
        whole = not full and name != record and not {name, record} & stopped
        within = self.staging.tables.get(record) if whole else None
        taking = HistoryUpdate(
            self.arrival.source, number, full, within, ended=self._ended.get(record)
        )
        before = count_known(self.connection, taking.source, name)
        staged = self.staging.tables[name]
        changes = (
            compare_with_history(self.connection, taking, name, staged)
            if before
            else all_new(self.staging.count_rows(name))
        )
        return _Comparison(ENTITIES[name], taking, before, changes)

    def _take_in(self, compared: _Comparison, done: LoadResult) -> None:
        name, changes, before = compared.entity.name, compared.changes, compared.before
        after = before
        if compared.count("new", "changed", "gone"):
            grown = take_in(
                self.connection, compared.taking, name, self.staging.tables[name], changes, before
            )
            after = (
                count_known(self.connection, self.arrival.source, name)
                if grown is None
                else before + grown
            )
        check_records(name, before, compared.count("new"), compared.count("gone"), after)
        done.known[name] = after
        if compared.entity.is_record:
            done.changes[name] = place_changes(changes, self.counts)
            write_balance(
                self.connection, self.arrival.delivery_id, name, done.changes[name], before, after
            )

    def _write_ledger(self, done: LoadResult, message: str | None) -> None:
        arrival = self.arrival
        record_delivery(self.connection, arrival, done.state, message, done.number)
        self.connection.execute(
            delete(table_balance).where(table_balance.c.delivery_id == arrival.delivery_id)
        )
        if done.counts:
            self.connection.execute(
                insert(table_balance), [c.as_row(arrival.delivery_id) for c in done.counts]
            )
        values = {
            "number": done.number,
            "delivery_id": arrival.delivery_id,
            "source": arrival.source,
            "delivered_on": arrival.delivered_on,
            "mapping_hash": arrival.mapping_hash,
            "loaded_at": datetime.now(UTC).replace(tzinfo=None),
        }
        self.connection.execute(insert(load).values(values))


def _check_guard(limits: Limits | None, compared: Sequence[_Comparison]) -> None:
    records = [c for c in compared if c.entity.is_record]
    mass_change_guard.check_limits(
        limits,
        {c.entity.name: c.before for c in records},
        {c.entity.name: c.changes for c in records},
    )


def _changed_much(compared: _Comparison) -> bool:
    return compared.count("new", "changed", "gone") > compared.before // 20


def record_delivery(
    connection: Connection,
    arrival: IncomingDelivery,
    state: str,
    message: str | None,
    number: int | None,
) -> None:
    """Writes how a delivery stands; its newest state replaces the one before."""
    connection.execute(delete(delivery).where(delivery.c.delivery_id == arrival.delivery_id))
    connection.execute(
        insert(delivery).values(
            delivery_id=arrival.delivery_id,
            source=arrival.source,
            delivered_on=arrival.delivered_on,
            scope=arrival.scope,
            state=state,
            message=message,
            load_number=number,
            mapping_hash=arrival.mapping_hash,
            seen_at=datetime.now(UTC).replace(tzinfo=None),
        )
    )
