"""Notes of whom a consent was delivered that could not be taken: nothing of them is released.

A rejected row of a table with consents may be a withdrawal. Its person is known by the key on the
row, else by a key or a name among its cells; where none fits, the whole source is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from sqlalchemy import Connection, and_, exists, func, insert, or_, select, update

from warehouse.schema import consent, consent_doubt, person

# Stands for a person of the source who cannot be told.
ANYONE = ""
_IGNORED = re.compile(r"[\W_]+")
_DECIMALS = re.compile(r"[.,]0+$")


class RejectedRow(Protocol):
    """A rejected row with the person's key, if it could be read, and all its cells."""

    @property
    def person(self) -> str | None: ...
    @property
    def cells(self) -> Sequence[str]: ...
    @property
    def is_filled(self) -> bool: ...


def note_doubts(
    connection: Connection, source: str, load: int, rejected: Iterable[RejectedRow], *, full: bool
) -> None:
    """Writes the doubts of a load, after its rows were taken into history.

    A full delivery replaces the doubts before it. A partial one ends those of the persons of whom
    it brought a consent.
    """
    found = {key for row in rejected for key in _find_persons(connection, source, row, full)}
    found |= set(_find_misspelled(connection, source))
    open_ = and_(consent_doubt.c.source == source, consent_doubt.c.known_to.is_(None))
    known = set(connection.execute(select(consent_doubt.c.person_key).where(open_)).scalars())
    ended = known - found
    if not full:
        ended &= _find_delivered(connection, source, load)
    for key in sorted(ended):
        ending = update(consent_doubt).where(open_, consent_doubt.c.person_key == key)
        connection.execute(ending.values(known_to=load))
    rows = [
        {"source": source, "person_key": key, "known_from": load} for key in sorted(found - known)
    ]
    if rows:
        connection.execute(insert(consent_doubt), rows)


def _find_persons(
    connection: Connection, source: str, row: RejectedRow, full: bool
) -> Iterator[str]:
    """The keys of the persons that a rejected row may be about."""
    if row.person is not None:
        yield row.person
        return
    texts = sorted({text.strip().lower() for text in row.cells if text.strip()})
    c = person.c
    of_source = and_(c.source == source, c.known_to.is_(None))
    by_key = func.lower(c.source_key).in_(texts)
    by_name = and_(func.lower(c.last_name).in_(texts), func.lower(c.first_name).in_(texts))
    keys = connection.execute(select(c.source_key).where(of_source, or_(by_key, by_name))).scalars()
    found = list(keys)
    yield from found
    # What a full delivery does not contain is released no more: an empty row hides nothing.
    if not found and (row.is_filled or not full):
        yield ANYONE


def _find_misspelled(connection: Connection, source: str) -> Iterator[str]:
    """The persons whose key a consent of an unknown person has in another spelling."""
    c, persons = consent.c, person.c
    is_known = exists().where(
        persons.source == source, persons.source_key == c.person_key, persons.known_to.is_(None)
    )
    unknown = select(c.person_key).where(c.source == source, c.known_to.is_(None), ~is_known)
    orphans = {_fold_key(key) for key in connection.execute(unknown.distinct()).scalars()}
    if not orphans:
        return
    keys = select(persons.source_key).where(persons.source == source, persons.known_to.is_(None))
    for key in connection.execute(keys).scalars():
        if _fold_key(key) in orphans:
            yield key


def _fold_key(key: str) -> str:
    """A key without what spreadsheets and hands change: signs, capitals, zeros, ".0"."""
    text = _IGNORED.sub("", _DECIMALS.sub("", key)).casefold()
    return text.lstrip("0") or text


def _find_delivered(connection: Connection, source: str, load: int) -> set[str]:
    """The persons of whom a load brought a new or changed consent."""
    c = consent.c
    keys = select(c.person_key).where(c.source == source, c.known_from == load)
    return set(connection.execute(keys.distinct()).scalars())
