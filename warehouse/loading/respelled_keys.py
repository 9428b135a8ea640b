"""Finds persons whose key a delivery only writes otherwise than it is known: 7 for 0007.

They would end, and begin as other human beings, while what named them before still names them so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, Connection, Select, String, Table, and_, exists, func, select

from warehouse.database import bulk_insert
from warehouse.identity.another_human import may_be_another
from warehouse.loading.spelled_keys import fold_keys
from warehouse.loading.staging import Staging, declare_temporary
from warehouse.schema import ENTITIES, person

# The entities that tell which persons there are, with the column of the person's key.
_TELLING = (("person", "source_key"), ("case", "person_key"))
_PAIRS = declare_temporary("respelled_keys", Column("written", String), Column("known", String))


class RespelledKeys(NamedTuple):
    """How many persons of a table have their key in another spelling, and the first of the rows."""

    file: str
    table: str
    persons: int
    first_row: int


def find_respelled(staging: Staging, source: str) -> list[RespelledKeys]:
    """Compares the new keys of persons with the known ones that the delivery lacks.

    A key that surely is another human being's by name and birth date is another key.
    """
    return [
        found
        for entity, key in _TELLING
        if entity in staging.tables and (entity == "person" or "person" not in staging.tables)
        for found in _compare_keys(staging, source, entity, key)
    ]


def _compare_keys(staging: Staging, source: str, entity: str, key: str) -> Iterator[RespelledKeys]:
    connection, staged = staging.connection, staging.tables[entity]
    known = ENTITIES[entity].table
    is_current = and_(known.c.source == source, known.c.known_to.is_(None))
    same = known.c[key] == staged.c[key]
    lost = select(known.c[key]).where(is_current, ~exists().where(same))
    new = select(staged.c[key]).where(~exists().where(same, is_current))
    missing = _read_keys(connection, lost)
    if not len(missing):
        return
    pairs = _pair_keys(_read_keys(connection, new), missing)
    if pairs.num_rows:
        written = staging.create_temporary(_PAIRS)
        bulk_insert.insert_batch(connection, written, pairs)
        rows = _select_places(staging, source, staged.c[key], written)
        yield from [RespelledKeys(*row) for row in connection.execute(rows)]
        staging.drop_temporary(written)


def _read_keys(connection: Connection, rows: Select[str]) -> pa.StringArray:
    keys = connection.execute(rows.distinct()).scalars().all()
    return pa.array(filter(None, keys), pa.string())


def _pair_keys(new: pa.StringArray, lost: pa.StringArray) -> pa.RecordBatch:
    """The keys that are one without their spelling, where both are the only ones so."""
    folds, known = _list_single(new), _list_single(lost)
    at = pc.index_in(folds.column("fold"), known.column("fold"))
    paired = at.is_valid()
    arrays = [folds.column("key").filter(paired), known.column("key").take(at.filter(paired))]
    return pa.RecordBatch.from_arrays(arrays, names=["written", "known"])


def _list_single(keys: pa.StringArray) -> pa.RecordBatch:
    """The keys with what they are without their spelling, where no other is the same."""
    folds = fold_keys(keys)
    counts = folds.value_counts()
    is_single = pc.equal(counts.field("counts"), 1)
    single = counts.field("values").filter(is_single)
    kept = pc.and_(pc.is_in(folds, single), pc.not_equal(folds, ""))
    return pa.RecordBatch.from_arrays([keys, folds], names=["key", "fold"]).filter(kept)


def _select_places(
    staging: Staging, source: str, key: Column[str], pairs: Table
) -> Select[str, str, int, int]:
    """The pairs that are not two human beings', by the file and table of their rows."""
    rows = key.table
    chosen = pairs.join(rows, key == pairs.c.written)
    places = rows.c.source_file, rows.c.source_table
    found = select(*places, func.count(), func.min(rows.c.source_row)).group_by(*places)
    if "person" not in staging.tables:
        return found.select_from(chosen)
    then = person.alias("person_then")
    is_then = and_(
        then.c.source == source, then.c.known_to.is_(None), then.c.source_key == pairs.c.known
    )
    return found.select_from(chosen.outerjoin(then, is_then)).where(~may_be_another(then, rows))
