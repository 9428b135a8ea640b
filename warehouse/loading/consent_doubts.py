"""Notes of whom something was delivered that may be a withdrawal: nothing of them is released.

A rejected row of a table with consents may be one, and so may a withdrawal whose person the source
does not know, a note that says so, and one that vanished from its row. Its person is known by the
key on the row, perhaps in another spelling, or by the full name; where nothing fits, the whole
source is in doubt. What was said on a known day counts against what was given up to it alone, and
stays said when later deliveries have it no more.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol

from sqlalchemy import Connection, Row, and_, exists, func, insert, or_, select, update

from warehouse.loading.lost_withdrawals import LostWithdrawal, find_lost, find_vanished
from warehouse.schema import (
    ENTITIES,
    consent,
    consent_doubt,
    conversation_participant,
    load,
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


class DoubtKind(StrEnum):
    """What a doubt rests on; of two that are joined, the later of these holds.

    ``unread``: a row that could not be read; ``lost``: a withdrawal that vanished from its row;
    ``said``: a row that says that something was withdrawn; ``gone``: one that an earlier delivery
    had, and the load's has not.
    """

    UNREAD = "unread"
    LOST = "lost"
    SAID = "said"
    GONE = "gone"


# What was withdrawn once, whatever came since; a person decides on each of these by itself.
SAYING = (DoubtKind.LOST, DoubtKind.SAID, DoubtKind.GONE)
_KINDS = tuple(DoubtKind)
_DECIDED = ("settled_at", "settled_by", "settled_because")


@dataclass(frozen=True)
class Doubt:
    """What a load left in doubt about a person.

    ``said_something``: a row said something of a consent. ``said_on``: the last day up to which
    consents do not count; None: none counts. ``said_in``: the table that says so, if known.
    ``said_hash``: that of what the rows of the load say, in whichever order.
    """

    said_something: bool
    said_on: date | None = None
    said_in: str | None = None
    kind: DoubtKind = DoubtKind.UNREAD
    said_hash: str | None = field(default=None, repr=False)

    def join(self, other: Doubt | None) -> Doubt:
        """Both as one: without a day where one has none, else with the newer."""
        if other is None:
            return self
        later = max((self, other), key=lambda doubt: doubt.said_on or date.max)
        said_something = self.said_something or other.said_something
        said_in = later.said_in or self.said_in or other.said_in
        kind = max(self.kind, other.kind, key=_KINDS.index)
        said_hash = _add_hashes(self.said_hash, other.said_hash)
        return Doubt(said_something, later.said_on, said_in, kind, said_hash)

    def says_since(self, day: date) -> bool:
        """Whether a row of the load says that something was withdrawn on the day or later."""
        is_later = self.said_on is None or self.said_on >= day
        return self.kind is DoubtKind.SAID and is_later


Doubts = dict[str, Doubt]


def _hash_words(words: Sequence[str], said_on: date | None) -> str | None:
    text = "\x1f".join((str(said_on), *words))
    return hashlib.sha256(text.encode()).hexdigest() if words else None


def _add_hashes(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return f"{(int(one, 16) + int(other, 16)) % 2**256:064x}"


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
    @property
    def says_so(self) -> bool: ...
    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def names_nobody(self) -> bool: ...


def note_doubts(
    connection: Connection,
    source: str,
    number: int,
    rejected: Iterable[RejectedRow],
    named: Iterable[str] = (),
    *,
    full: bool,
) -> list[LostWithdrawal]:
    """Writes the doubts of a load, after its rows were taken into history.

    ``named``: keys of consents that the delivery reports as deleted. Each load has its own doubts,
    as a person decides on what one delivery brought. A full delivery replaces the doubts before it,
    and repeats those that it does not answer; those of partial ones stay until then, or until a
    person decides. Returns the withdrawals that vanished from their rows, as long as they are.
    """
    delivered_on = connection.execute(
        select(load.c.delivered_on).where(load.c.number == number)
    ).scalar_one()
    found = _find_doubts(connection, source, rejected, named, delivered_on, full=full)
    _repeat_decided(connection, source, number, found, full=full)
    still = _list_lost(connection, source) if full else []
    lost = find_lost(connection, source, number, still)
    for one in (*lost, *find_vanished(connection, source, still)):
        doubt = Doubt(True, one.said_on, one.table, DoubtKind.LOST)
        found[one.person_key] = doubt.join(found.get(one.person_key))
    if full:
        _carry_said(connection, source, found)
        open_ = and_(consent_doubt.c.source == source, consent_doubt.c.known_to.is_(None))
        connection.execute(update(consent_doubt).where(open_).values(known_to=number))
    insert_doubts(connection, source, number, found)
    return lost


def _repeat_decided(
    connection: Connection, source: str, number: int, found: Doubts, *, full: bool
) -> None:
    """Takes out what says no more than somebody decided on, and dates the rest as before.

    It has to stand in each full delivery since: a text that comes back may be another withdrawal.
    """
    before = _read_before(connection, source, number, full=full)
    settled: dict[str, Row[Any]] = {}
    for key, doubt in list(found.items()):
        row = before.get(key)
        if row is None or row.said_hash != doubt.said_hash:
            continue
        if doubt.said_on and row.said_on:
            found[key] = replace(doubt, said_on=min(doubt.said_on, row.said_on))
        if row.settled_at is not None and doubt.kind is DoubtKind.SAID:
            settled[key] = row
    insert_doubts(connection, source, number, {key: found.pop(key) for key in settled})
    c = consent_doubt.c
    for key, row in settled.items():
        own = and_(c.source == source, c.person_key == key, c.known_from == number)
        decided = {name: getattr(row, name) for name in _DECIDED}
        connection.execute(update(consent_doubt).where(own).values(known_to=number, **decided))


def _read_before(
    connection: Connection, source: str, number: int, *, full: bool
) -> dict[str, Row[Any]]:
    """By person the newest doubt with words, for a full delivery that of the load before it."""
    c = consent_doubt.c
    loads = select(func.max(load.c.number)).where(load.c.source == source, load.c.number < number)
    rows = select(consent_doubt).where(c.source == source, c.said_hash.is_not(None))
    if full:
        rows = rows.where(c.known_from == loads.scalar_subquery())
    return {row.person_key: row for row in connection.execute(rows.order_by(c.known_from))}


def _carry_said(connection: Connection, source: str, found: Doubts) -> None:
    """Adds what earlier deliveries said of a person and this one does not say any more.

    What had no day was said by the day of the delivery that said it last.
    """
    c = consent_doubt.c
    said = (
        select(consent_doubt, load.c.delivered_on)
        .join(load, load.c.number == c.known_from)
        .where(c.source == source, c.known_to.is_(None), c.person_key != ANYONE)
        .where(c.kind.in_([DoubtKind.SAID, DoubtKind.GONE]))
    )
    for row in connection.execute(said).all():
        now, day = found.get(row.person_key), row.said_on or row.delivered_on
        if now is None or not now.says_since(day):
            found[row.person_key] = Doubt(True, day, row.said_in, DoubtKind.GONE).join(now)


def insert_doubts(
    connection: Connection, source: str, number: int, doubts: Mapping[str, Doubt]
) -> None:
    """Writes doubts of a load, by the person's key."""
    rows = [
        {
            "source": source,
            "person_key": key,
            "known_from": number,
            "said_something": doubts[key].said_something,
            "said_on": doubts[key].said_on,
            "said_in": doubts[key].said_in,
            "kind": doubts[key].kind,
            "said_hash": doubts[key].said_hash,
        }
        for key in sorted(doubts)
    ]
    if rows:
        connection.execute(insert(consent_doubt), rows)


