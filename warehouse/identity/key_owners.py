"""Tells which human being a key meant at a load: it may go to another one, and a load be undone."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from warehouse.identity.record import Key
from warehouse.identity.rows_of_keys import read_rows
from warehouse.schema import load, person, person_link, restoration

KEY_REUSED = "key_reused"
# The human being that a key meant first; later ones are named by the delivery that brought them.
FIRST_OWNER = ""


@dataclass(frozen=True)
class KeyOwners:
    """``changes``: of the keys that ever went to another human being, from which load to whom."""

    changes: Mapping[Key, Sequence[tuple[int, str]]]

    def find_owner(self, key: Key, number: int) -> str:
        """Names the human being that the key meant at a load.

        A delivery that is read again brings the same one.
        """
        return _find_last(self.changes.get(key, ()), number)

    def are_same(self, key: Key, one: int, other: int) -> bool:
        """Whether the key meant one human being at two loads."""
        return self.find_owner(key, one) == self.find_owner(key, other)


def _find_last(changes: Sequence[tuple[int, str]], number: int) -> str:
    place = bisect_right(changes, number, key=lambda change: change[0])
    return changes[place - 1][1] if place else FIRST_OWNER


def read_owners(connection: Connection) -> KeyOwners:
    """Reads when keys changed hands, also because their source returned to an earlier load."""
    handed: dict[Key, list[tuple[int, str]]] = defaultdict(list)
    for key, number, delivery_id in _read_handed(connection):
        handed[key].append((number, delivery_id))
    if not handed:
        return KeyOwners({})
    returns = _read_returns(connection)
    versions = _read_versions(connection, handed)
    return KeyOwners(
        {
            key: _follow_key(changes, returns.get(key[0], ()), versions[key])
            for key, changes in handed.items()
        }
    )


def _follow_key(
    handed: Sequence[tuple[int, str]],
    returns: Sequence[tuple[int, int]],
    versions: Sequence[tuple[int, int | None]],
) -> list[tuple[int, str]]:
    """The changes of a key's owner. A return counts where the key was known at the earlier load."""
    changes: list[tuple[int, str]] = []
    restored = dict(returns)
    for number, delivery_id in sorted([*handed, *((number, "") for number in restored)]):
        base = restored.get(number)
        if base is None:
            changes.append((number, delivery_id))
        elif any(since <= base and (until is None or until > base) for since, until in versions):
            changes.append((number, _find_last(changes, base)))
    return changes


def _read_handed(connection: Connection) -> Iterator[tuple[Key, int, str]]:
    c = person_link.c
    rows = (
        select(c.source, c.source_key, c.known_from, load.c.delivery_id)
        .select_from(person_link.outerjoin(load, load.c.number == c.known_from))
        .where(c.rule == KEY_REUSED)
    )
    for source, key, number, delivery_id in connection.execute(rows):
        yield (source, key), number, delivery_id or f"load {number}"


def _read_returns(connection: Connection) -> Mapping[str, list[tuple[int, int]]]:
    """By source, each load that returned it to an earlier one, and to which."""
    c = restoration.c
    returns: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for source, number, base in connection.execute(
        select(c.source, c.load_number, c.restored_load)
    ):
        returns[source].append((number, base))
    return returns


def _read_versions(
    connection: Connection, keys: Collection[Key]
) -> Mapping[Key, list[tuple[int, int | None]]]:
    """First and last load of each version of the records."""
    c = person.c
    versions: dict[Key, list[tuple[int, int | None]]] = defaultdict(list)
    rows = select(c.source, c.source_key, c.known_from, c.known_to)
    for source, key, since, until in read_rows(connection, rows, person, keys):
        versions[source, key].append((since, until))
    return versions
