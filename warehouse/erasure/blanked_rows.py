"""Empties a person's rows of entities of everything but what figures count."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, String, func, select, update

from warehouse.erasure.pseudonyms import Pseudonyms
from warehouse.rights.person_rows import OwnRecords, read_person_rows
from warehouse.schema import ENTITIES, Entity
from warehouse.schema.columns import HISTORY_NAMES

# What the figures of earlier loads count; all other fields become empty (docs/decisions/0026).
COUNTED: Mapping[str, frozenset[str]] = {
    "person": frozenset({"sex", "nationality", "birth_date", "entry_date"}),
    "residence_status": frozenset({"status", "valid_from", "valid_until"}),
    "housing": frozenset({"kind", "assigned_on"}),
    "municipality_residence": frozenset({"municipality", "valid_from", "valid_until"}),
    "language_level": frozenset({"language", "level"}),
    "education_work": frozenset({"integration_course"}),
    "case": frozenset(
        {"begun_on", "ended_on", "municipality", "staff", "team", "ended_on_unreadable"}
    ),
    "household": frozenset(),
    "household_member": frozenset(),
    "conversation": frozenset(
        {"held_on", "minutes", "setting", "kind", "channel", "interpreter", "staff"}
    ),
    "conversation_participant": frozenset(),
    "conversation_topic": frozenset({"topic"}),
    "conversation_referral": frozenset({"target"}),
    "plan": frozenset({"concluded_on", "status"}),
    "plan_participant": frozenset(),
    "goal": frozenset({"area", "begun_on", "due_on", "status", "reached_on"}),
    "consent": frozenset({"basis"}),
    "consent_data_group": frozenset({"data_group"}),
}
# Free texts of other people's rows may name the person; names of staff are no such texts.
_NO_TEXT = {"staff", "team"}
NamesPerson = Callable[[str], bool]


def blank_rows(connection: Connection, own: OwnRecords, names: Pseudonyms) -> int:
    """Empties all the person's rows, of all loads; returns how many they were."""
    count = 0
    for entity in ENTITIES.values():
        rows = list(read_person_rows(connection, own, entity, shared=False))
        for row in rows:
            _update_row(connection, entity, dict(row._mapping), names)
        count += len(rows)
    return count


def _update_row(
    connection: Connection, entity: Entity, row: Mapping[str, Any], names: Pseudonyms
) -> None:
    c = entity.table.c
    values = {**dict(_blank_fields(entity, row)), **names.replace_keys(entity, row), "row_hash": 0}
    changed = update(entity.table).where(
        c.source == row["source"],
        c.source_key == row["source_key"],
        c.known_from == row["known_from"],
    )
    connection.execute(changed.values(values))


def _blank_fields(entity: Entity, row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for column in entity.table.columns:
        if column.name in HISTORY_NAMES or column.name.endswith("_key"):
            continue
        if column.name not in COUNTED[entity.name]:
            yield column.name, None
        elif column.name == "birth_date":
            yield column.name, coarsen_birth(row[column.name])


def coarsen_birth(day: date | None) -> date | None:
    """The last day of the month, but the first stays the first.

    So the age in years is the same on the first and on the last day of every month, on which figures
    are counted.
    """
    if day is None or day.day == 1:
        return day
    return day.replace(day=monthrange(day.year, day.month)[1])


def sweep_texts(connection: Connection, words: list[str], names_person: NamesPerson) -> int:
    """Empties free texts of others that name the person; ``words``: one of them is in each such text.

    Returns how many there were.
    """
    return sum(
        _sweep_column(connection, entity, column, words, names_person)
        for entity in ENTITIES.values()
        for column in entity.table.columns
        if _is_free_text(column)
    )


def _is_free_text(column: Column[Any]) -> bool:
    is_own = column.name in HISTORY_NAMES or column.name.endswith("_key")
    is_text = isinstance(column.type, String) and bool(column.nullable)
    is_said = column.info["protection"] == "identifying" or bool(column.info["codes"])
    return is_text and not is_own and not is_said and column.name not in _NO_TEXT


def _sweep_column(
    connection: Connection,
    entity: Entity,
    column: Column[Any],
    words: list[str],
    names_person: NamesPerson,
) -> int:
    c = entity.table.c
    found = {
        text
        for word in words
        for text in connection.execute(
            select(column).where(func.lower(column).contains(word.lower(), autoescape=True))
        ).scalars()
        if names_person(text)
    }
    for text in found:
        emptied = {column.name: None, c.row_hash.name: 0}
        connection.execute(update(entity.table).where(column == text).values(emptied))
    return len(found)
