"""Reads in which figures each human being counts: clients, persons reached, target group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from warehouse.marts.clients import clients
from warehouse.marts.conversations import persons_reached
from warehouse.marts.declaration import Indicator
from warehouse.marts.funding import Window, select_members
from warehouse.marts.scope import By, Scope

# Names and values of what a unit is known by; empty for the district.
Unit = tuple[tuple[str, str], ...]
# A system counts its own records, and a counsellor's name stands in no answer about persons.
UNITS: tuple[By | None, ...] = (None, "municipality", "team", "carrier")


@dataclass(frozen=True, order=True)
class PlacingCase:
    """The case that says where a human being lives; of several the smallest counts."""

    unplaced: bool
    before: int
    source: bytes
    key: bytes
    municipality: str | None = field(compare=False)


@dataclass(frozen=True)
class CountedPerson:
    """Where one human being counts: in which units as a client, in which as reached.

    ``case`` None: none had begun by the key date. ``is_assigned``: on a day that counts.
    """

    clients: frozenset[Unit] = frozenset()
    reached: frozenset[Unit] = frozenset()
    is_assigned: bool = False
    case: PlacingCase | None = None

    def join(self, other: CountedPerson) -> CountedPerson:
        """Both, if they are one human being."""
        cases = [case for case in (self.case, other.case) if case is not None]
        return CountedPerson(
            self.clients | other.clients,
            self.reached | other.reached,
            self.is_assigned or other.is_assigned,
            min(cases, default=None),
        )


def read_counted(
    connection: Connection, scope: Scope, window: Window, persons: Collection[str]
) -> dict[str, CountedPerson]:
    """Everybody by identifier, those who count nowhere included.

    Clients are those of the last day of the scope, reached is who was so within it.
    """
    as_clients = _find_units(connection, scope, clients)
    as_reached = _find_units(connection, scope, persons_reached)
    found = {
        person: CountedPerson(frozenset(as_clients[person]), frozenset(as_reached[person]))
        for person in {*persons, *as_clients, *as_reached}
    }
    for row in connection.execute(select_members(window, scope.known_at)):
        before = -row.begun_on.toordinal()
        source, key = row.source.encode(), row.source_key.encode()
        case = PlacingCase(row.municipality is None, before, source, key, row.municipality)
        known = found.get(row.person_id, CountedPerson())
        found[row.person_id] = replace(known, is_assigned=row.is_assigned, case=case)
    return found


def _find_units(
    connection: Connection, scope: Scope, indicator: Indicator
) -> Mapping[str, set[Unit]]:
    """The units in which each person counts."""
    found: dict[str, set[Unit]] = defaultdict(set)
    for by in UNITS:
        things = indicator.select_things(replace(scope, by=by))
        for row in connection.execute(select(things)).mappings():
            found[row["person"]].update(_name_unit(by, row[by] if by else None))
    return found


def _name_unit(by: By | None, value: str | None) -> Iterator[Unit]:
    """The unit, the district's or the one of a value; none for what belongs to none."""
    if by is None:
        yield ()
    elif value is not None:
        yield ((by, value),)
