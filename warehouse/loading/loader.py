"""Loads one delivery in one transaction.

Its rows are staged, compared with history and applied to it; balance, findings and load number are
written with them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Table, delete, insert

from warehouse.as_of import read_newest_load
from warehouse.database import bulk_insert
from warehouse.ledger.clock import read_clock
from warehouse.ledger.deliveries import list_former_files
from warehouse.ledger.earlier_balances import keep_balance
from warehouse.loading.altered_letters import AlteredTexts, count_altered, count_misread
from warehouse.loading.ended_records import find_ended, list_entities
from warehouse.loading.file_changes import sum_by_file
from warehouse.loading.findings import DeliveryFindings, write_findings
from warehouse.loading.history import (
    Change,
    FormerRows,
    HistoryUpdate,
    all_new,
    compare_with_history,
    count_former,
    count_known,
    list_owners,
    list_places,
    take_in,
)
from warehouse.loading.lost_withdrawals import count_lost
from warehouse.loading.mass_change_guard import Limits, Trip, check_limits
from warehouse.loading.person_references import PersonReferences, PlacedReference, UnknownPersons
from warehouse.loading.record_balance import place_changes, write_balance
from warehouse.loading.replaced_persons import ReplacedPerson, find_replaced
from warehouse.loading.respelled_keys import RespelledKeys, find_respelled
from warehouse.loading.row_balance import RowCount, check_records, check_rows
from warehouse.loading.staging import Contradiction, Staging
from warehouse.loading.storable_text import fit_name
from warehouse.loading.table_load import TableLoad, TableUse
from warehouse.loading.vanished_columns import KeptColumn, keep_columns
from warehouse.loading.withheld_records import collect_withheld
from warehouse.schema import ENTITIES, Entity, delivery, load, table_balance
from warehouse.schema.states import DeliveryScope, DeliveryState


@dataclass(frozen=True)
class IncomingDelivery:
    """A delivery to load; its fields are named as the columns of the table ``delivery``."""

    delivery_id: str
    source: str
    delivered_on: date
    scope: str
    mapping_hash: str


@dataclass
class LoadResult:
    """The result of a load. ``state``: loaded, or incomplete where a table could not be read.

    ``changes``: per kind of record, what became of the records of each table. ``contradictions``:
    per entity, keys whose rows contradict each other. ``known``: per entity, rows known afterwards.
    ``replaced``: keys of persons that became another human being's. ``message``: what the ledger
    says of it (German). ``withheld``: records that are missing in a full delivery and do not end,
    as a rejected row may be theirs, by kind.
    """

    number: int
    state: DeliveryState
    counts: list[RowCount]
    changes: dict[str, list[Change]] = field(default_factory=dict)
    contradictions: dict[str, int] = field(default_factory=dict)
    known: dict[str, int] = field(default_factory=dict)
    replaced: list[str] = field(default_factory=list)
    message: str = ""
    withheld: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Comparison:
    """What a delivery changes about one entity; ``before``: the rows known before."""

    entity: Entity
    update: HistoryUpdate
    before: int
    changes: list[Change]

    @property
    def missing(self) -> int:
        """How many known rows the delivery does not have and does not end."""
        return self.before - sum(c.changed + c.unchanged + c.gone for c in self.changes)

    @property
    def rows_changed(self) -> int:
        """How many rows are new, changed or gone, over all tables."""
        return sum(c.new + c.changed + c.gone for c in self.changes)


class Loader:
    """Loads one delivery on the connection given; all of it is kept or undone with its transaction.

    ``uses`` states for each table of the mapping what its rows are for. All other decisions follow
    from it and from which tables were read: required tables that were not loaded count as
    unreadable. ``matched_keys``: how many rows name a person by another spelling of the key.
    ``kept_columns``: missing columns from which something is known.
    """

    def __init__(
        self, connection: Connection, arrival: IncomingDelivery, uses: Mapping[str, TableUse]
    ) -> None:
        self.connection = connection
        self.arrival = arrival
        self.uses = uses
        self.staging = Staging(connection)
        self.references = PersonReferences(self.staging, arrival.source)
        self.matched_keys = 0
        self.kept_columns: list[KeptColumn] = []
        self._tables: list[TableLoad] = []
        self._seen: set[str] = set()
        self._stopped: set[str] = set()
        self._discarded: list[range] = []
        self._contradictions: dict[str, list[Contradiction]] | None = None
        self._ended: dict[str, Table] = {}
        self._emptied: Table | None = None
        self._replaced: list[ReplacedPerson] | None = None
        self._replaced_keys: Table | None = None
        self._respelled: list[RespelledKeys] | None = None
        self._withheld: dict[str, Table] = {}

    @property
    def counts(self) -> list[RowCount]:
        """The rows of each table that was read to its end."""
        return [table.count for table in self._tables]

    @contextmanager
    def begin_table(self, name: str, file: str, title: str) -> Iterator[TableLoad]:
        """Loads one table of a file, by its name in the mapping; ``title`` is its own name there.

        If the block raises, the table is discarded and no record that it feeds ends: what half a
        table does not contain may be in the other half.
        """
        self._seen.add(name)
        first = self.staging.next_ordinal
        place = fit_name(file, table_balance.c.file), fit_name(title, table_balance.c.table_name)
        table = TableLoad(self.staging, self.uses[name], RowCount(*place), full=self.is_full)
        try:
            yield table
        except Exception:
            self._stopped.add(name)
            # Deleted later: after an error of the database its connection takes no statement.
            self._discarded.append(range(first, self.staging.next_ordinal))
            raise
        self._tables.append(table)

    def missing_tables(self, found: DeliveryFindings) -> list[str]:
        """Lists the required tables that were neither loaded nor found unreadable."""
        seen = self._seen | found.stopped
        return [n for n, use in self.uses.items() if not use.optional and n not in seen]

    def find_former_places(self, entity: str) -> list[tuple[str, str]]:
        """File and table of each row of the entity that is known now."""
        return list_places(self.connection, self.arrival.source, entity)

    def find_undelivered_places(self, entity: str) -> list[tuple[str, str]]:
        """File and table of each row that is known now and not in the delivery."""
        self.end_staging()
        staged = self.staging.tables.get(entity)
        return list_places(self.connection, self.arrival.source, entity, staged)

    def list_titles(self, entity: str) -> set[str]:
        """The own names of the tables of the delivery that feed an entity."""
        return {table.count.table for table in self._tables if entity in table.use.feeds}

    def count_former_rows(self, entity: str) -> list[FormerRows]:
        """How many rows are known from each table, and how many of them are not in the delivery."""
        self.end_staging()
        staged = self.staging.tables.get(entity)
        return count_former(self.connection, self.arrival.source, entity, staged)

    def list_former_files(self) -> list[list[tuple[str, str]]]:
        """File and table of what the full deliveries before had, if this one is full, oldest first.

        The first of them is the last one that was loaded whole.
        """
        if not self.is_full:
            return []
        return list_former_files(self.connection, self.arrival.source, self.arrival.delivered_on)

    def was_seen(self, table: str) -> bool:
        """Whether a table of the mapping was found in the delivery, readable or not."""
        return table in self._seen

    def end_staging(self) -> dict[str, list[Contradiction]]:
        """Ends the staging; ``finish`` does so where the caller has not.

        Returns, per entity, the rows that contradict the first one of their key, which is kept.
        """
        if self._contradictions is None:
            check_rows(self.counts)
            for rows in filter(None, self._discarded):
                self.staging.discard_table(rows)
            self.staging.insert_all_waiting()
            self.matched_keys = self.references.match_spellings(self._list_references())
            source = self.arrival.source
            self.kept_columns = keep_columns(self.connection, source, self._tables, self.staging)
            self._contradictions = self.staging.resolve_duplicates()
        return self._contradictions

    def find_unknown_persons(self, found: DeliveryFindings) -> list[UnknownPersons]:
        """The rows that name a person whom no table of the source knows.

        Empty where a table with persons was not read: it may have them.
        """
        self.end_staging()
        unread = self._stopped | found.stopped | set(self.missing_tables(found))
        if any({"person", "case"} & {*self.uses[name].feeds} for name in unread):
            return []
        return self.references.find_unknown(self._list_references())

    def knows_persons(self, keys: Collection[str]) -> bool:
        """Whether all of these are keys of persons of the source, in this delivery or before."""
        self.end_staging()
        return self.references.are_known(keys)

    def _list_references(self) -> list[PlacedReference]:
        return [
            PlacedReference(reference, table.count.file, table.count.table)
            for table in self._tables
            for reference in table.use.references
        ]

    def find_replaced_persons(self) -> list[ReplacedPerson]:
        """The persons whose key was, or may have been, another human being's before."""
        if self._replaced is None:
            self.end_staging()
            self._replaced = self._compare_persons()
        return self._replaced

    def find_respelled_keys(self) -> list[RespelledKeys]:
        """The tables with persons whose key is only written otherwise than it is known."""
        if self._respelled is None:
            self.end_staging()
            self._respelled = find_respelled(self.staging, self.arrival.source)
        return self._respelled

    def _compare_persons(self) -> list[ReplacedPerson]:
        persons = self.staging.tables.get("person")
        if persons is None:
            return []
        return find_replaced(self.connection, self.arrival.source, persons)

    def finish(
        self, found: DeliveryFindings, limits: Limits | None = None, message: str | None = None
    ) -> LoadResult:
        """Compares, checks the limits, updates history, checks the balance and writes the ledger.

        GuardTripped and BalanceOpen undo everything with the transaction.
        """
        rows = self.end_staging()
        contradictions = {name: len({each.key for each in found}) for name, found in rows.items()}
        self._complete_staging(found)
        result = self._begin_result(contradictions, message or "")
        compared = [self._compare_entity(result.number, name) for name in self.staging.tables]
        if limits is not None:
            self._check_guard(limits, compared, self._find_altered(compared, found))
        result.withheld = self._count_withheld(compared)
        keep_balance(self.connection, self.arrival.delivery_id)
        for comparison in compared:
            self._apply_comparison(comparison, result)
        changed_much = [c.entity.table for c in compared if c.rows_changed > c.before // 20]
        bulk_insert.analyze_tables(self.connection, changed_much)
        self._write_ledger(result, message)
        write_findings(self.connection, self.arrival.delivery_id, found)
        return result

    def _begin_result(self, contradictions: dict[str, int], message: str) -> LoadResult:
        return LoadResult(
            read_newest_load(self.connection) + 1,
            DeliveryState.INCOMPLETE if self._stopped else DeliveryState.LOADED,
            self.counts,
            contradictions=contradictions,
            replaced=[person.key for person in self.find_replaced_persons() if person.is_sure],
            message=message,
        )

    def deleted_keys(self, record: str) -> set[str]:
        """The keys of one kind of record that the delivery reports as deleted."""
        ending = [table for table in self._tables if record in table.use.ends]
        return {key for table in ending for keys in table.named for key in keys.to_pylist()}

    def find_doubted_persons(self) -> list[str]:
        """The persons of known consents of which the delivery has only data groups in doubt."""
        keys = self.staging.list_undelivered()
        return list_owners(self.connection, self.arrival.source, "consent", keys)

    @property
    def is_complete(self) -> bool:
        """Whether the delivery contains all its source knows, and all of it was read."""
        return self.is_full and not self._stopped

    @property
    def is_full(self) -> bool:
        """Whether the delivery contains all its source knows."""
        return self.arrival.scope == DeliveryScope.FULL

    @property
    def _stopped_entities(self) -> set[str]:
        # An unreadable table that keeps records keeps all of them.
        uses = [self.uses[name] for name in self._stopped]
        return {entity for use in uses for entity in (*use.feeds, *use.keeps)}

    def _complete_staging(self, found: DeliveryFindings) -> None:
        """Notes unread tables; stages unfed entities and the keys of deleted records."""
        self._stopped |= {*found.stopped, *self.missing_tables(found)}
        if self.is_full:
            self._stage_unfed()
        emptied = [keys for table in self._tables for keys in table.emptied]
        if emptied:
            keys = pc.unique(pa.concat_arrays(emptied))
            self._emptied = self.staging.add_keys("consent", keys, "emptied")
        self._ended = find_ended(self._tables, self.staging, self._stopped_entities)
        self._stage_replaced()
        self._stage_withheld()

    def _stage_replaced(self) -> None:
        """Stages the keys that became another human being's, and all entities that end with it."""
        keys = [person.key for person in self.find_replaced_persons() if person.is_sure]
        if keys:
            staged = self.staging.add_keys("case", pa.array(keys, pa.string()), "replaced")
            self._replaced_keys = staged
            for name in list_entities("case"):
                self.staging.ensure_table(name)

    def _stage_withheld(self) -> None:
        """Stages the keys of the records whose rows were rejected."""
        keys = collect_withheld(self.connection, self.arrival.source, self._tables, self.staging)
        for entity, distinct in keys.items():
            record = ENTITIES[entity].record
            staged = self.staging.add_keys(record, distinct, f"withheld_{entity}")
            self._withheld[entity] = staged

    def _count_withheld(self, compared: Sequence[_Comparison]) -> dict[str, int]:
        stopped = self._stopped_entities
        return {
            c.entity.name: c.missing
            for c in compared
            if self.is_full and c.entity.is_record and c.entity.name not in stopped and c.missing
        }

    def _stage_unfed(self) -> None:
        """Stages known entities that no table feeds without rows: a full delivery ends them."""
        fed = {entity for use in self.uses.values() for entity in use.feeds}
        for name in sorted(ENTITIES.keys() - fed):
            if count_known(self.connection, self.arrival.source, name):
                self.staging.ensure_table(name)

    def _compare_entity(self, number: int, name: str) -> _Comparison:
        update = self._plan_update(number, name)
        before = count_known(self.connection, update.source, name)
        if before:
            staged = self.staging.tables[name]
            changes = compare_with_history(self.connection, update, name, staged)
        else:
            changes = all_new(self.staging.count_rows(name))
        return _Comparison(ENTITIES[name], update, before, changes)

    def _check_guard(
        self, limits: Limits, compared: Sequence[_Comparison], altered: Sequence[AlteredTexts]
    ) -> None:
        guarded = [c for c in compared if _is_guarded(c.entity)]
        check_limits(
            limits,
            {c.entity.name: c.before for c in guarded},
            {c.entity.name: c.changes for c in guarded},
            altered,
            [trip for c in guarded for trip in self._sum_by_file(c)],
            sum(keys.persons for keys in self.find_respelled_keys()),
            sum(self._count_lost(c) for c in guarded),
        )

    def _count_lost(self, compared: _Comparison) -> int:
        """How many withdrawals the delivery lacks of consents that it has."""
        if compared.entity.name != "consent" or not any(
            c.changed or c.new for c in compared.changes
        ):
            return 0
        return count_lost(self.connection, compared.update, self.staging.tables["consent"])

    def _sum_by_file(self, compared: _Comparison) -> list[Trip]:
        """What becomes of the records of each of several files or sheets, where any ends."""
        name = compared.entity.name
        counts = [table.count for table in self._tables if name in table.use.feeds]
        places = {(count.file, count.table) for count in counts}
        if len(places) < 2 or not any(change.gone for change in compared.changes):
            return []
        former = self.count_former_rows(name)
        return sum_by_file(name, places, former, compared.changes)

    def _find_altered(
        self, compared: Sequence[_Comparison], found: DeliveryFindings
    ) -> list[AlteredTexts]:
        """The columns in which the letters beyond ASCII of many known texts change."""
        misread = count_misread(found)
        return [
            texts
            for c in compared
            if any(change.changed for change in c.changes)
            for texts in count_altered(
                self.connection,
                c.update,
                c.entity.name,
                self.staging.tables[c.entity.name],
                misread,
            )
        ]

    def _plan_update(self, number: int, name: str) -> HistoryUpdate:
        """Determines what the delivery is complete for, of one entity."""
        stopped, record = self._stopped_entities, ENTITIES[name].record
        full = self.is_full and name not in stopped
        # A partial delivery contains a record with all its parts, unless a table of them stopped.
        has_all_parts = not full and name != record and stopped.isdisjoint({name, record})
        within = [record] if has_all_parts else []
        is_whole = not full and stopped.isdisjoint({name, record})
        within += self._companions_of(record) if is_whole else []
        staged = [self.staging.tables[e] for e in within if e in self.staging.tables]
        if is_whole and record == "consent" and self._emptied is not None:
            staged.append(self._emptied)
        return HistoryUpdate(
            self.arrival.source,
            number,
            full,
            within=tuple(staged),
            ended=self._ended.get(record),
            replaced=self._replaced_keys if record == "case" else None,
            withheld=self._withheld.get(name),
        )

    def _companions_of(self, record: str) -> list[str]:
        """The records on whose rows this kind of record is noted, with the same key.

        A partial delivery of a profile without the release noted on it before ends the release.
        """
        used = [self.uses[name].companions for name in self._seen]
        return sorted(
            {main for companions in used for main, parts in companions.items() if record in parts}
        )

    def _apply_comparison(self, compared: _Comparison, result: LoadResult) -> None:
        name, before = compared.entity.name, compared.before
        after = self._update_history(compared)
        new, gone = (sum(getattr(c, kind) for c in compared.changes) for kind in ("new", "gone"))
        check_records(name, before, new, gone, after)
        result.known[name] = after
        if compared.entity.is_record:
            changes = result.changes[name] = place_changes(compared.changes, self.counts)
            delivery_id = self.arrival.delivery_id
            write_balance(self.connection, delivery_id, name, changes, before, after)

    def _update_history(self, compared: _Comparison) -> int:
        """Applies the changes of an entity; returns how many of its rows are known then."""
        if not compared.rows_changed:
            return compared.before
        name, before = compared.entity.name, compared.before
        staged = self.staging.tables[name]
        grown = take_in(self.connection, compared.update, name, staged, compared.changes, before)
        if grown is None:
            return count_known(self.connection, self.arrival.source, name)
        return before + grown

    def _write_ledger(self, result: LoadResult, message: str | None) -> None:
        arrival = self.arrival
        record_delivery(self.connection, arrival, result.state, message, result.number)
        self._write_row_balances(result.counts)
        record_load(
            self.connection,
            result.number,
            arrival.delivery_id,
            arrival.source,
            arrival.delivered_on,
            arrival.mapping_hash,
        )

    def _write_row_balances(self, counts: Sequence[RowCount]) -> None:
        delivery_id = self.arrival.delivery_id
        former = delete(table_balance).where(table_balance.c.delivery_id == delivery_id)
        self.connection.execute(former)
        rows = [count.as_row(delivery_id) for count in counts]
        bulk_insert.insert_rows(self.connection, table_balance, rows)


def _is_guarded(entity: Entity) -> bool:
    """Whether the guard counts an entity: records, and the persons that may be in files apart."""
    return entity.is_record or entity.name == "person"


def record_load(
    connection: Connection,
    number: int,
    delivery_id: str,
    source: str,
    delivered_on: date,
    mapping_hash: str,
) -> None:
    """Writes a load into the ledger."""
    row = insert(load).values(
        number=number,
        delivery_id=delivery_id,
        source=source,
        delivered_on=delivered_on,
        mapping_hash=mapping_hash,
        loaded_at=read_clock(),
    )
    connection.execute(row)


def record_delivery(
    connection: Connection,
    arrival: IncomingDelivery,
    state: str,
    message: str | None,
    number: int | None,
) -> None:
    """Writes the state of a delivery, in place of its former state."""
    connection.execute(delete(delivery).where(delivery.c.delivery_id == arrival.delivery_id))
    connection.execute(
        insert(delivery).values(
            **asdict(arrival),
            state=state,
            message=message and message.replace("\0", ""),
            load_number=number,
            seen_at=read_clock(),
        )
    )
