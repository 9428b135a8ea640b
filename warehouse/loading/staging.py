"""Stages the rows of one delivery in a temporary table per entity, one row per key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    Select,
    String,
    Table,
    and_,
    delete,
    exists,
    func,
    select,
    text,
    union_all,
    update,
)

from warehouse.database import bulk_insert
from warehouse.schema import ENTITIES

T = TypeVar("T")
_FROM_LOAD = {"source", "known_from", "known_to"}
# How many keys one statement names.
_KEYS_AT_ONCE = 1000
# Rows of small tables wait until there are so many bytes of an entity: DuckDB reserves megabytes
# for every statement that inserts.
_BYTES_AT_ONCE = 1 << 22
# A batch of few rows takes some kilobytes beside them.
_BATCHES_AT_ONCE = 500


class _PlacedBatch(NamedTuple):
    """Rows of an entity with the file and table that they came from."""

    rows: pa.RecordBatch
    file: str
    table: str


class Contradiction(NamedTuple):
    """A row that says something else of a key than the first row, which is kept."""

    file: str
    table: str
    row: int
    key: str
    first_file: str
    first_row: int


def declare_temporary(name: str, *columns: Column[Any]) -> Table:
    """A table for the transaction of one load.

    Declared once for all loads, it lets SQLAlchemy compile each statement on it only once.
    """
    return Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])


@cache
def _declare_entity(name: str) -> Table:
    entity = ENTITIES[name]
    columns = [Column(c.name, c.type) for c in entity.table.columns if c.name not in _FROM_LOAD]
    columns.append(Column("ordinal", BigInteger))
    if entity.is_record:
        columns.append(Column("parts_hash", BigInteger))
    return declare_temporary(f"incoming_{entity.table.name}", *columns)


@cache
def _declare_keys(record: str, kind: str) -> Table:
    name = f"{kind}_keys_of_{ENTITIES[record].table.name}"
    return declare_temporary(name, Column("record_key", String))


@cache
def _declare_repeated(staged: str) -> Table:
    return declare_temporary(
        f"kept_{staged}",
        Column("source_key", String),
        Column("ordinal", BigInteger),
        Column("contradicted", Boolean),
    )


class Staging:
    """The incoming rows of one delivery, by entity, for the transaction of ``connection``.

    ``next_ordinal`` is the number the next row gets, in the order of delivery.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tables: dict[str, Table] = {}
        self.next_ordinal = 0
        self._open: dict[str, Table] = {}
        # By entity: rows per file and table, and the number of tables that feed it.
        self._counts: dict[str, Counter[tuple[str, str]]] = {}
        self._feeders: Counter[str] = Counter()
        # Entities of which several rows may have the same key.
        self._loose: set[str] = set()
        # By record: companion entities with the table of the delivery they are bound from.
        self._bound: dict[str, set[tuple[str, str]]] = {}
        # Entities of which rows were deleted, so that _counts no longer applies.
        self._uncounted: set[str] = set()
        self._distrusted: set[str] = set()
        # File, table and rows (None: all) of which a cell of the consent has no value.
        self._unstored: list[tuple[str, str, list[int] | None]] = []
        # By entity: batches that wait to be inserted together, and their bytes.
        self._waiting: dict[str, list[_PlacedBatch]] = {}
        self._waiting_bytes: Counter[str] = Counter()
        _set_engine_options(connection)

    def open_tables(self, entities: Iterable[str], *, unique: bool) -> None:
        """Prepares for a table that feeds ``entities``; ``unique``: no key in more than one row."""
        for name in entities:
            self.ensure_table(name)
            self._feeders[name] += 1
            if not unique or self._feeders[name] > 1:
                self._loose.add(name)

    def ensure_table(self, name: str) -> None:
        """Creates the table of an entity unless it exists, even if nothing feeds it."""
        if name not in self.tables:
            self.tables[name] = self.create_temporary(_declare_entity(name))

    def bind_companions(self, record: str, entities: Iterable[str], table: str) -> None:
        """Counts changes of ``entities`` from this table as changes of the record on their row."""
        self._bound.setdefault(record, set()).update((entity, table) for entity in entities)

    def add(self, entity: str, batch: pa.RecordBatch, file: str, table: str) -> None:
        """Appends rows of an entity from one table of the delivery, in their order."""
        count = batch.num_rows
        ordinals = np.arange(self.next_ordinal, self.next_ordinal + count)
        self.next_ordinal += count
        self._counts.setdefault(entity, Counter())[file, table] += count
        numbered = batch.append_column("ordinal", pa.array(ordinals))
        waiting = self._waiting.setdefault(entity, [])
        waiting.append(_PlacedBatch(numbered, file, table))
        self._waiting_bytes[entity] += numbered.nbytes
        if self._waiting_bytes[entity] >= _BYTES_AT_ONCE or len(waiting) >= _BATCHES_AT_ONCE:
            self._insert_waiting(entity)

    def recount_rows(self, entity: str) -> None:
        """Tells that rows of the entity were staged otherwise than by ``add``."""
        self._uncounted.add(entity)

    def expect_repeated(self, entity: str) -> None:
        """Tells that rows of the entity may have got the key of another row."""
        self._loose.add(entity)

    def drop_repeated(self, entity: str) -> None:
        """Keeps the first row of each key, where others only spelled it in another way."""
        self._keep_first(entity)

    def insert_all_waiting(self) -> None:
        """Inserts the rows that wait; afterwards the tables hold all that was added."""
        for entity in list(self._waiting):
            self._insert_waiting(entity)

    def _insert_waiting(self, entity: str) -> None:
        """Inserts the batches of an entity that wait, as one statement."""
        waiting = self._waiting.pop(entity)
        del self._waiting_bytes[entity]
        staged, (first, *others) = self.tables[entity], waiting
        if not others:
            same = {"source_file": first.file, "source_table": first.table}
            bulk_insert.insert_batch(self.connection, staged, first.rows, same)
        else:
            placed = [_place_rows(batch) for batch in waiting]
            rows = pa.concat_tables(placed, promote_options="default")
            bulk_insert.insert_batch(self.connection, staged, rows)

    def count_rows(self, entity: str) -> Counter[tuple[str, str]]:
        """Counts the staged rows of an entity by file and table."""
        if entity not in self._uncounted:
            return +self._counts.get(entity, Counter())
        self.insert_all_waiting()
        c = self.tables[entity].c
        place = (c.source_file, c.source_table)
        rows = self.connection.execute(select(*place, func.count()).group_by(*place))
        return Counter({(file, table): count for file, table, count in rows})

    def add_keys(self, record: str, keys: pa.StringArray, kind: str = "ended") -> Table:
        """Stages keys of one kind of record in a table beside its rows, and returns the table.

        ``kind`` tells apart what the keys are for.
        """
        table = self.create_temporary(_declare_keys(record, kind))
        batch = pa.RecordBatch.from_arrays([keys], names=["record_key"])
        bulk_insert.insert_batch(self.connection, table, batch)
        bulk_insert.analyze_tables(self.connection, [table])
        return table

    def distrust_consents(self, keys: pa.StringArray) -> None:
        """Marks these consents as unreadable once all rows are staged.

        Of rows that contradict each other one may be the revocation, so none permits a transfer.
        """
        self._distrusted |= set(keys.to_pylist())

    def list_undelivered(self) -> list[str]:
        """The keys of distrusted consents that the delivery does not contain."""
        missing = set(self._distrusted)
        for some in cut_keys(sorted(missing)) if "consent" in self.tables else ():
            key = self.tables["consent"].c.source_key
            missing -= set(self.connection.execute(select(key).where(key.in_(some))).scalars())
        return sorted(missing)

    def distrust_rows(self, file: str, table: str, rows: list[int] | None) -> None:
        """Marks the consents of these rows (None: of the whole table) as unreadable later."""
        self._unstored.append((file, table, rows))

    def discard_table(self, rows: range) -> None:
        """Deletes the rows with these ordinals, of a table that could not be read to its end."""
        self.insert_all_waiting()
        for name, staged in self.tables.items():
            self._uncounted.add(name)
            discarded = staged.c.ordinal.between(rows.start, rows.stop - 1)
            self.connection.execute(delete(staged).where(discarded))

    def resolve_duplicates(self) -> dict[str, list[Contradiction]]:
        """Keeps the first row of each key and gives records the hash of all their parts.

        Returns, per entity, the rows that contradict the first one of their key.
        """
        self.insert_all_waiting()
        contradicting = {
            name: self._keep_first(name) for name in self.tables if name in self._loose
        }
        if "consent" in self.tables:
            self._mark_unreadable(self.tables["consent"])
        for name, table in self.tables.items():
            if ENTITIES[name].is_record:
                self._hash_parts(name, table)
        return {name: rows for name, rows in contradicting.items() if rows}

    def create_temporary(self, table: Table) -> Table:
        """Creates a table that ``declare_temporary`` made, in place of one of that name."""
        if table.name in self._open:
            self.drop_temporary(self._open[table.name])
        # The session may have loaded another delivery before.
        self.connection.execute(text(f"DROP TABLE IF EXISTS {table.name}"))
        table.create(self.connection)
        bulk_insert.forget_defaults(self.connection, table)
        self._open[table.name] = table
        return table

    def drop_temporary(self, table: Table) -> None:
        """Drops a table that ``create_temporary`` made."""
        table.drop(self.connection)
        self._open.pop(table.name, None)

    def _keep_first(self, name: str) -> list[Contradiction]:
        """Keeps the first row of each key; returns the others that differ from it."""
        staged = self.tables[name]
        repeated = self._stage_repeated(staged)
        keys, contradicting = self.connection.execute(_count_repeated(repeated)).one()
        differing_rows = self._list_contradictions(staged, repeated) if contradicting else []
        if keys:
            self._uncounted.add(name)
            self._delete_later(staged, repeated)
        if contradicting and name == "consent":
            differing = select(repeated.c.source_key).where(repeated.c.contradicted)
            self._distrusted |= set(self.connection.execute(differing).scalars())
        self.drop_temporary(repeated)
        return differing_rows

    def _list_contradictions(self, staged: Table, repeated: Table) -> list[Contradiction]:
        c, first = staged.c, staged.alias("first_row")
        is_first = and_(first.c.ordinal == repeated.c.ordinal, first.c.row_hash != c.row_hash)
        place = (c.source_file, c.source_table, c.source_row, c.source_key)
        rows = (
            select(*place, first.c.source_file, first.c.source_row)
            .join_from(staged, repeated, repeated.c.source_key == c.source_key)
            .join(first, is_first)
            .where(repeated.c.contradicted)
            .order_by(c.ordinal)
        )
        return [Contradiction(*row) for row in self.connection.execute(rows)]

    def _stage_repeated(self, staged: Table) -> Table:
        """Stages keys of several rows, with the ordinal of the first and whether they differ."""
        repeated = self.create_temporary(_declare_repeated(staged.name))
        c = staged.c
        differ = func.min(c.row_hash) != func.max(c.row_hash)
        keys = select(c.source_key, func.min(c.ordinal), differ).group_by(c.source_key)
        several = keys.having(func.count() > 1)
        self.connection.execute(repeated.insert().from_select(repeated.c.keys(), several))
        return repeated

    def _delete_later(self, staged: Table, repeated: Table) -> None:
        same_key = repeated.c.source_key == staged.c.source_key
        later = exists().where(same_key, staged.c.ordinal > repeated.c.ordinal)
        self.connection.execute(delete(staged).where(later))

    def _mark_unreadable(self, consent: Table) -> None:
        """Marks the distrusted consents as having an unreadable revocation."""
        c = consent.c
        # The hash covers this mark, too; inverting all bits keeps it within its type.
        values = {"revoked_on_unreadable": True, "row_hash": -1 - c.row_hash}
        unmarked = update(consent).where(c.revoked_on_unreadable.is_not(True)).values(values)
        for some in cut_keys(sorted(self._distrusted)):
            self.connection.execute(unmarked.where(c.source_key.in_(some)))
        for file, table, rows in self._unstored:
            in_table = unmarked.where(c.source_file == file, c.source_table == table)
            if rows is None:
                self.connection.execute(in_table)
            for some_rows in cut_keys(rows or []):
                self.connection.execute(in_table.where(c.source_row.in_(some_rows)))

    def _hash_parts(self, record: str, table: Table) -> None:
        """Gives each record the XOR of the hashes of its parts, which no order of rows changes."""
        parts = self._select_parts(record)
        if not parts:
            return
        part = union_all(*parts).subquery().c
        parts_hash = func.bit_xor(part.row_hash).label("parts_hash")
        hashes = select(part.record_key, parts_hash).group_by(part.record_key).subquery().c
        hashed = update(table).where(table.c.record_key == hashes.record_key)
        self.connection.execute(hashed.values(parts_hash=hashes.parts_hash))

    def _select_parts(self, record: str) -> list[Select[Any]]:
        """Selects key and hash of everything whose change is a change of the record."""
        parts = [
            _select_hashes(staged)
            for name, staged in self.tables.items()
            if ENTITIES[name].record == record and name != record
        ]
        for entity, source_table in sorted(self._bound.get(record, ())):
            staged = self.tables[entity]
            bound = staged.c.source_table == source_table
            parts.append(_select_hashes(staged).where(bound))
        return parts


