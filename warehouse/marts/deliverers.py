"""Finds which sources deliver a column, and of which sources a unit's cases are."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Column, Connection, select

from warehouse.as_of import KnownAt
from warehouse.marts.scope import Scope, select_cases, unit_columns
from warehouse.schema import conversation, load, source_register
from warehouse.schema.states import NO_DELIVERY

Unit = tuple[Any, ...]


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
