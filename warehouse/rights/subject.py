"""Finds the records of one human being, each from the load with which its key came to mean them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from warehouse.errors import WarehouseError
from warehouse.identity.key_owners import read_owners
from warehouse.identity.record import Key
from warehouse.schema import person, person_link


class UnknownPerson(WarehouseError):
    """There is no such person or record; the text repeats what was asked for."""


@dataclass(frozen=True)
class Subject:
    """A human being: the id of today, and by record the first load at which it meant them.

    Where a key meant somebody else before, that somebody's rows are none of this person's.
    """

    person: str
    records: Mapping[Key, int]

    @property
    def keys(self) -> list[Key]:
        """The records in order."""
        return sorted(self.records)

    @property
    def names(self) -> list[str]:
        """The records as people name them: "enaio:P-1"."""
        return [":".join(key) for key in self.keys]

    def by_source(self) -> dict[str, set[str]]:
        """The keys of the records of each source."""
        found: dict[str, set[str]] = {}
        for source, key in self.records:
            found.setdefault(source, set()).add(key)
        return found


def find_subject(connection: Connection, name: str) -> Subject:
    """The human being of an id ("p-…") or of a record ("enaio:P-1"); raises UnknownPerson.

    Records that are no longer known count by the person they belonged to last.
    """
    last = read_last_persons(connection)
    wanted = _find_person(connection, name, last)
    keys = [key for key, owner in last.items() if owner == wanted]
    if not keys:
        raise UnknownPerson(f"there is no person and no record '{name}'")
    return Subject(wanted, dict(_find_beginnings(connection, keys)))


def read_last_persons(connection: Connection) -> dict[Key, str]:
    """The person that each record belongs to, or belonged to last."""
    c = person_link.c
    rows = select(c.source, c.source_key, c.person_id).order_by(c.known_from)
    return {(source, key): owner for source, key, owner in connection.execute(rows)}


def _find_person(connection: Connection, name: str, last: Mapping[Key, str]) -> str:
    source, colon, key = name.partition(":")
    if not colon:
        return name
    if (source, key) in last:
        return last[source, key]
    if not _has_record(connection, source, key):
        raise UnknownPerson(f"there is no record '{name}'")
    raise UnknownPerson(f"the record '{name}' belongs to no person yet; the next run links it")


def _has_record(connection: Connection, source: str, key: str) -> bool:
    c = person.c
    known = select(c.source_key).where(c.source == source, c.source_key == key).limit(1)
    return connection.execute(known).first() is not None


def _find_beginnings(connection: Connection, keys: Sequence[Key]) -> Iterator[tuple[Key, int]]:
    changes: Mapping[Key, Sequence[tuple[int, Any]]] = read_owners(connection).changes
    for key in keys:
        yield key, max((number for number, _ in changes.get(key, ())), default=0)
