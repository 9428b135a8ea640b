"""Reads what the rules of the target group ask for, person by person over all their records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, FromClause, Select, Table, or_, select

from warehouse.as_of import KnownAt
from warehouse.marts.person_attributes import NOT_STATED
from warehouse.record_join import match_keys
from warehouse.schema import (
    counselling_case,
    housing,
    person,
    person_link,
    residence_status,
    source_register,
)

# Fact → the column that states it.
COLUMNS: dict[str, Column[Any]] = {
    "residence_status": residence_status.c.status,
    "housing": housing.c.kind,
    "assigned": housing.c.assigned_on,
    "birth": person.c.birth_date,
    "arrival": person.c.entry_date,
    "case_begun": counselling_case.c.begun_on,
}


@dataclass
class ClientFacts:
    """A person with their records ("source:key"), the values known of each fact, in order.

    ``municipality`` and ``carrier`` are those of the case that began last by the key date; where
    none did, of the one that began first after it. A case in no known municipality is asked last.
    """

    person: str
    records: list[str] = field(default_factory=list)
    municipality: str | None = None
    carrier: str | None = None
    values: dict[str, Sequence[Any]] = field(default_factory=dict)


def read_clients(
    connection: Connection, known_at: KnownAt, stichtag: date, facts: Collection[str]
) -> list[ClientFacts]:
    """Every known person with these facts, in the order of their ids.

    Birth dates are read only where they are asked for: not every account may read them.
    """
    clients = _read_persons(connection, known_at)
    for fact in sorted(facts):
        values: dict[str, set[Any]] = defaultdict(set)
        for owner, value in connection.execute(_select_values(known_at, fact, stichtag)):
            values[owner].add(value)
        for owner, found in values.items():
            clients[owner].values[fact] = sorted(found - {NOT_STATED})
    _add_places(connection, known_at, stichtag, clients)
    return list(clients.values())


def _read_persons(connection: Connection, known_at: KnownAt) -> dict[str, ClientFacts]:
    links = known_at.select_rows(person_link)
    rows = connection.execute(select(links.c.person_id, links.c.source, links.c.source_key)).all()
    clients: dict[str, ClientFacts] = {}
    for owner, source, key in sorted(rows):
        clients.setdefault(owner, ClientFacts(owner)).records.append(f"{source}:{key}")
    return clients


def _select_values(known_at: KnownAt, fact: str, stichtag: date) -> Select[Any]:
    column = COLUMNS[fact]
    rows, links = _join_links(known_at, column.table, identifying=fact == "birth")
    value = rows.c[column.name]
    found = select(links.c.person_id, value).select_from(_linked(rows, links, column.table))
    found = found.where(value.is_not(None)).distinct()
    if fact != "residence_status":
        return found
    begun, ended = rows.c.valid_from, rows.c.valid_until
    return found.where(
        or_(begun.is_(None), begun <= stichtag), or_(ended.is_(None), ended >= stichtag)
    )


def _join_links(
    known_at: KnownAt, table: Table, *, identifying: bool = False
) -> tuple[FromClause, FromClause]:
    return known_at.select_rows(table, identifying=identifying), known_at.select_rows(person_link)


def _linked(rows: FromClause, links: FromClause, table: Table) -> FromClause:
    key = "source_key" if table is person else "person_key"
    return rows.join(links, match_keys(links, "source_key", rows, key))


def _add_places(
    connection: Connection, known_at: KnownAt, stichtag: date, clients: dict[str, ClientFacts]
) -> None:
    register = source_register.c
    carriers = dict(
        connection.execute(
            select(register.source, register.carrier).where(known_at.in_force(source_register))
        ).all()
    )
    cases: dict[str, list[Any]] = defaultdict(list)
    for row in _read_cases(connection, known_at):
        cases[row.person_id].append(row)
    for owner, found in cases.items():
        case = _choose_case(found, stichtag)
        clients[owner].municipality = case.municipality
        clients[owner].carrier = carriers.get(case.source)


def _read_cases(connection: Connection, known_at: KnownAt) -> Iterator[Any]:
    rows, links = _join_links(known_at, counselling_case)
    columns = (rows.c.source, rows.c.source_key, rows.c.begun_on, rows.c.municipality)
    found = select(links.c.person_id, *columns)
    yield from connection.execute(found.select_from(_linked(rows, links, counselling_case)))


def _choose_case(cases: Sequence[Any], stichtag: date) -> Any:
    """As the target group's query does: of those begun by the key date one with a municipality,
    the newest, then by source and key."""
    in_order = sorted(cases, key=lambda c: (c.source, c.source_key))
    begun = [c for c in in_order if c.begun_on and c.begun_on <= stichtag]
    if begun:
        return max(begun, key=lambda c: (c.municipality is not None, c.begun_on))
    return min(in_order, key=lambda c: (c.municipality is None, c.begun_on or date.max))
