"""Finds records of one source that are probably one human being; they are told, never united."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from warehouse.identity.record import Key, Record
from warehouse.schema import person

_KEYS_AT_ONCE = 1000


@dataclass(frozen=True)
class PersonPlace:
    """Where a known record of a person was delivered."""

    file: str
    table: str
    row: int


def find_repeated(records: Iterable[Record]) -> list[tuple[Record, Record]]:
    """Pairs of records of one source with one name, birth date and sex, or with one number.

    Of a group, each record is paired with its first one.
    """
    found: dict[tuple[Key, Key], tuple[Record, Record]] = {}
    for group in _list_groups(records):
        first = group[0]
        for other in group[1:]:
            if other.sex == first.sex or None in (other.sex, first.sex):
                found.setdefault((first.identity, other.identity), (first, other))
    return list(found.values())


def _list_groups(records: Iterable[Record]) -> Iterator[Sequence[Record]]:
    groups: dict[tuple[object, ...], list[Record]] = defaultdict(list)
    for record in records:
        name = record.last_name, record.first_name, record.birth_date
        if None not in name:
            groups[record.source, *name].append(record)
        if record.number is not None:
            groups[record.source, record.number].append(record)
    return (group for group in groups.values() if len(group) > 1)


def list_person_places(
    connection: Connection, source: str, keys: Iterable[str]
) -> dict[str, PersonPlace]:
    """The place of each known record of a source."""
    c = person.c
    columns = (c.source_key, c.source_file, c.source_table, c.source_row)
    known = select(*columns).where(c.source == source, c.known_to.is_(None))
    found, wanted = {}, sorted(set(keys))
    for start in range(0, len(wanted), _KEYS_AT_ONCE):
        some = known.where(c.source_key.in_(wanted[start : start + _KEYS_AT_ONCE]))
        for key, file, table, row in connection.execute(some):
            found[key] = PersonPlace(file, table, row)
    return found
