"""Finds human beings of whom systems say different things: two sexes, nationalities, birth dates.

Who is one person changes with every decision, so this is answered from what is known now and not
kept as a finding of one delivery.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, func, select

from warehouse.identity.birth_days import is_known_day
from warehouse.identity.record import Key
from warehouse.marts.person_attributes import NOT_STATED, UNSETTLED, select_attribute
from warehouse.marts.scope import Scope
from warehouse.record_join import match_keys
from warehouse.schema import person, person_link

# What the figures go by; accounts that may not read names can count it.
COUNTED = (person.c.sex, person.c.nationality)
COMPARED = (*COUNTED, person.c.birth_date)
_SAYS_NOTHING = (None, NOT_STATED, UNSETTLED)


@dataclass(frozen=True)
class Contradiction:
    """An attribute of which the records of one person say different things.

    ``said``: what each record says. ``counts``: the record that the figures go by, None where none
    goes by the attribute.
    """

    person: str
    attribute: str
    said: Mapping[Key, Any]
    counts: Key | None


def count_contradictions(connection: Connection, scope: Scope) -> dict[str, int]:
    """How many persons contradict themselves in each attribute that figures go by."""
    found = _find_said(connection, scope, COUNTED)
    counts = Counter(name for _, name, _ in found)
    return {column.name: counts[column.name] for column in COUNTED if counts[column.name]}


def list_contradictions(connection: Connection, scope: Scope) -> list[Contradiction]:
    """All of them, by person and attribute."""
    speaking = {column.name: _find_speaking(connection, scope, column) for column in COUNTED}
    return [
        Contradiction(person_id, name, said, speaking.get(name, {}).get(person_id))
        for person_id, name, said in _find_said(connection, scope, COMPARED)
    ]


def _find_speaking(connection: Connection, scope: Scope, column: Column[Any]) -> dict[str, Key]:
    """The record by whose value each person is counted."""
    rows = connection.execute(select_attribute(scope, column))
    return {row.human: (row.source, row.source_key) for row in rows}


def _find_said(
    connection: Connection, scope: Scope, columns: Sequence[Column[Any]]
) -> Iterator[tuple[str, str, dict[Key, Any]]]:
    """Person, attribute and what each record says, where they differ."""
    for person_id, rows in sorted(_read_several(connection, scope, columns).items()):
        for column in columns:
            stated = {key: row[column.name] for key, row in rows.items()}
            said = {key: v for key, v in sorted(stated.items()) if v not in _SAYS_NOTHING}
            if _differ(set(said.values())):
                yield person_id, column.name, said


def _read_several(
    connection: Connection, scope: Scope, columns: Sequence[Column[Any]]
) -> Mapping[str, dict[Key, Mapping[str, Any]]]:
    """The records of those who have several, by person."""
    # Names of persons are not read; a birth date is, where it is asked for.
    known = scope.known_at.select_rows(person, identifying=columns is COMPARED)
    links = scope.select_known(person_link)
    several = (
        select(links.c.person_id).group_by(links.c.person_id).having(func.count() > 1)
    ).subquery("several")
    wanted = [known.c[column.name] for column in columns]
    rows = (
        select(links.c.person_id, known.c.source, known.c.source_key, *wanted)
        .join_from(links, several, several.c.person_id == links.c.person_id)
        .join(known, match_keys(known, "source_key", links, "source_key"))
    )
    found: dict[str, dict[Key, Mapping[str, Any]]] = defaultdict(dict)
    for row in connection.execute(rows).mappings():
        found[row["person_id"]][row["source"], row["source_key"]] = dict(row)
    return found


def _differ(values: set[Any]) -> bool:
    """Whether values exclude each other; a stand-in for an unknown day excludes none of its year."""
    days = {value for value in values if isinstance(value, date)}
    if not days:
        return len(values) > 1
    sure = {day for day in days if is_known_day(day)}
    return len(sure) > 1 or len({day.year for day in days}) > 1
