"""Which records of a source live in one household, as far as the source tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, or_, select, union

from warehouse.identity.record import Key
from warehouse.schema import (
    conversation,
    conversation_participant,
    household_member,
    plan_participant,
)

FAMILY = "familie"
# More are an event, not a family.
_MOST_MEMBERS = 10


def read_households(
    connection: Connection, load_number: int | None = None, sources: Collection[str] | None = None
) -> Mapping[Key, str]:
    """Record → its household in its source, now or as known at a load; of all sources, or some.

    A household that is delivered counts first. Without one, those who had a conversation as a
    family, or a plan together, are one household.
    """
    known = _Known(load_number, sources)
    rows = connection.execute(known.select_members())
    told = {(source, person): home for source, home, person in rows}
    shared = (known.select_family_talks(), known.select_plans())
    groups = [group for query in shared for group in _read_groups(connection, query)]
    return {**join_families(group for group in groups if not told.keys() & group), **told}


def list_moved(connection: Connection, load_number: int) -> set[Key]:
    """Whose household has other members since a load, or is none any more."""
    sources = _find_changed_sources(connection, load_number)
    if not sources:
        return set()
    loads = (load_number - 1, load_number)
    before, after = (_list_homes(read_households(connection, n, sources)) for n in loads)
    return {key for home in before ^ after for key in home}


def _list_homes(households: Mapping[Key, str]) -> set[frozenset[Key]]:
    homes: dict[tuple[str, str], set[Key]] = defaultdict(set)
    for (source, key), home in households.items():
        homes[source, home].add((source, key))
    return {frozenset(home) for home in homes.values()}


def _find_changed_sources(connection: Connection, load_number: int) -> set[str]:
    """The sources that a load told something of that households depend on."""
    tables = (household_member, plan_participant, conversation, conversation_participant)
    changed = [
        select(table.c.source).where(
            or_(table.c.known_from == load_number, table.c.known_to == load_number)
        )
        for table in tables
    ]
    return set(connection.execute(union(*changed)).scalars())


def join_families(groups: Iterable[set[Key]]) -> dict[Key, str]:
    """Record → the first key of all who are joined by groups; too large families are left out."""
    families: dict[Key, set[Key]] = {}
    for group in groups:
        joined = group.union(*(families[key] for key in group if key in families))
        families.update(dict.fromkeys(joined, joined))
    return {key: f"with {min(some)[1]}" for key, some in families.items() if _is_family(some)}


def _is_family(group: Collection[Key]) -> bool:
    return 1 < len(group) <= _MOST_MEMBERS


def _read_groups(connection: Connection, query: Select[Any]) -> list[set[Key]]:
    """The groups of a query with source, group and person, if they may be families."""
    groups: dict[tuple[str, str], set[Key]] = defaultdict(set)
    for source, group, person in connection.execute(query):
        groups[source, group].add((source, person))
    return [group for group in groups.values() if _is_family(group)]


@dataclass(frozen=True)
class _Known:
    """Chooses rows as known now, or at a load; of all sources, or some."""

    load_number: int | None
    sources: Collection[str] | None

    def select_members(self) -> Select[Any]:
        c = household_member.c
        rows = select(c.source, c.household_key, c.person_key)
        return rows.where(*self._is_known(household_member))

    def select_plans(self) -> Select[Any]:
        c = plan_participant.c
        rows = select(c.source, c.plan_key, c.person_key)
        return rows.where(*self._is_known(plan_participant))

    def select_family_talks(self) -> Select[Any]:
        """Those who took part in a conversation of a family."""
        c, p = conversation.c, conversation_participant.c
        held = (c.source == p.source) & (c.source_key == p.conversation_key)
        known = (*self._is_known(conversation), *self._is_known(conversation_participant))
        return (
            select(p.source, p.conversation_key, p.person_key)
            .join_from(conversation_participant, conversation, held)
            .where(c.setting == FAMILY, *known)
        )

    def _is_known(self, table: Table) -> Iterator[ColumnElement[bool]]:
        c = table.c
        if self.load_number is None:
            yield c.known_to.is_(None)
        else:
            yield c.known_from <= self.load_number
            yield or_(c.known_to.is_(None), c.known_to > self.load_number)
        if self.sources is not None:
            yield c.source.in_(sorted(self.sources))
