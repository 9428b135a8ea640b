"""Finds days of a source that lie years before the first case of their person: slips of the year."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Date,
    Select,
    Subquery,
    Table,
    and_,
    extract,
    func,
    select,
)

from warehouse.schema import ENTITIES

# Record, its day, who takes part, and by which key.
_DAYS = (
    ("conversation", "held_on", "conversation_participant", "conversation_key"),
    ("plan", "concluded_on", "plan_participant", "plan_key"),
)


@dataclass(frozen=True)
class EarlyDay:
    """Where a record with such a day was delivered."""

    entity: str
    file: str
    table: str
    row: int


def find_early_days(connection: Connection, source: str, years: int) -> list[EarlyDay]:
    """The conversations and plans known now of more than so many years before any case of theirs.

    Compared by whole months. Whoever has a case without a known begin is left out, and who has none.
    """
    return sorted(_read_days(connection, source, years), key=lambda d: (d.file, d.table, d.row))


def _read_days(connection: Connection, source: str, years: int) -> Iterator[EarlyDay]:
    for entity, *names in _DAYS:
        for row in connection.execute(_select_early(source, years, entity, *names)):
            yield EarlyDay(entity, row.source_file, row.source_table, row.source_row)


def _select_early(
    source: str, years: int, entity: str, day: str, participant: str, key: str
) -> Select[tuple[str, str, int]]:
    record, taking_part = ENTITIES[entity].table, ENTITIES[participant].table
    begun = _select_begun(source)
    c = record.c
    months_before = _count_months(begun.c.begun_on) - _count_months(c[day])
    return (
        select(c.source_file, c.source_table, c.source_row)
        .join_from(record, taking_part, taking_part.c[key] == c.source_key)
        .join(begun, begun.c.person_key == taking_part.c.person_key)
        .where(_is_current(record, source), _is_current(taking_part, source))
        .group_by(c.source_key, c.source_file, c.source_table, c.source_row)
        .having(func.min(months_before) > 12 * years)
    )


def _select_begun(source: str) -> Subquery:
    """The begin of the first case of each person all of whose cases have one."""
    table = ENTITIES["case"].table
    c = table.c
    return (
        select(c.person_key, func.min(c.begun_on, type_=Date).label("begun_on"))
        .where(_is_current(table, source))
        .group_by(c.person_key)
        .having(func.count() == func.count(c.begun_on))
        .subquery("begun")
    )


def _count_months(day: ColumnElement[Date]) -> ColumnElement[int]:
    return extract("year", day) * 12 + extract("month", day)


def _is_current(table: Table, source: str) -> ColumnElement[bool]:
    return and_(table.c.source == source, table.c.known_to.is_(None))
