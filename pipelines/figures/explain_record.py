"""Explains what became of a record, and which records were held for one person."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from pipelines.hub import Hub
from warehouse.identity.key_owners import read_owners
from warehouse.identity.person_ids import find_carrier
from warehouse.schema import ENTITIES, Entity, load, person_link


@dataclass(frozen=True)
class RecordVersion:
    """A version of an entity: the loads that knew it, the cell it came from, and its delivery."""

    entity: str
    known_from: int
    known_to: int | None
    source_file: str
    source_table: str
    source_row: int
    delivery_date: date | None


@dataclass(frozen=True)
class RecordPerson:
    """The person a record belonged to, the rule that linked it, and the loads that knew this.

    ``linked_to``: the other record of a direct link, as `identity links` has the pair. ``records``:
    all other records of the person at that time.
    """

    person: str
    rule: str
    linked_to: str | None
    explanation: str
    known_from: int
    known_to: int | None
    records: Sequence[str] = ()


@dataclass(frozen=True)
class PersonRecord:
    """A record that belonged to a person, by which rule, and the loads that knew this."""

    record: str
    rule: str
    linked_to: str | None
    explanation: str
    known_from: int
    known_to: int | None


@dataclass(frozen=True)
class ExplainedPerson:
    """Every record that ever belonged to a person.

    ``carried_by``: the person's identifier today; another one after a merge, None where none of its
    records is known.
    """

    person: str
    carried_by: str | None
    records: Sequence[PersonRecord]


@dataclass(frozen=True)
class ExplainedRecord:
    """Every version of a source record, and the persons it belonged to."""

    record: str
    versions: Sequence[RecordVersion]
    persons: Sequence[RecordPerson]


def explain_record(hub: Hub, name: str) -> ExplainedRecord:
    """Every version of every entity of one source record ("enaio:P-1")."""
    source, _, key = name.partition(":")
    with hub.store.read() as connection:
        versions = list(_list_versions(connection, source, key))
        persons = _list_persons(connection, name)
    return ExplainedRecord(name, versions, persons)


def _list_versions(connection: Connection, source: str, key: str) -> Iterator[RecordVersion]:
    for entity in ENTITIES.values():
        for row in connection.execute(_select_versions(entity, source, key)):
            yield RecordVersion(entity.name, *row)


def _select_versions(entity: Entity, source: str, key: str) -> Select[Any]:
    c = entity.table.c
    place = (c.source_file, c.source_table, c.source_row)
    return (
        select(c.known_from, c.known_to, *place, load.c.delivered_on)
        .select_from(entity.table.outerjoin(load, load.c.number == c.known_from))
        .where(c.source == source, c.record_key == key)
        .order_by(c.known_from)
    )


def explain_person(hub: Hub, person: str) -> ExplainedPerson:
    """Every record that ever belonged to a person, by the person's identifier."""
    with hub.store.read() as connection:
        rows = _read_links(connection, person_link.c.person_id == person)
        carrier = find_carrier(connection, read_owners(connection), person)
    return ExplainedPerson(person, carrier, [_describe_record(row, rows) for row in rows])


def _describe_record(row: Any, of_person: Sequence[Any]) -> PersonRecord:
    own = vars(_describe_person(row, of_person))
    same = {field.name: own[field.name] for field in fields(PersonRecord) if field.name in own}
    return PersonRecord(record=_name_record(row), **same)


def _list_persons(connection: Connection, name: str) -> list[RecordPerson]:
    """The persons a record belonged to, with the records linked to it at the time."""
    c = person_link.c
    own = select(c.person_id).where(_is_record(name))
    of_persons = _read_links(connection, c.person_id.in_(own))
    mine = [row for row in of_persons if _name_record(row) == name]
    return [_describe_person(row, of_persons) for row in mine]


def _describe_person(row: Any, of_persons: Sequence[Any]) -> RecordPerson:
    """The person of a link row; the first record of a person is told by the links to it."""
    name = _name_record(row)
    others = [o for o in of_persons if _name_record(o) != name and _shares_person(o, row)]
    to_it = next((o for o in others if o.linked_to == name), None)
    rule, linked_to, why = row.rule, row.linked_to, row.explanation
    if linked_to is None and to_it is not None:
        rule, linked_to, why = to_it.rule, _name_record(to_it), to_it.explanation
    records = sorted({_name_record(o) for o in others})
    return RecordPerson(row.person_id, rule, linked_to, why, row.known_from, row.known_to, records)


def _shares_person(one: Any, other: Any) -> bool:
    """Whether two link rows were of one person at the same time."""
    ends = [row.known_to or math.inf for row in (one, other)]
    begin = max(one.known_from, other.known_from)
    return bool(one.person_id == other.person_id and begin < min(ends))


def _read_links(connection: Connection, condition: ColumnElement[bool]) -> Sequence[Any]:
    c = person_link.c
    rows = select(person_link).where(condition)
    return connection.execute(rows.order_by(c.known_from, c.source, c.source_key)).all()


def _is_record(name: str) -> ColumnElement[bool]:
    source, _, key = name.partition(":")
    return and_(person_link.c.source == source, person_link.c.source_key == key)


def _name_record(row: Any) -> str:
    return f"{row.source}:{row.source_key}"
