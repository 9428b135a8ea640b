"""Gives persons their lasting ids: each id belongs to a record, its anchor, and goes where it goes.

A person carries the oldest id that is anchored in it; the others lead to it. An id whose record is
gone passes to the record of that person which was there first, and returns where its record does.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from itertools import count, takewhile

from sqlalchemy import ColumnElement, Connection, Update, select, update

from warehouse.as_of import read_newest_load
from warehouse.database import bulk_insert
from warehouse.identity.key_owners import KEY_REUSED, KeyOwners
from warehouse.identity.record import Key
from warehouse.identity.rows_of_keys import read_rows
from warehouse.schema import person_anchor, person_link


@dataclass(frozen=True)
class Anchor:
    """The record that an id belongs to, and at which load it came to be.

    ``owner``: which human being the record's key means.
    """

    person_id: str
    minted_load: int
    key: Key
    owner: str

    def as_row(self) -> dict[str, str | int]:
        """The row of the table."""
        source, key = self.key
        place = {"source": source, "source_key": key, "owner": self.owner}
        return {"person_id": self.person_id, "minted_load": self.minted_load, **place}


class PersonIds:
    """The ids of all persons, as a load gives them out. ``known``: the records known then."""

    def __init__(
        self, connection: Connection, owners: KeyOwners, load: int, known: Set[Key]
    ) -> None:
        self._connection, self._owners, self._load = connection, owners, load
        self._known = known
        self._returned: Set[Key] = set()
        self._before = {anchor.person_id: anchor for anchor in _read_anchors(connection)}
        self._anchors: dict[str, Anchor] = {}
        self._held: dict[Key, set[str]] = defaultdict(set)
        for anchor in self._before.values():
            self._hold(anchor)

    def pass_on(self, persons: Mapping[Key, str]) -> None:
        """Passes the ids of records that are gone to who is left; ``persons``: as linked before."""
        gone = {key for key in persons if key not in self._known or self._changed_hands(key)}
        left: dict[str, list[Key]] = {persons[key]: [] for key in gone}
        for key, person_id in persons.items() if gone else ():
            if person_id in left and key not in gone:
                left[person_id].append(key)
        for key in sorted(gone):
            if heirs := left[persons[key]]:
                self._pass_ids(key, self._find_oldest(heirs))
        if self._before:
            self._returned = (self._known - persons.keys()) | (gone & self._known)

    def _pass_ids(self, key: Key, heir: Key) -> None:
        former = self._owners.find_owner(key, self._load - 1)
        for person_id in sorted(self._held[key]):
            if self._anchors[person_id].owner == former:
                self._move(person_id, heir)

    def _return_ids(self, members: Sequence[Key]) -> None:
        """Gives records that came again the ids that were made for them, if their person has them."""
        for key in sorted(self._returned & set(members)):
            owner = self._owners.find_owner(key, self._load)
            for person_id in takewhile(self._anchors.__contains__, _list_person_ids(key, owner)):
                if self._anchors[person_id].key in members:
                    self._move(person_id, key)

    def choose_ids(self, groups: Iterable[Sequence[Key]]) -> list[str]:
        """The id of each group: the oldest anchored in it, else that of a record that came back, else
        a new one."""
        given = []
        for members in groups:
            self._return_ids(members)
            given.append((members, self._find_id(members)))
        nameless = [key for members, found in given if not found for key in members]
        returned = self._read_former(nameless) if self._before else {}
        return [
            found or self._take_former(members, returned) or self._mint(members)
            for members, found in given
        ]

    def store_changes(self) -> None:
        """Writes the ids that are new and the anchors that moved."""
        now = self._anchors.items()
        fresh = [anchor.as_row() for name, anchor in now if name not in self._before]
        bulk_insert.insert_rows(self._connection, person_anchor, fresh)
        for person_id, former in self._before.items():
            if (anchor := self._anchors[person_id]) != former:
                self._connection.execute(_move_anchor(anchor))

    def _changed_hands(self, key: Key) -> bool:
        return not self._owners.are_same(key, self._load - 1, self._load)

    def _find_id(self, members: Sequence[Key]) -> str | None:
        anchors = (self._anchors[held] for key in members for held in self._held.get(key, ()))
        oldest = min(filter(self._is_present, anchors), key=_rank_anchor, default=None)
        return oldest.person_id if oldest else None

    def _is_present(self, anchor: Anchor) -> bool:
        """Whether the record of an id is known, and still the same human being's."""
        return (
            anchor.key in self._known
            and self._owners.find_owner(anchor.key, self._load) == anchor.owner
        )

    def _take_former(self, members: Sequence[Key], former: Mapping[Key, str]) -> str | None:
        """An id that a record had when it was last known, if nobody known holds it now."""
        for key in members:
            anchor = self._anchors.get(former.get(key, ""))
            if anchor is not None and not self._is_present(anchor):
                self._move(anchor.person_id, key)
                return anchor.person_id
        return None

    def _mint(self, members: Sequence[Key]) -> str:
        first = members[0] if len(members) == 1 else self._find_oldest(members)
        owner = self._owners.find_owner(first, self._load)
        person_id = _make_person_id(first, owner, self._anchors.keys())
        self._hold(Anchor(person_id, self._load, first, owner))
        return person_id

    def _move(self, person_id: str, key: Key) -> None:
        anchor = self._anchors[person_id]
        self._held[anchor.key].discard(person_id)
        self._hold(replace(anchor, key=key, owner=self._owners.find_owner(key, self._load)))

    def _hold(self, anchor: Anchor) -> None:
        self._anchors[anchor.person_id] = anchor
        self._held[anchor.key].add(anchor.person_id)

    def _find_oldest(self, keys: Sequence[Key]) -> Key:
        """The record of a human being that was known first."""
        since = dict.fromkeys(keys, self._load)
        for key, _, known_from in self._read_links(keys):
            since[key] = min(since[key], known_from)
        return min(keys, key=lambda key: (since[key], key))

    def _read_former(self, keys: Sequence[Key]) -> dict[Key, str]:
        """The person that each record belonged to last."""
        links = sorted(self._read_links(keys), key=lambda link: link[2])
        return {key: person_id for key, person_id, _ in links}

    def _read_links(self, keys: Sequence[Key]) -> Iterator[tuple[Key, str, int]]:
        """Record, person and first load of the links of records, of the human being of today."""
        c = person_link.c
        rows = select(c.source, c.source_key, c.person_id, c.known_from).where(c.rule != KEY_REUSED)
        for *key, person_id, since in read_rows(self._connection, rows, person_link, keys):
            if self._owners.are_same((key[0], key[1]), since, self._load):
                yield (key[0], key[1]), person_id, since


