"""What a person is recognised by in texts: names, birth dates, official numbers, keys of records."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from sqlalchemy import Connection, and_, func, or_, select, tuple_

from warehouse.identity.record import Key
from warehouse.rights.subject import Subject
from warehouse.schema import ENTITIES, RECORDS, person

# Shorter keys and numbers occur by chance.
LEAST_KEY, LEAST_NUMBER = 6, 5
_LEAST_NAME = 2
_CONTACTS = ("phone", "email", "jobcenter_number")


@dataclass(frozen=True)
class PersonStrings:
    """``names`` are pairs of last and first name, as recorded; none is in the repr.

    ``shared_names``: those that another human being bears, too, so that the name alone says nothing;
    ``shared_keys``: those that also mean something else. ``contacts``: telephone, e-mail address
    and customer number that no other record has; they are looked for, and mean nobody in a row.
    """

    records: tuple[Key, ...] = field(repr=False)
    names: tuple[tuple[str, str], ...] = field(repr=False)
    shared_names: tuple[tuple[str, str], ...] = field(repr=False)
    births: tuple[date, ...] = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)
    shared_keys: tuple[str, ...] = field(default=(), repr=False)
    contacts: tuple[str, ...] = field(default=(), repr=False)

    @property
    def keys(self) -> list[str]:
        """The keys that are long enough to mean this person wherever they stand, and nobody else."""
        long = {key for _, key in self.records if len(key) >= LEAST_KEY}
        return sorted(long.difference(self.shared_keys))

    @property
    def texts(self) -> list[str]:
        """Everything that must not be told of the person."""
        names = [text for name in self.names for text in name]
        return [*names, *self.numbers, *self.keys, *self.contacts]

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(fold_text(number) for number in (*self.numbers, *self.keys))

    @cached_property
    def _words(self) -> tuple[str, ...]:
        """Of what names the person, one word that must be there."""
        return (*self._numbers, *(fold_text(last) for last, _ in self.names))

    def names_row(self, cells: Sequence[str]) -> bool:
        """Whether the cells of a row are about the person: a number, or name and birth date.

        A name that nobody else bears is enough.
        """
        folded = {fold_text(cell) for cell in cells}
        if not folded.isdisjoint(self._numbers):
            return True
        if not any(word in cell for cell in folded for word in self._words):
            return False
        text = f" {' '.join(fold_text(cell) for cell in cells)} "
        born = self._is_born_in(text)
        return any(
            _holds_word(text, last) and _holds_word(text, first)
            for last, first in self.names
            if born or (last, first) not in self.shared_names
        )

    def _is_born_in(self, text: str) -> bool:
        return any(day in text for birth in self.births for day in spell_day(birth))

    def stands_in(self, cell: str) -> bool:
        """Whether a text of somebody else's row names the person."""
        return self.names_row([cell]) or any(
            number in cell for number in (*self.numbers, *self.keys)
        )


def _holds_word(text: str, name: str) -> bool:
    word = fold_text(name)
    return len(word) >= _LEAST_NAME and f" {word} " in text


@lru_cache(1 << 16)
def fold_text(text: str) -> str:
    """The words of a text without case and signs."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def spell_day(day: date) -> tuple[str, ...]:
    """A day as it stands among folded words."""
    return (f"{day:%d %m %Y}", f"{day:%Y %m %d}", f"{day.day} {day.month} {day.year}")


def read_strings(connection: Connection, subject: Subject) -> PersonStrings:
    """Everything the sources ever recorded that identifies the person."""
    names: set[tuple[str, str]] = set()
    births: set[date] = set()
    numbers: set[str] = set()
    c = person.c
    rows = select(c.last_name, c.first_name, c.birth_date, c.official_number)
    for (source, key), since in subject.records.items():
        own = rows.where(c.source == source, c.source_key == key, c.known_from >= since)
        for last, first, born, number in connection.execute(own):
            names |= {(last, first)} if last and first else set()
            births |= {born} if born else set()
            numbers |= {number} if number and len(number) >= LEAST_NUMBER else set()
    found = PersonStrings(
        tuple(subject.keys), tuple(sorted(names)), (), tuple(sorted(births)), tuple(sorted(numbers))
    )
    contacts = tuple(sorted(_find_contacts(connection, subject)))
    return with_shared(connection, replace(found, contacts=contacts), subject)


def _find_contacts(connection: Connection, subject: Subject) -> set[str]:
    """What the person is reached by, unless somebody else is, too."""
    own: set[str] = set()
    others: set[str] = set()
    for name in _CONTACTS:
        column = person.c[name]
        rows = select(person.c.source, person.c.source_key, column).where(column.is_not(None))
        for source, key, text in connection.execute(rows.distinct()):
            (own if (source, key) in subject.records else others).add(text)
    return {text for text in own - others if len(text) >= LEAST_NUMBER}


def _find_shared_keys(connection: Connection, subject: Subject) -> set[str]:
    """The person's keys that are also the key of another record of any kind."""
    keys = {key for _, key in subject.records}
    found: set[str] = set()
    for kind in RECORDS:
        table = ENTITIES[kind].table
        c = table.c
        rows = select(c.source, c.record_key).where(c.record_key.in_(sorted(keys))).distinct()
        for source, key in connection.execute(rows):
            if kind != "case" or (source, key) not in subject.records:
                found.add(key)
    return found


def with_shared(connection: Connection, strings: PersonStrings, subject: Subject) -> PersonStrings:
    """The same, knowing which names and keys are also somebody else's."""
    shared = tuple(name for name in strings.names if _is_shared(connection, name, subject))
    keys = tuple(sorted(_find_shared_keys(connection, subject)))
    return replace(strings, shared_names=shared, shared_keys=keys)


def _is_shared(connection: Connection, name: tuple[str, str], subject: Subject) -> bool:
    """Whether a record of somebody else has the same name."""
    c = person.c
    last, first = (func.lower(c[column]) for column in ("last_name", "first_name"))
    same = {part.lower() for part in name}
    rows = select(c.source, c.source_key).where(last.in_(same), first.in_(same)).distinct()
    return any((source, key) not in subject.records for source, key in connection.execute(rows))


def list_alike(connection: Connection, strings: PersonStrings) -> list[str]:
    """The records known now of the same official number, or of the same name and birth date."""
    c = person.c
    named = and_(
        tuple_(c.last_name, c.first_name).in_(strings.names or [("", "")]),
        c.birth_date.in_(strings.births),
    )
    same = or_(c.official_number.in_(strings.numbers), named)
    rows = select(c.source, c.source_key).where(c.known_to.is_(None), same).distinct()
    return sorted(f"{source}:{key}" for source, key in connection.execute(rows))
