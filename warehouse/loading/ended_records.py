"""Resolves which records a partial delivery reports as deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Table, delete, select

from warehouse.loading.staging import Staging
from warehouse.loading.table_load import TableLoad
from warehouse.schema import ENTITIES


def find_ended(
    tables: Iterable[TableLoad], staging: Staging, stopped: set[str]
) -> dict[str, Table]:
    """Stages the keys of deleted records and returns their table by kind of record.

    Records the delivery also contains are kept: a source may have an object in its recycle bin and
    a current one with the same key, and an object may be deleted between two queries. The next
    delivery corrects a deletion that is missed; a wrong one would last until the next full
    delivery. For the same reason no record of a kind ends when one of its entities is in
    ``stopped``, because a table could not be read.

    All entities of the kinds returned are staged afterwards.
    """
    naming = [table for table in tables if table.named]
    records = sorted({record for table in naming for record in table.use.ends})
    return {
        record: _stage_ended(record, naming, staging)
        for record in records
        if stopped.isdisjoint(list_entities(record))
    }


def list_entities(record: str) -> list[str]:
    """The entities that belong to a kind of record, itself included."""
    return [name for name, entity in ENTITIES.items() if entity.record == record]


def _stage_ended(record: str, naming: Sequence[TableLoad], staging: Staging) -> Table:
    ended = staging.add_keys(record, _select_ended(record, naming))
    for name in list_entities(record):
        staging.ensure_table(name)
        delivered = select(staging.tables[name].c.record_key)
        staging.connection.execute(delete(ended).where(ended.c.record_key.in_(delivered)))
    return ended


def _select_ended(record: str, naming: Sequence[TableLoad]) -> pa.StringArray:
    ended = _join_keys(table for table in naming if record in table.use.ends)
    kept = _join_keys(table for table in naming if record in table.use.keeps)
    return ended.filter(pc.invert(pc.is_in(ended, kept)))


def _join_keys(tables: Iterable[TableLoad]) -> pa.StringArray:
    arrays = [keys for table in tables for keys in table.named]
    return pc.unique(pa.concat_arrays([pa.array([], pa.string()), *arrays]))
