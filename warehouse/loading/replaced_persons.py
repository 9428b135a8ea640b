"""Finds the persons of a delivery whose key was another human being's when it was last delivered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    or_,
    select,
)

from warehouse.as_of import select_undone
from warehouse.identity.another_human import is_another, may_be_another
from warehouse.identity.key_owners import KEY_REUSED
from warehouse.schema import person, person_link

_WHO = ("last_name", "first_name", "birth_date")
_ATTRIBUTES = ("sex", "nationality", "entry_date", "official_number")


class ReplacedPerson(NamedTuple):
    """A person's row whose record was, or (not ``is_sure``) may have been, another human being's.

    Of a record in doubt nothing ends; the gate refuses its consents.
    """

    key: str
    file: str
    table: str
    row: int
    is_sure: bool


def find_replaced(connection: Connection, source: str, incoming: Table) -> list[ReplacedPerson]:
    """Compares each staged person with the versions that say last who the record is.

    A key that comes back after a while is compared, too, and so is one whose record was emptied in
    between.
    """
    then, now = person.alias("person_then"), incoming
    c = now.c
    compared = now.join(then, and_(then.c.source == source, then.c.record_key == c.record_key))
    place = (c.source_key, c.source_file, c.source_table, c.source_row)
    untold = select(*place).select_from(compared).where(~_is_told(source, now))
    doubtful = untold.where(*_list_conditions(source, then), may_be_another(then, now))
    # Nearly always nothing is found, and each comparison is dearer to plan than the one before.
    for rows in (untold, doubtful):
        if connection.execute(rows.limit(1)).first() is None:
            return []
    found = doubtful.add_columns(is_another(then, now).label("is_sure"))
    return list(_join_versions(connection, found.order_by(c.ordinal)))


def _join_versions(connection: Connection, found: Select[Any]) -> Iterator[ReplacedPerson]:
    """Each person once: it is another human being if it is beyond one of the versions."""
    persons: dict[str, ReplacedPerson] = {}
    for person_found in (ReplacedPerson(*row) for row in connection.execute(found)):
        before = persons.setdefault(person_found.key, person_found)
        if person_found.is_sure and not before.is_sure:
            persons[person_found.key] = person_found
    yield from persons.values()


def _list_conditions(source: str, then: FromClause) -> Iterator[ColumnElement[bool]]:
    """A version counts until a later one says as much, of the human being whom the key means now.

    What a load brought that was taken back does not count.
    """
    yield then.c.known_from.not_in(select_undone())
    yield ~_is_outdated(source, then)
    yield ~_is_of_former_owner(source, then)


def _is_outdated(source: str, then: FromClause) -> ColumnElement[bool]:
    """Condition: a later version says as much."""
    newer = person.alias("newer")
    c = newer.c
    of_record = and_(c.source == source, c.record_key == then.c.record_key)
    later = and_(c.known_from > then.c.known_from, c.known_from.not_in(select_undone()))
    says_as_much = [or_(then.c[name].is_(None), c[name].is_not(None)) for name in _WHO]
    return exists().where(of_record, later, *says_as_much)


def _is_of_former_owner(source: str, then: FromClause) -> ColumnElement[bool]:
    """Condition: the key went to another human being after the version."""
    c = person_link.alias("reused").c
    of_key = and_(c.source == source, c.source_key == then.c.record_key, c.rule == KEY_REUSED)
    later = and_(c.known_from > then.c.known_from, c.known_from.not_in(select_undone()))
    return exists().where(of_key, later)


def _is_told(source: str, now: FromClause) -> ColumnElement[bool]:
    """Condition: the record says already who it is; what there was to tell has been told."""
    c = person.alias("known").c
    of_record = and_(c.source == source, c.record_key == now.c.record_key, c.known_to.is_(None))
    same = [c[name].is_not_distinct_from(now.c[name]) for name in (*_WHO, *_ATTRIBUTES)]
    return exists().where(of_record, *same)
