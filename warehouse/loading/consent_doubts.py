"""Notes of whom something was delivered that may be a withdrawal: nothing of them is released.

A rejected row of a table with consents may be one, and so may a withdrawal whose person the source
does not know, a note that says so, and one that vanished from its row. Its person is known by the
key on the row, perhaps in another spelling, or by the full name; where nothing fits, the whole
source is in doubt. What was said on a known day counts against what was given up to it alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Row, and_, exists, insert, or_, select, update

from warehouse.loading.lost_withdrawals import LostWithdrawal, find_lost
from warehouse.schema import (
    ENTITIES,
    consent,
    consent_doubt,
    conversation_participant,
    person,
    plan_participant,
)

# Stands for a person of the source who cannot be told.
ANYONE = ""
_APART = re.compile(r"[,;|/&+\n]|\bund\b")
_NO_SIGNS = re.compile(r"[\s\"'=\u200b-\u200f\ufeff]+")
_DECIMALS = re.compile(r"[.,]0+$")
_WORDS = re.compile(r"[\W_]+")
# Where the persons of a record are whose own row names none.
_PARTS = {"conversation": conversation_participant, "plan": plan_participant}


@dataclass(frozen=True)
class Doubt:
    """What a load left in doubt about a person.

    ``said_something``: a row said something of a consent. ``said_on``: the last day up to which
    consents do not count; None: none counts. ``said_in``: the table that says so, if known.
    ``is_lost``: a withdrawal that vanished from its row is among it.
    """

    said_something: bool
    said_on: date | None = None
    said_in: str | None = None
    is_lost: bool = False

    def join(self, other: Doubt | None) -> Doubt:
        """Both as one: without a day where one has none, else with the newer."""
        if other is None:
            return self
        later = max((self, other), key=lambda doubt: doubt.said_on or date.max)
        said_something = self.said_something or other.said_something
        is_lost = self.is_lost or other.is_lost
        return Doubt(said_something, later.said_on, later.said_in, is_lost)


Doubts = dict[str, Doubt]


class RejectedRow(Protocol):
    """A rejected row with what stands in place of the person's key, and all its cells.

    ``is_filled``: whether a cell of the consent is filled.
    """

    @property
    def person(self) -> str | None: ...
    @property
    def cells(self) -> Sequence[str]: ...
    @property
    def is_filled(self) -> bool: ...
    @property
    def said_on(self) -> date | None: ...
    @property
    def said_in(self) -> str | None: ...
    @property
    def record(self) -> tuple[str, str] | None: ...


def note_doubts(
    connection: Connection,
    source: str,
    load: int,
    rejected: Iterable[RejectedRow],
    named: Iterable[str] = (),
    *,
    full: bool,
) -> list[LostWithdrawal]:
    """Writes the doubts of a load, after its rows were taken into history.

    ``named``: keys of consents that the delivery reports as deleted. Each load has its own doubts,
    as a person decides on what one delivery brought. A full delivery replaces the doubts before it;
    those of partial ones stay until then, or until a person decides. A withdrawal that vanished
    from its row stays in doubt as long as the row is without it. Returns these.
    """
    found = _find_doubts(connection, source, rejected, named, full=full)
    lost = find_lost(connection, source, load, _list_lost(connection, source) if full else ())
    for one in lost:
        doubt = Doubt(True, one.said_on, one.table, is_lost=True)
        found[one.person_key] = doubt.join(found.get(one.person_key))
    if full:
        open_ = and_(consent_doubt.c.source == source, consent_doubt.c.known_to.is_(None))
        connection.execute(update(consent_doubt).where(open_).values(known_to=load))
    insert_doubts(connection, source, load, found)
    return lost


def insert_doubts(
    connection: Connection, source: str, load: int, doubts: Mapping[str, Doubt]
) -> None:
    """Writes doubts of a load, by the person's key; nobody can say when a stranger said it."""
    rows = [
        {
            "source": source,
            "person_key": key,
            "known_from": load,
            "said_something": doubts[key].said_something,
            "said_on": None if key == ANYONE else doubts[key].said_on,
            "said_in": doubts[key].said_in,
            "is_lost": doubts[key].is_lost,
        }
        for key in sorted(doubts)
    ]
    if rows:
        connection.execute(insert(consent_doubt), rows)


def join_rows(rows: Iterable[Row[Any]]) -> Doubts:
    """Rows of the table by person, those of one person joined."""
    found: Doubts = {}
    for row in rows:
        doubt = Doubt(row.said_something, row.said_on, row.said_in, bool(row.is_lost))
        found[row.person_key] = doubt.join(found.get(row.person_key))
    return found


def _list_lost(connection: Connection, source: str) -> list[str]:
    """The persons of whom a withdrawal vanished, and nobody has decided about it."""
    c = consent_doubt.c
    open_ = select(c.person_key).where(c.source == source, c.known_to.is_(None), c.is_lost)
    return list(connection.execute(open_.distinct()).scalars())


