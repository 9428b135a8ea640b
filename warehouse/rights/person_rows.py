"""Which rows of the warehouse are a person's: alone theirs, or shared with others who took part."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, and_, or_, select

from warehouse.rights.subject import Subject
from warehouse.schema import ENTITIES, Entity

# Kind of record → the entity that says who takes part in it, and its column of the record.
SHARING = {
    "conversation": ("conversation_participant", "conversation_key"),
    "plan": ("plan_participant", "plan_key"),
    "household": ("household_member", "household_key"),
}
# The entities that name each person who takes part.
PARTS = frozenset(entity for entity, _ in SHARING.values())
_KEYS_AT_ONCE = 500

# Source → keys of records.
Keys = dict[str, set[str]]


@dataclass
class OwnRecords:
    """The records of a person by kind: ``alone`` theirs, or ``shared`` with other persons."""

    subject: Subject
    alone: dict[str, Keys] = field(default_factory=dict)
    shared: dict[str, Keys] = field(default_factory=dict)

    def is_alone(self, kind: str, source: str, record_key: str) -> bool:
        """Whether a record is of this person and nobody else."""
        return record_key in self.alone.get(kind, {}).get(source, ())

    def is_shared(self, kind: str, source: str, record_key: str) -> bool:
        """Whether the person is one of several in a record."""
        return record_key in self.shared.get(kind, {}).get(source, ())

    def is_person(self, source: str, key: str | None) -> bool:
        """Whether a key is that of one of the person's records."""
        return (source, key) in self.subject.records


def find_records(connection: Connection, subject: Subject) -> OwnRecords:
    """Every record in which the person is, also those no longer known."""
    found = OwnRecords(subject, {"case": subject.by_source()})
    for kind, (entity, column) in SHARING.items():
        found.alone[kind], found.shared[kind] = _divide(connection, subject, entity, column)
    found.alone["consent"] = _find_named(connection, subject, "consent")
    found.alone["goal"] = _find_named(connection, subject, "goal")
    for sharing in (found.alone, found.shared):
        for source, keys in _find_goals(connection, sharing.get("plan", {})).items():
            sharing.setdefault("goal", {}).setdefault(source, set()).update(keys)
    return found


def _divide(
    connection: Connection, subject: Subject, entity: str, column: str
) -> tuple[Keys, Keys]:
    """The records the person takes part in: alone, and with others."""
    table = ENTITIES[entity].table
    alone: Keys = {}
    shared: Keys = {}
    for source, mine in _find_named(connection, subject, entity, column).items():
        others = _find_others(connection, table, column, source, mine, subject)
        shared[source], alone[source] = mine & others, mine - others
    return alone, shared


def _find_others(
    connection: Connection,
    table: Table,
    column: str,
    source: str,
    records: Collection[str],
    subject: Subject,
) -> set[str]:
    """Those of the records in which another person takes part, too."""
    own = subject.by_source()[source]
    c = table.c
    rows = select(c[column], c.person_key).where(c.source == source)
    return {
        record
        for chunk in _chunks(records)
        for record, person in connection.execute(rows.where(c[column].in_(chunk)))
        if person not in own
    }


def _find_named(
    connection: Connection, subject: Subject, entity: str, column: str = "record_key"
) -> Keys:
    """The records of an entity that name the person."""
    found: Keys = {}
    c = ENTITIES[entity].table.c
    for (source, key), since in subject.records.items():
        rows = select(c[column]).where(c.source == source, c.person_key == key)
        records = connection.execute(rows.where(c.known_from >= since).distinct()).scalars()
        found.setdefault(source, set()).update(records)
    return found


def _find_goals(connection: Connection, plans: Mapping[str, Collection[str]]) -> Keys:
    """The goals of plans."""
    c = ENTITIES["goal"].table.c
    found: Keys = {}
    for source, keys in plans.items():
        for chunk in _chunks(keys):
            rows = select(c.record_key).where(c.source == source, c.plan_key.in_(chunk)).distinct()
            found.setdefault(source, set()).update(connection.execute(rows).scalars())
    return found


def read_person_rows(
    connection: Connection, own: OwnRecords, entity: Entity, *, shared: bool
) -> Iterator[Row[Any]]:
    """The person's rows of an entity, of all loads.

    ``shared``: with those of records that others take part in, but never what names another person.
    """
    rows = select(entity.table).order_by(entity.table.c.known_from)
    for condition in _list_conditions(own, entity, shared=shared):
        yield from connection.execute(_since(rows, own, entity).where(condition))


def _since(rows: Select[Any], own: OwnRecords, entity: Entity) -> Select[Any]:
    """Without the rows of whom the key meant before."""
    late = {key: load for key, load in own.subject.records.items() if load}
    if entity.record != "case" or not late:
        return rows
    c = entity.table.c
    before = [
        and_(c.source == source, c.record_key == key, c.known_from < load)
        for (source, key), load in late.items()
    ]
    return rows.where(~or_(*before))


def _list_conditions(
    own: OwnRecords, entity: Entity, *, shared: bool
) -> Iterator[ColumnElement[bool]]:
    c = entity.table.c
    for source, keys in own.alone.get(entity.record, {}).items():
        for chunk in _chunks(keys):
            yield and_(c.source == source, c.record_key.in_(chunk))
    for source, keys in own.shared.get(entity.record, {}).items():
        for chunk in _chunks(keys):
            part = and_(c.source == source, c.record_key.in_(chunk))
            if entity.name in PARTS:
                yield and_(part, c.person_key.in_(sorted(own.subject.by_source()[source])))
            elif shared:
                yield part


def _chunks(keys: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _KEYS_AT_ONCE):
        yield ordered[start : start + _KEYS_AT_ONCE]
