"""Which records of a source live in one household, as far as the source tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Select, select

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


def read_households(connection: Connection) -> Mapping[Key, str]:
    """Record → its household in its source.

    A household that is delivered counts first. Without one, those who had a conversation as a
    family, or a plan together, are one household.
    """
    told = {(source, person): home for source, home, person in connection.execute(_members())}
    groups = [*_read_groups(connection, _family_talks()), *_read_groups(connection, _plans())]
    return {**join_families(group for group in groups if not told.keys() & group), **told}


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


def _members() -> Select[Any]:
    c = household_member.c
    return select(c.source, c.household_key, c.person_key).where(c.known_to.is_(None))


def _plans() -> Select[Any]:
    c = plan_participant.c
    return select(c.source, c.plan_key, c.person_key).where(c.known_to.is_(None))


def _family_talks() -> Select[Any]:
    """Those who took part in a conversation of a family."""
    c, p = conversation.c, conversation_participant.c
    held = (c.source == p.source) & (c.source_key == p.conversation_key)
    return (
        select(p.source, p.conversation_key, p.person_key)
        .join_from(conversation_participant, conversation, held)
        .where(p.known_to.is_(None), c.known_to.is_(None), c.setting == FAMILY)
    )
