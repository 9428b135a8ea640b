"""Notes of whom a consent was delivered that could not be taken: nothing of them is released.

A rejected row of a table with consents may be a withdrawal, and so may a withdrawal whose person
the source does not know. Its person is known by the key on the row, perhaps in another spelling, or
by the full name; where nothing fits, the whole source is in doubt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from sqlalchemy import Connection, and_, exists, insert, or_, select, update

from warehouse.schema import consent, consent_doubt, person

# Stands for a person of the source who cannot be told.
ANYONE = ""
_APART = re.compile(r"[,;|/&+\n]|\bund\b")
_NO_SIGNS = re.compile(r"[\s\"'=\u200b-\u200f\ufeff]+")
_DECIMALS = re.compile(r"[.,]0+$")
_WORDS = re.compile(r"[\W_]+")


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


def note_doubts(
    connection: Connection,
    source: str,
    load: int,
    rejected: Iterable[RejectedRow],
    named: Iterable[str] = (),
    *,
    full: bool,
) -> None:
    """Writes the doubts of a load, after its rows were taken into history.

    ``named``: keys of consents that the delivery reports as deleted. Each load has its own doubts,
    as a person decides on what one delivery brought. A full delivery replaces the doubts before it;
    those of partial ones stay until then, or until a person decides.
    """
    found = _find_doubts(connection, source, rejected, named, full=full)
    if full:
        open_ = and_(consent_doubt.c.source == source, consent_doubt.c.known_to.is_(None))
        connection.execute(update(consent_doubt).where(open_).values(known_to=load))
    rows = [
        {"source": source, "person_key": key, "known_from": load, "said_something": found[key]}
        for key in sorted(found)
    ]
    if rows:
        connection.execute(insert(consent_doubt), rows)


def _find_doubts(
    connection: Connection,
    source: str,
    rejected: Iterable[RejectedRow],
    named: Iterable[str],
    *,
    full: bool,
) -> dict[str, bool]:
    """The doubtful persons, each with whether a row said something of a consent."""
    persons = _KnownPersons(connection, source)
    found: dict[str, bool] = {}
    for row in rejected:
        for key in persons.find_of_row(row, full=full):
            found[key] = found.get(key, False) or row.is_filled
    for written in _list_unknown(connection, source):
        found |= dict.fromkeys(persons.find_written(written, ()) or {ANYONE}, True)
    if _names_unknown(connection, source, named):
        found[ANYONE] = True
    return found


class _KnownPersons:
    """The persons of a source, found by key or full name; read when first asked for."""

    def __init__(self, connection: Connection, source: str) -> None:
        self._connection, self._source = connection, source

    def find_of_row(self, row: RejectedRow, *, full: bool) -> set[str]:
        """The keys of the persons that a rejected row may be about."""
        found = self.find_written(row.person or "", row.cells)
        # What a full delivery does not contain is released no more: an empty row hides nothing.
        return found if found or (full and not row.is_filled) else {ANYONE}

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
