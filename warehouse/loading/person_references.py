"""Holds the tables of a delivery against each other: rows that name a person whom no table knows.

Where the mapping says that keys are compared without regard to their spelling, the row is given
the key that is meant; all others are told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any, NamedTuple

import pyarrow as pa
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    and_,
    exists,
    func,
    literal,
    select,
    union,
    update,
)

from warehouse.database import bulk_insert
from warehouse.loading.spelled_keys import Spellings, compare_spellings
from warehouse.loading.staging import Staging, combine_hashes, declare_temporary
from warehouse.loading.table_load import PersonReference
from warehouse.schema import ENTITIES, counselling_case, person

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
    "spelled_keys", Column("written", String), Column("meant", String), Column("hash", BigInteger)
)
_LISTED_PERSONS = declare_temporary("listed_persons", Column("person_key", String))
_KNOWN_PERSONS = declare_temporary("known_persons", Column("person_key", String))


class PlacedReference(NamedTuple):
    """A reference with the file and the table whose rows have it."""

    reference: PersonReference
    file: str
    table: str


class UnknownPersons(NamedTuple):
    """Rows that name unknown persons (entity, file, table, row, key), and how their keys look."""

    rows: pa.Table
    spelled: Spellings


class PersonReferences:
    """The references of one delivery of a source, while its rows are staged."""

    def __init__(self, staging: Staging, source: str) -> None:
        self._staging, self._source = staging, source
        self._connection: Connection = staging.connection

    def match_spellings(self, references: Iterable[PlacedReference]) -> int:
        """Gives rows the known key that they only spell otherwise; returns how many."""
        spelled = [r for r in references if r.reference.is_spelled]
        # Cases first: their persons are known to all others.
        spelled.sort(key=lambda each: each.reference.entity != "case")
        return sum(
            self._match_table(reference, rows, self._is_at(rows, [(file, table)]))
            for reference, file, table in spelled
            if (rows := self._staging.tables.get(reference.entity)) is not None
        )

    def find_unknown(self, references: Iterable[PlacedReference]) -> list[UnknownPersons]:
        """The rows that name a person whom no table knows, with what their keys look like."""
        places: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for each in references:
            places[each.reference.entity].append((each.file, each.table))
        cases = [name for name in places if name == "case"]
        others = [name for name in ENTITIES if name in places and name != "case"]
        return [
            self._find_among(names, {name: places[name] for name in names})
            for names in (cases, others)
            if names
        ]

    def _find_among(
        self, entities: Sequence[str], places: Mapping[str, Sequence[tuple[str, str]]]
    ) -> UnknownPersons:
        """The unknown persons of entities that name them from among the same."""
        found = [
            self._read_unknown(name, places[name])
            for name in entities
            if name in self._staging.tables
        ]
        rows = pa.concat_tables([_FOUND.empty_table(), *found]).combine_chunks()
        keys = rows.column("key").combine_chunks().unique()
        return UnknownPersons(rows, self._compare(keys, self._choose_known(entities[0])))

    def are_known(self, keys: Collection[str]) -> bool:
        """Whether all of these are keys of persons that the source ever had or delivers now."""
        known = set(self._read_keys(select(self._known_persons.c.person_key)).to_pylist())
        return known.issuperset(keys)

    def _match_table(
        self, reference: PersonReference, rows: Table, here: ColumnElement[bool]
    ) -> int:
        is_unknown = self._is_unknown(reference.entity, rows)
        spelled = self._compare(
            self._read_keys(select(rows.c.person_key).where(here, is_unknown).distinct()),
            self._choose_known(reference.entity),
        )
        is_meant = spelled.meant.is_valid()
        keys = [spelled.written.filter(is_meant), spelled.meant.filter(is_meant)]
        pairs = pa.RecordBatch.from_arrays([*keys, _hash_keys(keys[1])], _SPELLED_KEYS.c.keys())
        return self._replace_keys(reference, rows, here, pairs) if pairs.num_rows else 0

    def _replace_keys(
        self,
        reference: PersonReference,
        rows: Table,
        here: ColumnElement[bool],
        pairs: pa.RecordBatch,
    ) -> int:
        meant = self._staging.create_temporary(_SPELLED_KEYS)
        bulk_insert.insert_batch(self._connection, meant, pairs)
        concerned = and_(here, rows.c.person_key == meant.c.written)
        # Known rows with the written key have to change where only the mapping did.
        row_hash = combine_hashes(self._connection, rows.c.row_hash, meant.c.hash)
        values = {**_name_person(reference, rows, meant.c.meant), "row_hash": row_hash}
        changed = self._connection.execute(update(rows).where(concerned).values(**values)).rowcount
        self._staging.drop_temporary(meant)
        if reference.is_key:
            self._staging.expect_repeated(reference.entity)
        elif ENTITIES[reference.entity].each:
            # Two spellings of one key in a row are one person.
            self._staging.drop_repeated(reference.entity)
        return changed if changed >= 0 else pairs.num_rows

    def _read_unknown(self, entity: str, places: Sequence[tuple[str, str]]) -> pa.Table:
        rows = self._staging.tables[entity]
        c = rows.c
        columns = select(literal(entity), c.source_file, c.source_table, c.source_row, c.person_key)
        is_unknown = self._is_unknown(entity, rows)
        unknown = columns.where(self._is_at(rows, places), is_unknown).order_by(c.ordinal)
        found = [tuple(row) for row in self._connection.execute(unknown)]
        values = zip(*found, strict=True) if found else [()] * len(_FOUND)
        arrays = [pa.array(v, f.type) for v, f in zip(values, _FOUND, strict=True)]
        return pa.Table.from_arrays(arrays, schema=_FOUND)

    def _is_at(self, rows: Table, places: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
        """Condition: a row comes from one of these files and tables."""
        joined = rows.c.source_file + literal(_UNIT) + rows.c.source_table
        return joined.in_([_UNIT.join(place) for place in places])

    def _is_unknown(self, entity: str, rows: Table) -> ColumnElement[bool]:
        named, known = rows.c.person_key, self._choose_known(entity)
        unknown = and_(named.is_not(None), ~exists().where(known.c.person_key == named))
        # In a source without a table of persons it is the cases that tell who there is.
        return and_(unknown, exists(select(known.c.person_key))) if entity == "case" else unknown

    def _choose_known(self, entity: str) -> Table:
        """Whom an entity can name: a case does not make its own person known."""
        return self._listed_persons if entity == "case" else self._known_persons

    def _compare(self, written: pa.StringArray, known: Table) -> Spellings:
        keys = select(known.c.person_key) if len(written) else None
        return compare_spellings(written, self._read_keys(keys))

    def _read_keys(self, rows: Select[str] | None) -> pa.StringArray:
        keys = [] if rows is None else self._connection.execute(rows).scalars().all()
        return pa.array(keys, pa.string())

    @cached_property
    def _listed_persons(self) -> Table:
        """The keys of all rows of persons that the source ever had, or delivers now."""
        return self._collect_keys(_LISTED_PERSONS, [(person, "person", "source_key")])

    @cached_property
    def _known_persons(self) -> Table:
        """The same keys, and those of the persons of cases."""
        return self._collect_keys(
            _KNOWN_PERSONS,
            [(person, "person", "source_key"), (counselling_case, "case", "person_key")],
        )

    def _collect_keys(self, declared: Table, origins: Sequence[tuple[Table, str, str]]) -> Table:
        known = self._staging.create_temporary(declared)
        had = [select(t.c[key]).where(t.c.source == self._source) for t, _, key in origins]
        delivered = [
            select(self._staging.tables[entity].c[key])
            for _, entity, key in origins
            if entity in self._staging.tables
        ]
        self._connection.execute(
            known.insert().from_select(["person_key"], union(*had, *delivered))
        )
        bulk_insert.analyze_tables(self._connection, [known])
        return known


def _hash_keys(keys: pa.StringArray) -> pa.Int64Array:
    digests = (blake2b(key.encode(), digest_size=8).digest() for key in keys.to_pylist())
    return pa.array([int.from_bytes(digest, signed=True) for digest in digests], pa.int64())


def _name_person(
    reference: PersonReference, rows: Table, meant: Column[str]
) -> dict[str, ColumnElement[Any]]:
    """What changes in a row that names its person by the key that is meant."""
    values: dict[str, ColumnElement[Any]] = {"person_key": meant}
    if reference.is_key:
        values["record_key"] = meant
        # Behind the key of the record stands what tells its rows apart.
        values["source_key"] = meant + func.substr(
            rows.c.source_key, func.length(rows.c.record_key) + 1
        )
    elif ENTITIES[reference.entity].each and ENTITIES[reference.entity].owner != "person_key":
        values["source_key"] = rows.c.record_key + literal(_UNIT) + meant
    return values