def cut_keys(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    """Parts of the keys that one statement can name."""
    return (keys[at : at + _KEYS_AT_ONCE] for at in range(0, len(keys), _KEYS_AT_ONCE))


def whole_hash(connection: Connection, staged: Table) -> ColumnElement[Any]:
    """The hash of a staged row; of a record, with its parts."""
    if "parts_hash" not in staged.c:
        return staged.c.row_hash
    return combine_hashes(connection, staged.c.row_hash, func.coalesce(staged.c.parts_hash, 0))


def combine_hashes(
    connection: Connection, one: ColumnElement[int], other: ColumnElement[int]
) -> ColumnElement[Any]:
    """The XOR of two hashes."""
    if connection.dialect.name == "duckdb":
        return func.xor(one, other)
    return one.op("#", precedence=5)(other)


def _place_rows(batch: _PlacedBatch) -> pa.Table:
    """The rows with their file and table as columns."""
    count, names = batch.rows.num_rows, {"source_file": batch.file, "source_table": batch.table}
    rows = pa.Table.from_batches([batch.rows])
    for name, value in names.items():
        rows = rows.append_column(name, pa.repeat(value, count))
    return rows


def _count_repeated(repeated: Table) -> Select[int, int]:
    contradicting = func.count().filter(repeated.c.contradicted)
    return select(func.count(), contradicting).select_from(repeated)


def _select_hashes(staged: Table) -> Select[Any]:
    return select(staged.c.record_key, staged.c.row_hash)


def _set_engine_options(connection: Connection) -> None:
    if connection.dialect.name == "duckdb":
        # What exceeds this is written to disk beside the warehouse.
        connection.execute(text("SET memory_limit = '896MiB'"))
        # Rows need no order of their own, as each has its number.
        connection.execute(text("SET preserve_insertion_order = false"))
        return
    sizes = {"work_mem": "128MB", "default_statistics_target": "30"}
    for name, value in sizes.items():
        connection.execute(text(f"SELECT set_config('{name}', '{value}', true)"))
