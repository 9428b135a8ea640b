"""Keeps what is known from an optional column that a delivery no longer has.

The table says nothing about it, so nothing of it changes or ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from warehouse.loading.staging import Staging
from warehouse.loading.table_load import Gap, TableLoad
from warehouse.schema import ENTITIES

# Without the column nobody knows whether a release still holds: it is not kept.
_CONSENTS = {"consent", "consent_data_group"}


class KeptColumn(NamedTuple):
    """A column that is missing in a table of a file, and how many values known from it stay."""

    file: str
    table: str
    column: str
    values: int


def keep_columns(
    connection: Connection, source: str, tables: Iterable[TableLoad], staging: Staging
) -> list[KeptColumn]:
    """Stages what is known from the missing columns, of the records that the tables contain."""
    kept: Counter[tuple[str, str, str]] = Counter()
    for table in tables:
        place = table.count.file, table.count.table
        for entity in dict.fromkeys(gap.entity for gap in table.gaps):
            gaps = [gap for gap in table.gaps if gap.entity == entity]
            known = _KnownRows(connection, source, table, entity, staging)
            for column, count in known.keep(gaps):
                kept[*place, column] += count
    return [KeptColumn(*place, count) for place, count in kept.items() if count]


class _KnownRows:
    """The known rows of an entity, of which a table cannot tell all."""

    def __init__(
        self, connection: Connection, source: str, table: TableLoad, entity: str, staging: Staging
    ) -> None:
        self._connection, self._staging, self._table = connection, staging, table
        self._entity, self._is_kept = entity, entity not in _CONSENTS
        self._known, self._staged = ENTITIES[entity].table, staging.tables[entity]
        c = self._known.c
        self._current = and_(c.source == source, c.known_to.is_(None))
        self._same = and_(
            self._staged.c.record_key == c.record_key, self._staged.c.source_key == c.source_key
        )

    def keep(self, gaps: Sequence[Gap]) -> Iterator[tuple[str, int]]:
        """Stages what is known; yields per missing column how much it is."""
        fields = {gap.field: gap.column for gap in gaps if gap.field and not gap.codes}
        # Rows that are staged as they are known have their fields already.
        yield from self._keep_fields(fields)
        for gap in gaps:
            if gap.codes or not gap.field:
                yield gap.column, self._keep_rows(gap)

    def _keep_fields(self, fields: Mapping[str, str]) -> Iterator[tuple[str, int]]:
        known, staged = self._known.c, self._staged
        here = and_(self._same, self._current, self._is_here(staged))
        # An empty cell may mean "no": what would be read anyway is not lost.
        lost = {
            name: and_(known[name].is_not(None), known[name].is_distinct_from(staged.c[name]))
            for name in fields
        }
        for name, column in fields.items():
            rows = select(staged.c.source_key).join(self._known, and_(here, lost[name]))
            yield column, self._count(rows)
        if lost and self._is_kept:
            values: dict[str, Any] = {
                name: case((is_lost, known[name]), else_=staged.c[name])
                for name, is_lost in lost.items()
            }
            # Else the row would be taken for unchanged when the column comes back with nothing in it.
            values["row_hash"] = -1 - staged.c.row_hash
            self._connection.execute(update(staged).where(here, or_(*lost.values())).values(values))

    def _keep_rows(self, gap: Gap) -> int:
        c = self._known.c
        conditions = [self._current, ~exists().where(self._same), self._is_delivered()]
        if gap.codes and gap.field:
            conditions.append(c[gap.field].in_(gap.codes))
        names = [column.name for column in self._staged.columns if column.name in c]
        rows = select(*(c[name] for name in names)).where(*conditions)
        count = self._count(rows)
        if count and self._is_kept:
            self._connection.execute(insert(self._staged).from_select(names, rows))
            self._staging.recount_rows(self._entity)
        return count

    def _is_delivered(self) -> ColumnElement[bool]:
        """Condition: the table has the record of the row, told by its other rows."""
        record = ENTITIES[self._entity].record
        beside = [
            self._staging.tables[name]
            for name in self._table.use.feeds
            if name != self._entity and ENTITIES[name].record == record
        ]
        key = self._known.c.record_key
        there = [key.in_(select(t.c.record_key).where(self._is_here(t))) for t in beside]
        return or_(*there) if there else self._known.c.source_table == self._table.count.table

    def _is_here(self, staged: Table) -> ColumnElement[bool]:
        count = self._table.count
        return and_(staged.c.source_file == count.file, staged.c.source_table == count.table)

    def _count(self, rows: Select[Any]) -> int:
        counted = select(func.count()).select_from(rows.subquery())
        return int(self._connection.execute(counted).scalar_one())