def _move_anchor(anchor: Anchor) -> Update:
    # Of a key that a table is found by, DuckDB would write even the same value anew.
    place = {name: value for name, value in anchor.as_row().items() if name != "person_id"}
    return update(person_anchor).where(person_anchor.c.person_id == anchor.person_id).values(place)


def _rank_anchor(anchor: Anchor) -> tuple[int, Key, str]:
    return anchor.minted_load, anchor.key, anchor.person_id


def find_carrier(connection: Connection, owners: KeyOwners, person_id: str) -> str | None:
    """The id of the person that carries an id now; None where its record is not known."""
    mine = person_anchor.c.person_id == person_id
    anchor = next(_read_anchors(connection, mine), None)
    newest = read_newest_load(connection)
    if anchor is None or owners.find_owner(anchor.key, newest) != anchor.owner:
        return None
    return _read_person(connection, anchor.key)


def _read_person(connection: Connection, record: Key) -> str | None:
    c = person_link.c
    known = select(c.person_id).where(c.known_to.is_(None))
    return next(
        (row.person_id for row in read_rows(connection, known, person_link, [record])), None
    )


def _read_anchors(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[Anchor]:
    for row in connection.execute(select(person_anchor).where(*conditions)):
        yield Anchor(row.person_id, row.minted_load, (row.source, row.source_key), row.owner)


def _make_person_id(first: Key, owner: str, used: Collection[str]) -> str:
    fresh = _list_person_ids(first, owner)
    return next(person_id for person_id in fresh if person_id not in used)


def _list_person_ids(first: Key, owner: str) -> Iterator[str]:
    """The ids that are made for a record, in the order in which they are given out."""
    parts = (*first, f"reused {owner}") if owner else first
    names = ("\x1f".join((*parts, str(n)) if n else parts) for n in count())
    return ("p-" + hashlib.sha256(name.encode()).hexdigest()[:20] for name in names)
