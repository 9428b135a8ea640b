"""The person records of a district as columns, in the form in which they are compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Connection, select

from warehouse.as_of import select_undone
from warehouse.identity.comparable_names import ComparableName, comparable_name
from warehouse.identity.family_ties import read_households
from warehouse.identity.key_owners import read_owners
from warehouse.identity.lived_in import read_municipalities
from warehouse.identity.names import word_form
from warehouse.identity.nationalities import known_nationality
from warehouse.identity.record import Key, Number
from warehouse.identity.terms import KnownPerson, Terms
from warehouse.record_join import match_keys
from warehouse.schema import person

NO_DAY = np.datetime64("NaT", "D")
WORDS = 4  # up to three words and all of them as one
_MUNICIPALITIES = 3
_SEXES = ("m", "w", "d")
_Value = TypeVar("_Value", str, Number, Key)


class DeliveredPerson(NamedTuple):
    """A known record of a person, with the values that are compared as they were delivered."""

    source: str
    source_key: str
    last_name: str | None
    first_name: str | None
    birth_date: date | None
    sex: str | None
    nationality: str | None
    entry_date: date | None
    official_number: str | None


@dataclass(frozen=True)
class PersonColumns:
    """One row per record, in the order of their keys. Codes are -1, days NaT, if nothing is known.

    ``number`` is that of one person or family, ``carried`` also one that too many carry.
    ``given`` and ``family`` (records x 4) index ``words``: up to three words, then all as one.
    ``household`` is one number per household of one source; ``municipality`` (records x 3) has the
    municipalities that a record was ever known in.
    """

    keys: Sequence[Key]
    source: np.ndarray
    words: Sequence[str]
    given: np.ndarray
    family: np.ndarray
    born: np.ndarray
    entered: np.ndarray
    sex: np.ndarray
    nationality: np.ndarray
    nationalities: Sequence[str]
    number: np.ndarray
    carried: np.ndarray
    numbers: Sequence[Number]
    household: np.ndarray
    municipality: np.ndarray

    def __len__(self) -> int:
        return len(self.keys)

    def find_rows(self, keys: Collection[Key]) -> np.ndarray:
        """The rows of some records; what is not known is left out."""
        rows = {key: row for row, key in enumerate(self.keys)}
        return np.array(sorted(rows[key] for key in keys if key in rows), np.int64)


def read_person_columns(connection: Connection, terms: Terms) -> PersonColumns:
    """All known records of persons, with the households that the sources tell."""
    persons = _read_persons(connection, person.c.known_to.is_(None))
    ties = read_households(connection), read_municipalities(connection)
    return make_columns(persons, terms, *ties)


def read_former_columns(connection: Connection, terms: Terms, load_number: int) -> PersonColumns:
    """What was known until a load of the records that it changed or ended, without households."""
    return make_columns(_read_persons(connection, person.c.known_to == load_number), terms, {}, {})


def _read_persons(connection: Connection, chosen: ColumnElement[bool]) -> list[DeliveredPerson]:
    """The chosen rows; where one has no birth date, the record's last one still speaks.

    A cell that became unreadable would make namesakes of people whom it kept apart.
    """
    columns = (person.c[name] for name in DeliveredPerson._fields)
    persons = [DeliveredPerson(*row) for row in connection.execute(select(*columns).where(chosen))]
    born = _read_last_birth_dates(connection, chosen)
    return [
        p._replace(birth_date=p.birth_date or born.get((p.source, p.source_key))) for p in persons
    ]


def _read_last_birth_dates(connection: Connection, chosen: ColumnElement[bool]) -> dict[Key, date]:
    """The last known birth dates of the human beings whose chosen rows have none."""
    c, earlier = person.c, person.alias("earlier")
    e = earlier.c
    rows = (
        select(e.source, e.source_key, e.known_from, c.known_from, e.birth_date)
        .join_from(person, earlier, match_keys(earlier, "source_key", person, "source_key"))
        .where(chosen, c.birth_date.is_(None), e.birth_date.is_not(None))
        .where(e.known_from < c.known_from, e.known_from.not_in(select_undone()))
        .order_by(e.known_from)
    )
    found = connection.execute(rows).all()
    if not found:
        return {}
    owners = read_owners(connection)
    return {
        (source, key): born
        for source, key, then, now, born in found
        if owners.are_same((source, key), then, now)
    }


def make_columns(
    persons: Sequence[DeliveredPerson],
    terms: Terms,
    households: Mapping[Key, str],
    municipalities: Mapping[Key, Collection[str]],
) -> PersonColumns:
    """The columns of records.

    ``households`` names the household of a record within its source, ``municipalities`` those
    that it was ever known in.
    """
    rows = sorted(persons, key=lambda p: (p.source, p.source_key))
    keys = [(p.source, p.source_key) for p in rows]
    given, family, words = _code_words(_read_names(rows, terms))
    number, carried, numbers = _code_numbers(rows, terms)
    nationality, nationalities = _code_values([known_nationality(p.nationality) for p in rows])
    return PersonColumns(
        keys=keys,
        source=_code_values([p.source for p in rows])[0],
        words=words,
        given=given,
        family=family,
        born=_code_days([p.birth_date for p in rows]),
        entered=_code_days([p.entry_date for p in rows]),
        sex=_code_values([p.sex if p.sex in _SEXES else None for p in rows])[0],
        nationality=nationality,
        nationalities=nationalities,
        number=number,
        carried=carried,
        numbers=numbers,
        household=_code_households(keys, households),
        municipality=_code_municipalities([municipalities.get(key, ()) for key in keys]),
    )


def _read_names(persons: Sequence[DeliveredPerson], terms: Terms) -> list[ComparableName]:
    """The comparable names; each distinct name is read once."""
    no_names = frozenset(map(word_form, terms.no_names))
    written = {(p.first_name, p.last_name) for p in persons}
    names = {name: comparable_name(*name, no_names) for name in written}
    return [names[p.first_name, p.last_name] for p in persons]


def _code_numbers(
    persons: Sequence[DeliveredPerson], terms: Terms
) -> tuple[np.ndarray, np.ndarray, list[Number]]:
    """Codes of the official numbers without and with those that too many carry, and the numbers."""
    records = terms.read_records([_know_person(p) for p in persons if p.official_number])
    written = {r.identity: r.number for r in records}
    carried, numbers = _code_values([written.get((p.source, p.source_key)) for p in persons])
    too_many = terms.find_crowded(records)
    crowded = [code for code, number in enumerate(numbers) if number in too_many]
    return np.where(np.isin(carried, crowded), np.int32(-1), carried), carried, numbers


def _know_person(p: DeliveredPerson) -> KnownPerson:
    values = {**p._asdict(), "key": p.source_key}
    return KnownPerson(*(values[name] for name in KnownPerson._fields))


def _code_days(days: Sequence[date | None]) -> np.ndarray:
    return np.array([NO_DAY if day is None else np.datetime64(day, "D") for day in days], "M8[D]")


def _code_households(keys: Sequence[Key], households: Mapping[Key, str]) -> np.ndarray:
    homes = [(key[0], households[key]) if key in households else None for key in keys]
    return _code_values(homes)[0]


def _code_municipalities(lived_in: Sequence[Collection[str]]) -> np.ndarray:
    """Up to three municipalities of each record; they are alphabetical, none is the newest."""
    chosen = [sorted(some)[:_MUNICIPALITIES] for some in lived_in]
    padded = [[*some, *[None] * (_MUNICIPALITIES - len(some))] for some in chosen]
    codes, _ = _code_values([code for some in padded for code in some])
    return codes.reshape(-1, _MUNICIPALITIES)


def _code_values(values: Sequence[_Value | None]) -> tuple[np.ndarray, list[_Value]]:
    """Codes of values (-1 for None) and the values in their order."""
    found = sorted({value for value in values if value is not None}, key=str)
    codes: dict[_Value | None, int] = {value: code for code, value in enumerate(found)}
    return np.array([codes.get(value, -1) for value in values], np.int32), found


def _code_words(names: Sequence[ComparableName]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """The words of given and family names as codes (records x 4), and the words."""
    words: dict[str, int] = {}
    given = [_code_name(name.given, words) for name in names]
    family = [_code_name(name.family, words) for name in names]
    tables = [np.array(rows, np.int32).reshape(-1, WORDS) for rows in (given, family)]
    return tables[0], tables[1], list(words)


def _code_name(parts: Sequence[str], words: dict[str, int]) -> list[int]:
    """The codes of up to three words and of all as one; a new word gets the next code."""
    if not parts:
        return [-1] * WORDS
    codes = [words.setdefault(word, len(words)) for word in (*parts, "".join(parts))]
    return [*codes[:-1], *[-1] * (WORDS - len(codes)), codes[-1]]
