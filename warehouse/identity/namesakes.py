"""Finds records that may be one human being without being surely so: only ever to hold data back.

For figures two records for one person are the lesser evil, for a withdrawal they are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from sqlalchemy import Connection, select

from warehouse.as_of import KnownAt
from warehouse.identity.exact_rules import are_different
from warehouse.identity.record import Key, Record
from warehouse.identity.terms import PERSON_COLUMNS, KnownPerson, Terms, without_numbers
from warehouse.schema import person


def find_namesakes(
    connection: Connection,
    terms: Terms,
    among: Collection[Key],
    of: Collection[Key],
    withdrawn: Collection[Key],
    known_at: KnownAt,
) -> dict[Key, set[Key]]:
    """By record ``among`` those: the other ones in ``of`` that may be its human being.

    They bear one name and birth date, or one number and first name, now or before, and nothing
    contradicts. Of those ``withdrawn`` a name is enough where a birth date is missing.
    """
    found: dict[Key, set[Key]] = defaultdict(set)
    if not among or not of:
        return found
    records = _read_records(connection, terms, known_at)
    bearers: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in records:
        if record.identity in of:
            for mark in _list_marks(record, by_name=record.identity in withdrawn):
                bearers[mark].append(record)
    for record in records:
        if record.identity in among:
            marks = _list_marks(record, by_name=True)
            others = (other for mark in marks for other in bearers.get(mark, ()))
            found[record.identity] |= {o.identity for o in others if _may_be_one(record, o)}
    return found


def _may_be_one(record: Record, other: Record) -> bool:
    return other.identity != record.identity and not are_different([record, other])


def _list_marks(record: Record, *, by_name: bool) -> Iterator[tuple[object, ...]]:
    """What two records of one human being have in common; the 1 January is a birth date here.

    Which word is the family name is not asked: systems exchange them. Two birth dates that differ
    contradict each other, so a name ``by_name`` alone joins only where one is missing.
    """
    if record.last_name and record.first_name:
        name = tuple(sorted({*record.last_name.split(), *record.first_name.split()}))
        if record.birth_date:
            yield name, record.birth_date
        if by_name:
            yield (name,)
    if record.number and record.first_name:
        yield record.number, record.first_name


def _read_records(connection: Connection, terms: Terms, known_at: KnownAt) -> list[Record]:
    """All versions of all persons known until then.

    A name that may be none ("Junge", "Herr") counts here: it only holds back.
    """
    rows = select(*(person.c[n] for n in PERSON_COLUMNS)).where(
        known_at.includes(person.c.known_from)
    )
    known = [KnownPerson(*row) for row in connection.execute(rows.distinct())]
    crowded = terms.find_crowded(terms.read_records(known))
    return without_numbers(replace(terms, no_names=()).read_records(known), crowded)