def join_rows(rows: Iterable[Row[Any]]) -> Doubts:
    """Rows of the table by person, those of one person joined."""
    found: Doubts = {}
    for row in rows:
        kind = DoubtKind(row.kind or DoubtKind.UNREAD)
        doubt = Doubt(row.said_something, row.said_on, row.said_in, kind, row.said_hash)
        found[row.person_key] = doubt.join(found.get(row.person_key))
    return found


def _list_lost(connection: Connection, source: str) -> list[str]:
    """The persons of whom a withdrawal vanished, and nobody has decided about it."""
    c = consent_doubt.c
    open_ = select(c.person_key).where(c.source == source, c.known_to.is_(None))
    lost = open_.where(c.kind == DoubtKind.LOST).distinct()
    return list(connection.execute(lost).scalars())


def _find_doubts(
    connection: Connection,
    source: str,
    rejected: Iterable[RejectedRow],
    named: Iterable[str],
    delivered_on: date,
    *,
    full: bool,
) -> Doubts:
    """The doubtful persons, each with what is in doubt.

    What says so without a day was said by that of the delivery.
    """
    persons = _KnownPersons(connection, source)
    found: Doubts = {}
    for row in rejected:
        for key in persons.find_of_row(row, full=full):
            kind = DoubtKind.SAID if row.says_so else DoubtKind.UNREAD
            said_on = row.said_on or (delivered_on if row.says_so else None)
            said_hash = _hash_words(row.words, row.said_on)
            doubt = Doubt(row.is_filled, said_on, row.said_in, kind, said_hash)
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
        self._parts: dict[str, tuple[dict[str, set[str]], dict[str, set[str]]]] = {}

    def find_of_row(self, row: RejectedRow, *, full: bool) -> set[str]:
        """The keys of the persons that a rejected row may be about."""
        part = self._find_of_record(*row.record) if row.record else None
        is_of_nobody = row.names_nobody or part == set()
        found = part or self.find_written(row.person or "", row.cells)
        if row.says_so:
            # Who has the row may have told it of another one.
            found = found.union(*(self._find_named([cell]) for cell in row.cells))
        # What a full delivery does not contain is released no more: an empty row hides nothing.
        is_empty = full and not row.is_filled
        return found if found or is_empty or is_of_nobody else {ANYONE}

    def _find_of_record(self, kind: str, key: str) -> set[str] | None:
        """The keys of the persons of a record whose row names none; None: nobody can tell.

        In a conversation may nobody take part whom the source names.
        """
        now, once = self._by_record(kind)
        named = now.get(_fold_key(key)) or once.get(_fold_key(key))
        if named is None:
            return set() if kind == "conversation" and now else None
        return set().union(*(self.find_written(person, ()) or {ANYONE} for person in named))

    def _by_record(self, kind: str) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
        """Who takes part in the records of a kind as last delivered, and who ever did."""
        if kind not in self._parts:
            parts = _PARTS[kind]
            c, owner = parts.c, ENTITIES[parts.name].owner or ""
            rows = select(c[owner], c.person_key, c.known_to).where(c.source == self._source)
            now, once = defaultdict(set), defaultdict(set)
            for key, person_key, known_to in self._connection.execute(rows):
                once[_fold_key(key)].add(person_key)
                if known_to is None:
                    now[_fold_key(key)].add(person_key)
            self._parts[kind] = dict(now), dict(once)
        return self._parts[kind]

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
