"""Loading one delivery: its rows are staged, compared and taken into history in one transaction, with balance, findings and load number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pyarrow as pa
from sqlalchemy import Connection, Table, delete, func, insert, select

from warehouse import bulk, guard
from warehouse import findings as ledger
from warehouse.balance import RowCount, check_records, check_rows
from warehouse.findings import Found
from warehouse.guard import Limits
from warehouse.history import Change, Taking, all_new, compare, count_known, is_known, take_in
from warehouse.naming import Naming
from warehouse.placed_changes import placed, write_balance
from warehouse.schema import ENTITIES, Entity, delivery, load, table_balance
from warehouse.staging import Staging


@dataclass(frozen=True)
class Arrival:
    """A delivery about to be loaded."""

    delivery_id: str
    source: str
    delivered_on: date
    scope: str
    mapping_hash: str


@dataclass
class Loaded:
    """What a load did. ``changes`` holds, per record kind, what became of the records of each table."""

    number: int
    counts: list[RowCount]
    changes: dict[str, list[Change]] = field(default_factory=dict)
    contradictions: dict[str, int] = field(default_factory=dict)
    people_changed: bool = False
    known: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Compared:
    entity: Entity
    taking: Taking
    before: int
    changes: list[Change]


class Loader:
    """Takes one delivery in. Everything happens on the connection given and is kept or undone with its transaction."""

    def __init__(self, connection: Connection, arrival: Arrival) -> None:
        self.connection = connection
        self.arrival = arrival
        self.staging = Staging(connection)
        self.counts: list[RowCount] = []
        self._stopped: set[str] = set()
        self._contradictions: dict[str, int] | None = None
        self._naming = Naming()
        self._ended: dict[str, Table] = {}

    def table(
        self,
        file: str,
        table: str,
        entities: Iterable[str],
        *,
        unique: bool,
        companions: Mapping[str, Sequence[str]] | None = None,
    ) -> RowCount:
        """Begins a table of the delivery; its rows are counted in what is returned.

        ``companions``: record → entities of other records on the same row, whose changes are changes of the record, too.
        """
        self.staging.open(entities, unique=unique)
        for record, together in (companions or {}).items():
            self.staging.bind(record, together, table)
        self.counts.append(RowCount(file, table))
        return self.counts[-1]

    def discard(self, count: RowCount) -> None:
        """Takes back what was added of a table that broke off: half a table says nothing sure."""
        self.staging.discard(count.file, count.table)
        self._naming.discard(count)
        self.counts.remove(count)

    def distrust(self, consents: Iterable[str]) -> None:
        """Says that these consents came with rows that contradict each other; they are kept, but let nothing out."""
        self.staging.distrusted |= set(consents)

    def unfed(self, entities: Iterable[str]) -> None:
        """Says that nothing in the mapping feeds these entities: what a full delivery left known of them before has ended."""
        if self.arrival.scope == "full":
            for name in sorted(entities):
                if is_known(self.connection, self.arrival.source, name):
                    self.staging.ready(name)

    def stopped(self, entities: Iterable[str]) -> None:
        """Says that a table which feeds ``entities`` could not be read: what is missing of them has not ended."""
        self._stopped |= set(entities)

    def add(self, entity: str, batch: pa.RecordBatch, count: RowCount) -> None:
        """Rows of an entity, from the table of ``count``."""
        self.staging.add(entity, batch, count.file, count.table)

    def name(self, ends: Iterable[str], keeps: Iterable[str], keys: pa.StringArray, count: RowCount) -> None:
        """Keys of records that ``ends`` or ``keeps`` (kinds of records), from the table of ``count``.

        Only a partial delivery needs telling what is gone; a full one tells by itself, and there this changes nothing.
        """
        if self.arrival.scope == "partial":
            self._naming.add(ends, keeps, keys, count)

    def settle(self) -> dict[str, int]:
        """Ends the staging; returns, per entity, how many records came with rows that contradict each other (the first one holds)."""
        if self._contradictions is None:
            check_rows(self.counts)
            self._contradictions = self.staging.settle()
        return self._contradictions

    def finish(self, found: Found, state: str, limits: Limits | None = None, message: str | None = None) -> Loaded:
        """Compares, asks the guard, takes in, checks the balance and writes the ledger.

        GuardTripped and BalanceOpen undo all with the transaction.
        """
        contradictions = self.settle()
        self._ended = self._naming.settle(self.staging, self._stopped)
        number = int(self.connection.execute(select(func.coalesce(func.max(load.c.number), 0) + 1)).scalar_one())
        done = Loaded(number, self.counts, contradictions=contradictions)
        compared = {entity: self._compare(number, entity) for entity in self.staging.tables}
        records = [c for c in compared.values() if c.entity.is_record]
        guard.check(limits, {c.entity.name: c.before for c in records}, {c.entity.name: c.changes for c in records})
        for c in compared.values():
            self._take_in(c, done)
        bulk.measure(self.connection, (c.entity.table for c in compared.values() if _changed_much(c)))
        self._write(number, state, message)
        ledger.write(self.connection, self.arrival.delivery_id, found)
        return done

    def _compare(self, number: int, name: str) -> _Compared:
        arrival, staged = self.arrival, self.staging.tables[name]
        full = arrival.scope == "full" and name not in self._stopped
        record = ENTITIES[name].record
        # A record that comes in a partial delivery comes whole; where a table stopped, nothing sure is known of its parts.
        whole = not full and name != record and not {name, record} & self._stopped
        within = self.staging.tables.get(record) if whole else None
        taking = Taking(arrival.source, number, full, within, ended=self._ended.get(record))
        before = count_known(self.connection, taking.source, name)
        changes = compare(self.connection, taking, name, staged) if before else all_new(self.staging.counts(name))
        return _Compared(ENTITIES[name], taking, before, changes)

    def _take_in(self, compared: _Compared, done: Loaded) -> None:
        name, changes, after = compared.entity.name, compared.changes, compared.before
        if any(c.new or c.changed or c.gone for c in changes):
            grown = take_in(self.connection, compared.taking, name, self.staging.tables[name], changes, compared.before)
            done.people_changed |= name == "person"
            after = count_known(self.connection, self.arrival.source, name) if grown is None else compared.before + grown
        check_records(name, compared.before, sum(c.new for c in changes), sum(c.gone for c in changes), after)
        done.known[name] = after
        if compared.entity.is_record:
            done.changes[name] = placed(changes, self.counts)
            write_balance(self.connection, self.arrival.delivery_id, name, done.changes[name], compared.before, after)

    def _write(self, number: int, state: str, message: str | None) -> None:
        arrival, now = self.arrival, datetime.now(UTC).replace(tzinfo=None)
        record_delivery(self.connection, arrival, state, message, number)
        self.connection.execute(delete(table_balance).where(table_balance.c.delivery_id == arrival.delivery_id))
        if self.counts:
            self.connection.execute(insert(table_balance), [c.row(arrival.delivery_id) for c in self.counts])
        self.connection.execute(
            insert(load).values(
                number=number,
                delivery_id=arrival.delivery_id,
                source=arrival.source,
                delivered_on=arrival.delivered_on,
                mapping_hash=arrival.mapping_hash,
                loaded_at=now,
            )
        )


def _changed_much(compared: _Compared) -> bool:
    return sum(c.new + c.changed + c.gone for c in compared.changes) > compared.before // 20


def record_delivery(connection: Connection, arrival: Arrival, state: str, message: str | None, number: int | None) -> None:
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
