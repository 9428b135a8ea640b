"""Where the rows of one delivery wait: a temporary table per entity, each key kept once. Comparing stands in history.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    MetaData,
    String,
    Table,
    delete,
    exists,
    func,
    select,
    text,
    union_all,
    update,
)

from warehouse.database import bulk_insert
from warehouse.schema import ENTITIES, Entity

_FROM_LOAD = {"source", "known_from", "known_to"}


class Staging:
    """The incoming rows of one delivery, by entity. Lives and ends with the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tables: dict[str, Table] = {}
        self._metadata = MetaData()
        self.next_ordinal = 0
        self._counts: dict[str, Counter[tuple[str, str]]] = {}
        self._feeders: dict[str, int] = {}
        self._loose: set[str] = set()
        self._bound: dict[str, set[tuple[str, str]]] = {}
        self._uncounted: set[str] = set()
        self.distrusted: set[str] = set()
        _set_engine_options(connection)

    def open_tables(self, entities: Iterable[str], *, unique: bool) -> None:
        """Makes room for a table that feeds ``entities``; ``unique``: with each key in one row only."""
        for name in entities:
            self.ensure_table(name)
            self._feeders[name] = self._feeders.get(name, 0) + 1
            if not unique or self._feeders[name] > 1:
                self._loose.add(name)

    def ensure_table(self, name: str) -> None:
        """Sees to it that the entity has its table, though nothing may feed it."""
        if name not in self.tables:
            self.tables[name] = self._create_table(ENTITIES[name])

    def bind_companions(self, record: str, entities: Iterable[str], table: str) -> None:
        """Counts changes of ``entities`` from this table of the delivery as changes of ``record``, on whose row they are."""
        self._bound.setdefault(record, set()).update((entity, table) for entity in entities)

    def add(self, entity: str, batch: pa.RecordBatch, file: str, table: str) -> None:
        """Rows of an entity from one table of the delivery, in their order."""
        count = batch.num_rows
        numbered = batch.append_column(
            "ordinal", pa.array(np.arange(self.next_ordinal, self.next_ordinal + count))
        )
        self.next_ordinal += count
        self._counts.setdefault(entity, Counter())[file, table] += count
        bulk_insert.insert_batch(
            self.connection,
            self.tables[entity],
            numbered,
            {"source_file": file, "source_table": table},
        )

    def count_rows(self, entity: str) -> Counter[tuple[str, str]]:
        """How many rows came from each file and table of it; where rows were discarded or repeated they are counted."""
        if entity not in self._uncounted:
            return +self._counts.get(entity, Counter())
        c = self.tables[entity].c
        rows = self.connection.execute(
            select(c.source_file, c.source_table, func.count()).group_by(
                c.source_file, c.source_table
            )
        )
        return Counter({(file, table): count for file, table, count in rows})

    def add_keys(self, record: str, keys: pa.StringArray) -> Table:
        """A table of these keys of one kind of record, beside the staged rows."""
        name = f"keys_of_{ENTITIES[record].table.name}"
        table = Table(name, self._metadata, Column("record_key", String), prefixes=["TEMPORARY"])
        self.connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
        table.create(self.connection)
        bulk_insert.insert_batch(
            self.connection, table, pa.RecordBatch.from_arrays([keys], names=["record_key"])
        )
        bulk_insert.analyze_tables(self.connection, [table])
        return table

    def discard_table(self, rows: range) -> None:
        """Removes the rows with these ordinals: a table that could not be read to its end."""
        for name, staged in self.tables.items():
            self._uncounted.add(name)
            mine = staged.c.ordinal.between(rows.start, rows.stop - 1)
            self.connection.execute(delete(staged).where(mine))

    def resolve_duplicates(self) -> dict[str, int]:
        """Keeps each key once (its first row) and gives records the hash of all their parts.

        Returns, per entity, how many keys came with rows that contradict each other.
        """
        contradicting = {
            name: self._keep_first(name) for name in self.tables if name in self._loose
        }
        self._mark_unreadable(self.distrusted)
        for name, table in self.tables.items():
            if ENTITIES[name].is_record:
                self._hash_whole(name, table)
        return {name: n for name, n in contradicting.items() if n}

    def _mark_unreadable(self, consents: set[str]) -> None:
        """Marks consents whose rows contradict each other: one of them may be the revocation, so it counts as unreadable."""
        table, keys = self.tables.get("consent"), sorted(consents)
        for start in range(0, len(keys) if table is not None else 0, 1000):
            assert table is not None
            mine = table.c.source_key.in_(keys[start : start + 1000])
            # The hash of a row says all of it, this mark included; turning all bits keeps it within its type.
            values = {"revoked_on_unreadable": True, "row_hash": -1 - table.c.row_hash}
            self.connection.execute(
                update(table).where(mine, table.c.revoked_on_unreadable.is_not(True)).values(values)
            )

    def _create_table(self, entity: Entity) -> Table:
        columns = [Column(c.name, c.type) for c in entity.table.columns if c.name not in _FROM_LOAD]
        table = Table(
            f"incoming_{entity.table.name}",
            self._metadata,
            *columns,
            Column("ordinal", BigInteger),
            *([Column("parts_hash", BigInteger)] if entity.is_record else []),
            prefixes=["TEMPORARY"],
        )
        self.connection.execute(text(f"DROP TABLE IF EXISTS {table.name}"))
        table.create(self.connection)
        return table

    def _keep_first(self, name: str) -> int:
        table = self.tables[name]
        repeated = (
            select(
                table.c.source_key,
                func.min(table.c.ordinal),
                func.min(table.c.row_hash) != func.max(table.c.row_hash),
            )
            .group_by(table.c.source_key)
            .having(func.count() > 1)
        )
        kept = Table(
            f"kept_{table.name}",
            self._metadata,
            Column("source_key", String),
            Column("ordinal", BigInteger),
            Column("contradicted", Boolean),
            prefixes=["TEMPORARY"],
        )
        self.connection.execute(text(f"DROP TABLE IF EXISTS {kept.name}"))
        kept.create(self.connection)
        self.connection.execute(kept.insert().from_select(kept.c.keys(), repeated))
        counts = select(func.count(), func.count().filter(kept.c.contradicted)).select_from(kept)
        keys, contradicting = self.connection.execute(counts).one()
        if keys:
            self._uncounted.add(name)
            later = exists().where(
                kept.c.source_key == table.c.source_key, table.c.ordinal > kept.c.ordinal
            )
            self.connection.execute(delete(table).where(later))
        if contradicting and name == "consent":
            self.distrusted |= set(
                self.connection.execute(
                    select(kept.c.source_key).where(kept.c.contradicted)
                ).scalars()
            )
        kept.drop(self.connection)
        self._metadata.remove(kept)
        return int(contradicting)

    def _hash_whole(self, record: str, table: Table) -> None:
        own = [n for n in self.tables if ENTITIES[n].record == record and n != record]
        parts = [select(self.tables[n].c.record_key, self.tables[n].c.row_hash) for n in own]
        for entity, source_table in sorted(self._bound.get(record, ())):
            other = self.tables[entity].c
            parts.append(
                select(other.record_key, other.row_hash).where(other.source_table == source_table)
            )
        if not parts:
            return
        # XOR does not mind the order in which the database meets the parts, and both engines have it.
        every = union_all(*parts).subquery()
        whole = (
            select(every.c.record_key, func.bit_xor(every.c.row_hash).label("parts_hash"))
            .group_by(every.c.record_key)
            .subquery()
        )
        changed = (
            update(table)
            .values(parts_hash=whole.c.parts_hash)
            .where(table.c.record_key == whole.c.record_key)
        )
        self.connection.execute(changed)


def whole_hash(connection: Connection, staged: Table) -> ColumnElement[Any]:
    """The hash of a staged row, with those of its parts where it is a record."""
    if "parts_hash" not in staged.c:
        return staged.c.row_hash
    parts = func.coalesce(staged.c.parts_hash, 0)
    if connection.dialect.name == "duckdb":
        return func.xor(staged.c.row_hash, parts)
    return staged.c.row_hash.op("#", precedence=5)(parts)


def _set_engine_options(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for name, value in {
            "temp_buffers": "128MB",
            "work_mem": "128MB",
            "default_statistics_target": "30",
        }.items():
            # temp_buffers is fixed once a session has used a temporary table; then it has its size already.
            connection.execute(text(f"SELECT set_config('{name}', '{value}', true)"))
    else:
        # What does not fit goes to disk beside the warehouse, and rows need no order: each has its number.
        connection.execute(text("SET memory_limit = '896MiB'"))
        connection.execute(text("SET preserve_insertion_order = false"))
