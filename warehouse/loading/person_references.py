"""Holds the tables of a delivery against each other: rows that name a person whom no table knows.

Where the mapping says that keys are compared without regard to their spelling, the row is given
the key that is meant; all others are told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

import pyarrow as pa
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    and_,
    exists,
    literal,
    select,
    union,
    update,
)

from warehouse.database import bulk_insert
from warehouse.loading.spelled_keys import Spellings, compare_spellings
from warehouse.loading.staging import Staging, declare_temporary
from warehouse.schema import ENTITIES, PERSON_REFERENCES, counselling_case, person

_UNIT = "\x1f"
_FOUND = pa.schema(
    [
        ("entity", pa.string()),
        ("file", pa.string()),
        ("table", pa.string()),
        ("row", pa.int64()),
        ("key", pa.string()),
    ]
)
_SPELLED_KEYS = declare_temporary(
    "spelled_keys", Column("written", String), Column("meant", String)
)
_KNOWN_PERSONS = declare_temporary("known_persons", Column("person_key", String))
Place = tuple[str, str]


class PersonReferences:
    """The references of one delivery of a source, while its rows are staged."""

    def __init__(self, staging: Staging, source: str) -> None:
        self._staging, self._source = staging, source
        self._connection: Connection = staging.connection

    def match_spellings(self, declared: Iterable[tuple[str, Place]]) -> int:
        """Gives rows the known key that they only spell otherwise; returns how many.

        ``declared``: the entities with file and table in which the mapping says so.
        """
        matched = 0
        for entity, place in declared:
            rows = self._staging.tables.get(entity)
            if rows is not None:
                here = and_(rows.c.source_file == place[0], rows.c.source_table == place[1])
                matched += self._match_table(entity, rows, here)
        return matched

    def find_unknown(self) -> tuple[pa.Table, Spellings]:
        """The rows that name a person whom no table knows, with what their keys look like.

        Columns: entity, file, table, row, key.
        """
        found = [
            self._read_unknown(name) for name in PERSON_REFERENCES if name in self._staging.tables
        ]
        rows = pa.concat_tables([_FOUND.empty_table(), *found]).combine_chunks()
        return rows, self._compare(rows.column("key").combine_chunks().unique())

    def are_known(self, keys: Collection[str]) -> bool:
        """Whether all of these are keys of persons that the source ever had or delivers now."""
        known = set(self._read_keys(select(self._known_persons.c.person_key)).to_pylist())
        return known.issuperset(keys)

    def _match_table(self, entity: str, rows: Table, here: ColumnElement[bool]) -> int:
        unknown = select(rows.c.person_key).where(here, self._is_unknown(rows)).distinct()
        spelled = self._compare(self._read_keys(unknown))
        is_meant = spelled.meant.is_valid()
        keys = [spelled.written.filter(is_meant), spelled.meant.filter(is_meant)]
        pairs = pa.RecordBatch.from_arrays(keys, names=["written", "meant"])
        return self._replace_keys(entity, rows, here, pairs) if pairs.num_rows else 0

    def _replace_keys(
        self, entity: str, rows: Table, here: ColumnElement[bool], pairs: pa.RecordBatch
    ) -> int:
        meant = self._staging.create_temporary(_SPELLED_KEYS)
        bulk_insert.insert_batch(self._connection, meant, pairs)
        concerned = and_(here, rows.c.person_key == meant.c.written)
        values: dict[str, ColumnElement[str]] = {"person_key": meant.c.meant}
        if ENTITIES[entity].each:
            values["source_key"] = rows.c.record_key + literal(_UNIT) + meant.c.meant
        changed = self._connection.execute(update(rows).where(concerned).values(**values)).rowcount
        self._staging.drop_temporary(meant)
        if ENTITIES[entity].each:
            # Two spellings of one key in a row are one person.
            self._staging.drop_repeated(entity)
        return changed if changed >= 0 else pairs.num_rows

    def _read_unknown(self, entity: str) -> pa.Table:
        rows = self._staging.tables[entity]
        c = rows.c
        columns = select(literal(entity), c.source_file, c.source_table, c.source_row, c.person_key)
        unknown = columns.where(self._is_unknown(rows)).order_by(c.ordinal)
        found = [tuple(row) for row in self._connection.execute(unknown)]
        values = zip(*found, strict=True) if found else [()] * len(_FOUND)
        arrays = [pa.array(v, f.type) for v, f in zip(values, _FOUND, strict=True)]
        return pa.Table.from_arrays(arrays, schema=_FOUND)

    def _is_unknown(self, rows: Table) -> ColumnElement[bool]:
        named, known = rows.c.person_key, self._known_persons.c.person_key
        return and_(named.is_not(None), ~exists().where(known == named))

    def _compare(self, written: pa.StringArray) -> Spellings:
        known = select(self._known_persons.c.person_key) if len(written) else None
        return compare_spellings(written, self._read_keys(known))

    def _read_keys(self, rows: Select[str] | None) -> pa.StringArray:
        keys = [] if rows is None else self._connection.execute(rows).scalars().all()
        return pa.array(keys, pa.string())

    @cached_property
    def _known_persons(self) -> Table:
        """The keys of persons that the source ever had, and those that it delivers now."""
        known = self._staging.create_temporary(_KNOWN_PERSONS)
        tables = ((person, "source_key"), (counselling_case, "person_key"))
        had = [select(t.c[key]).where(t.c.source == self._source) for t, key in tables]
        delivered = [
            select(self._staging.tables[entity].c[key])
            for entity, key in (("person", "source_key"), ("case", "person_key"))
            if entity in self._staging.tables
        ]
        self._connection.execute(
            known.insert().from_select(["person_key"], union(*had, *delivered))
        )
        bulk_insert.analyze_tables(self._connection, [known])
        return known
