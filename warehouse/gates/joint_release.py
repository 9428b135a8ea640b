"""Tells what a recipient may no longer receive if two persons are one: the narrower word wins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from warehouse.gates.consent import select_grants, select_refused_persons, select_speaking
from warehouse.gates.question import Gate
from warehouse.identity.record import Key

Grants = Mapping[Key, frozenset[str]]


@dataclass(frozen=True)
class ChangedRelease:
    """A record of which other data groups may be released than before."""

    record: Key
    before: frozenset[str]
    after: frozenset[str]


def read_grants(connection: Connection, gate: Gate) -> Grants:
    """The data groups that may be released of each record, where there are any."""
    found: dict[Key, set[str]] = defaultdict(set)
    for source, key, group in connection.execute(select_grants(gate)):
        found[source, key].add(group)
    return {record: frozenset(groups) for record, groups in found.items()}


def compare_grants(before: Grants, after: Grants) -> list[ChangedRelease]:
    """The records of which other groups may be released."""
    none: frozenset[str] = frozenset()
    changed = [
        ChangedRelease(record, before.get(record, none), after.get(record, none))
        for record in sorted({*before, *after})
    ]
    return [one for one in changed if one.before != one.after]


class JointReleases:
    """Answers for any two persons what is released of them if they are one."""

    def __init__(self, connection: Connection, gate: Gate, persons: Mapping[Key, str]) -> None:
        self._groups: dict[str, dict[Key, frozenset[str]]] = defaultdict(dict)
        for record, groups in read_grants(connection, gate).items():
            self._groups[persons.get(record, "")][record] = groups
        records = connection.execute(select_speaking(gate))
        speaking = {persons.get((source, key)) for source, key in records}
        refused = connection.execute(select_refused_persons(gate)).scalars()
        self._speaking = speaking.union(refused)

    def compare(self, one: str, other: str) -> Iterator[ChangedRelease]:
        """The records of which less is released."""
        for person, beside in ((one, other), (other, one)):
            if beside in self._speaking:
                yield from self._narrow(person, beside)

    def _narrow(self, person: str, beside: str) -> Iterator[ChangedRelease]:
        """The records of a person, restricted to what all words of another one allow."""
        allowed = frozenset[str]().union(*self._groups.get(beside, {}).values())
        for record, groups in self._groups.get(person, {}).items():
            if not groups <= allowed:
                yield ChangedRelease(record, groups, groups & allowed)
