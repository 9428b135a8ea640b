"""Finds the records whose rows were delivered and rejected: they are there, if nobody can read how.

A row without a key is known again by what else it says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    String,
    Table,
    Text,
    and_,
    case,
    exists,
    literal,
    select,
)

from warehouse.database import bulk_insert
from warehouse.loading.staging import Staging, declare_temporary
from warehouse.loading.table_load import TableLoad
from warehouse.loading.torn_keys import find_torn
from warehouse.schema import ENTITIES
from warehouse.schema.columns import HISTORY_NAMES

# A consent that is not delivered permits nothing; its rejected row is noted as a doubt.
_CONSENTS = {"consent", "consent_data_group"}
_PERSON = ("last_name", "first_name", "birth_date")
# So many equal fields tell a record; a row that says next to nothing may be anybody's.
_LEAST_FIELDS = 2


def collect_withheld(
    connection: Connection, source: str, tables: Iterable[TableLoad], staging: Staging
) -> dict[str, pa.StringArray]:
    """The keys of the records that do not end, by entity."""
    keys: dict[str, list[pa.StringArray]] = defaultdict(list)
    for table in tables:
        for entity, some in table.withheld.items():
            keys[entity] += some
        for entity, rows in table.torn.items():
            keys[entity].append(find_torn(rows, _list_known(connection, source, entity)))
        for telling, rows in table.nameless.items():
            found = _find_known(connection, source, telling, rows, staging)
            for entity in _list_beside(table, telling):
                keys[entity].append(found)
    distinct = {entity: pc.unique(pa.concat_arrays(some)) for entity, some in keys.items()}
    return {entity: some for entity, some in distinct.items() if entity not in _CONSENTS}


def _list_known(connection: Connection, source: str, entity: str) -> Iterable[str]:
    c = ENTITIES[entity].table.c
    known = select(c.record_key).where(c.source == source, c.known_to.is_(None))
    return connection.execute(known.distinct()).scalars()


def _list_beside(table: TableLoad, telling: str) -> Iterator[str]:
    record = ENTITIES[telling].record
    return (entity for entity in table.use.feeds if ENTITIES[entity].record == record)


def _find_known(
    connection: Connection,
    source: str,
    entity: str,
    rows: Sequence[pa.RecordBatch],
    staging: Staging,
) -> pa.StringArray:
    """The keys of the known records of which a row without a key says the same."""
    known = ENTITIES[entity].table
    columns = [c for c in known.columns if c.name not in HISTORY_NAMES]
    if entity == "person":
        columns = [c for c in columns if c.name in _PERSON]
    given = pa.Table.from_batches(rows)
    fed = [c for c in columns if c.name in given.column_names]
    said = staging.create_temporary(declare_temporary("nameless_rows", *map(_as_delivered, fed)))
    bulk_insert.insert_batch(connection, said, given.select([c.name for c in fed]))
    same = exists().where(*_compare_fields(said, known))
    current = and_(known.c.source == source, known.c.known_to.is_(None))
    found = connection.execute(select(known.c.record_key).where(current, same)).scalars().all()
    staging.drop_temporary(said)
    return pa.array(found, pa.string())


def _as_delivered(column: Column[Any]) -> Column[Any]:
    """A column for what a rejected row says, which may be longer than a record can hold."""
    kind = Text() if isinstance(column.type, String) else column.type
    return Column(column.name, kind)


def _compare_fields(said: Table, known: Table) -> Iterator[ColumnElement[bool]]:
    filled: ColumnElement[int] = literal(0)
    for column in said.columns:
        yield column.is_not_distinct_from(known.c[column.name])
        filled = filled + case((column.is_not(None), 1), else_=0)
    yield filled >= _LEAST_FIELDS
