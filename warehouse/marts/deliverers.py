"""Finds which sources deliver a column or a period, and of which sources a unit's cases are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, select

from warehouse.as_of import KnownAt
from warehouse.marts.scope import Scope, select_cases, unit_columns
from warehouse.schema import conversation, counselling_case, goal, load, plan, source_register
from warehouse.schema.states import NO_DELIVERY

Unit = tuple[Any, ...]
# The days on which something is known to have happened; small tables first.
_DATED = (
    counselling_case.c.begun_on,
    plan.c.concluded_on,
    goal.c.begun_on,
    goal.c.reached_on,
    conversation.c.held_on,
)


@dataclass(frozen=True)
class Beyond:
    """Sources whose records begin after the period (``early``), or end before it (``late``)."""

    early: frozenset[str]
    late: frozenset[str]


def find_deliverers(connection: Connection, known_at: KnownAt, column: Column[Any]) -> set[str]:
    """The sources of which a value of the column is known."""
    rows = known_at.select_rows(column.table)
    values = select(rows.c.source).where(rows.c[column.name].is_not(None))
    return set(connection.execute(values.distinct()).scalars())


def list_known_sources(connection: Connection, known_at: KnownAt) -> dict[str, bool]:
    """Every source that was registered or loaded, and whether anything of it was loaded."""
    loads = select(load.c.source).where(known_at.includes(load.c.number)).distinct()
    loaded = set(connection.execute(loads).scalars()) - {NO_DELIVERY}
    registered = select(source_register.c.source).where(known_at.in_force(source_register))
    names = loaded | set(connection.execute(registered).scalars())
    return {name: name in loaded for name in sorted(names)}


def list_staff_names(connection: Connection, known_at: KnownAt) -> frozenset[tuple[str, str]]:
    """Every source with each name that a known case or conversation has for who is in charge."""
    found: set[tuple[str, str]] = set()
    for table in (counselling_case, conversation):
        rows = known_at.select_rows(table)
        named = select(rows.c.source, rows.c.staff).where(rows.c.staff.is_not(None)).distinct()
        found |= {(source, name) for source, name in connection.execute(named)}
    return frozenset(found)


def find_beyond(connection: Connection, scope: Scope) -> Beyond:
    """Finds the sources of which nothing of the period can be known.

    What a source knows reaches from its first dated record to its newest delivery. Without any
    dated record nobody can tell: it is in neither set.
    """
    sources = {
        name
        for name, is_loaded in list_known_sources(connection, scope.known_at).items()
        if is_loaded
    }
    first, last = scope.first, scope.last
    early = late = set[str]()
    if last is not None:
        later = sources - _find_dated(connection, scope, sources, lambda day: day <= last)
        early = _find_dated(connection, scope, later, lambda day: day > last)
    if first is not None:
        silent = sources - _find_delivered_since(connection, scope, first)
        ended = silent - _find_dated(connection, scope, silent, lambda day: day >= first)
        late = _find_dated(connection, scope, ended, lambda day: day < first)
    return Beyond(frozenset(early), frozenset(late))


def _find_dated(
    connection: Connection,
    scope: Scope,
    sources: Collection[str],
    fits: Callable[[ColumnElement[Any]], ColumnElement[bool]],
) -> set[str]:
    """Those of the sources that have a record whose day fits; asks the small tables first."""
    left, found = set(sources), set[str]()
    for column in _DATED:
        if left:
            rows = scope.select_known(column.table)
            of_left, day_fits = rows.c.source.in_(sorted(left)), fits(rows.c[column.name])
            named = select(rows.c.source).where(of_left, day_fits).distinct()
            found |= set(connection.execute(named).scalars())
            left -= found
    return found


def _find_delivered_since(connection: Connection, scope: Scope, first: date) -> set[str]:
    c = load.c
    since = select(c.source).where(scope.known_at.includes(c.number), c.delivered_on >= first)
    return set(connection.execute(since.distinct()).scalars())


def list_sources_of_units(connection: Connection, scope: Scope) -> dict[Unit, set[str]]:
    """The sources with cases of each unit; of counsellors also those with their conversations."""
    cases, talks = select_cases(scope), scope.select_known(conversation)
    sources: dict[Unit, set[str]] = defaultdict(set)
    for rows in (cases, talks) if scope.by == "staff" else (cases,):
        units = unit_columns(scope, rows.c.source, rows.c.staff, rows.c.get("municipality"))
        found = select(*units, rows.c.source.label("deliverer")).distinct()
        for *unit, source in connection.execute(found):
            if None not in unit:
                sources[tuple(unit)].add(source)
    return sources