def _find_doubts(
    connection: Connection,
    source: str,
    rejected: Iterable[RejectedRow],
    named: Iterable[str],
    *,
    full: bool,
) -> Doubts:
    """The doubtful persons, each with what is in doubt."""
    persons = _KnownPersons(connection, source)
    found: Doubts = {}
    for row in rejected:
        for key in persons.find_of_row(row, full=full):
            doubt = Doubt(row.is_filled, row.said_on, row.said_in)
            found[key] = doubt.join(found.get(key))
    for written in _list_unknown(connection, source):
        unknown = persons.find_written(written, ()) or {ANYONE}
        found |= {key: Doubt(said_something=True).join(found.get(key)) for key in unknown}
    if _names_unknown(connection, source, named):
        found[ANYONE] = Doubt(said_something=True)
    return found


class _KnownPersons:
    """The persons of a source, found by key or full name; read when first asked for."""

    def __init__(self, connection: Connection, source: str) -> None:
        self._connection, self._source = connection, source

    def find_of_row(self, row: RejectedRow, *, full: bool) -> set[str]:
        """The keys of the persons that a rejected row may be about."""
        found = self._find_of_record(*row.record) if row.record else set()
        found = found or self.find_written(row.person or "", row.cells)
        # What a full delivery does not contain is released no more: an empty row hides nothing.
        return found if found or (full and not row.is_filled) else {ANYONE}

    def _find_of_record(self, kind: str, key: str) -> set[str]:
        """The keys of the persons of a record whose row names none."""
        parts = _PARTS[kind]
        c, owner = parts.c, ENTITIES[parts.name].owner or ""
        own = select(c.person_key).where(c.source == self._source, c[owner] == key)
        return set(self._connection.execute(own.where(c.known_to.is_(None))).scalars())

    def find_written(self, written: str, cells: Sequence[str]) -> set[str]:
        """The keys that a text in place of a key means, else those of a full name in the cells."""
        if written in self._keys:
            return {written}
        parts = [part for part in _APART.split(written) if part.strip()]
        found = [self._by_fold.get(_fold_key(part), set()) for part in (written, *parts)]
        if found[0]:
            return found[0]
        if parts and all(found[1:]):
            return set().union(*found)
        # Part of a list of keys is unknown: nobody knows who else is meant.
        return set() if any(found) else self._find_named([written, *cells])

    def _find_named(self, texts: Sequence[str]) -> set[str]:
        words = {word for text in texts for word in _fold_words(text)}
        names = (name for word in words for name in self._by_rarest_word.get(word, ()))
        return set().union(*(self._by_name[name] for name in names if name <= words))

    @cached_property
    def _rows(self) -> list[tuple[str, str | None, str | None]]:
        c = person.c
        rows = select(c.source_key, c.last_name, c.first_name).where(c.source == self._source)
        return [(key, last, first) for key, last, first in self._connection.execute(rows)]

    @cached_property
    def _keys(self) -> set[str]:
        return {key for key, _, _ in self._rows}

    @cached_property
    def _by_fold(self) -> dict[str, set[str]]:
        folded: dict[str, set[str]] = defaultdict(set)
        for key in self._keys:
            folded[_fold_key(key)].add(key)
        folded.pop("", None)
        return folded

    @cached_property
    def _by_name(self) -> dict[frozenset[str], set[str]]:
        names: dict[frozenset[str], set[str]] = defaultdict(set)
        for key, last, first in self._rows:
            if last and first:
                names[frozenset(_fold_words(f"{last} {first}"))].add(key)
        names.pop(frozenset(), None)
        return names

    @cached_property
    def _by_rarest_word(self) -> dict[str, list[frozenset[str]]]:
        """The names by that of their words which the fewest names have."""
        counted = Counter(word for name in self._by_name for word in name)
        found: dict[str, list[frozenset[str]]] = defaultdict(list)
        for name in self._by_name:
            found[min(name, key=lambda word: (counted[word], word))].append(name)
        return found


def _list_unknown(connection: Connection, source: str) -> Iterator[str]:
    """What stands in place of the person's key on withdrawals of persons nobody knows."""
    c, persons = consent.c, person.c
    was_known = exists().where(persons.source == source, persons.source_key == c.person_key)
    withdrawn = or_(c.revoked_on.is_not(None), c.revoked_on_unreadable, c.groups_unreadable)
    unknown = select(c.person_key).where(
        c.source == source, c.known_to.is_(None), withdrawn, ~was_known
    )
    yield from connection.execute(unknown.distinct()).scalars()


def _names_unknown(connection: Connection, source: str, named: Iterable[str]) -> bool:
    """Whether a deletion names a consent that the source never delivered."""
    keys = set(named)
    if not keys:
        return False
    rows = select(consent.c.source_key).where(consent.c.source == source)
    return not keys <= set(connection.execute(rows.distinct()).scalars())


def _fold_key(key: str) -> str:
    """A key without what spreadsheets and hands change: blanks, quotes, capitals, zeros, ".0"."""
    text = _DECIMALS.sub("", _NO_SIGNS.sub("", key)).casefold()
    return text.lstrip("0") or text


def _fold_words(text: str) -> list[str]:
    return [word for word in _WORDS.split(text.casefold()) if word]
