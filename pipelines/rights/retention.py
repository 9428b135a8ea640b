"""Finds persons whose data are no longer needed, and empties them if that is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, select

from mappings.retention import person_years
from pipelines.hub import Hub
from pipelines.rights.erase import ErasedPerson, erase_person
from pipelines.transfer.decision import subtract_years
from warehouse.erasure.pseudonyms import PREFIX
from warehouse.identity.record import Key
from warehouse.rights.record_marks import read_held
from warehouse.rights.subject import read_last_persons
from warehouse.schema import conversation, conversation_participant, counselling_case, load

REASON = "Aufbewahrungsfrist abgelaufen"


@dataclass(frozen=True)
class RetentionReport:
    """Who is due by a day: ids only. ``held``: due, but to be kept; ``undated``: nobody can tell.

    ``until``: persons whose counselling ended before this day are due.
    """

    on: date
    years: int
    until: date
    due: Sequence[str]
    held: Sequence[str]
    undated: Sequence[str]
    emptied: Sequence[ErasedPerson] = field(default=())


def find_due(hub: Hub) -> RetentionReport:
    """Who is due today; nothing is changed."""
    years = hub.config.retention.years or person_years()
    until = subtract_years(hub.today, years)
    with hub.store.read() as connection:
        persons = _read_persons(connection)
        lasts = find_last_days(connection, persons)
        held = {persons[key] for key in read_held(connection) if key in persons}
    due = [owner for owner, day in lasts.items() if day is not None and day < until]
    undated = sorted(owner for owner, day in lasts.items() if day is None)
    return RetentionReport(
        hub.today,
        years,
        until,
        sorted(set(due) - held),
        sorted(set(due) & held),
        undated,
    )


def _read_persons(connection: Connection) -> dict[Key, str]:
    """Whom each record belongs to, without those who were emptied already."""
    persons = read_last_persons(connection)
    return {key: owner for key, owner in persons.items() if not owner.startswith(PREFIX)}


def find_last_days(connection: Connection, persons: Mapping[Key, str]) -> dict[str, date | None]:
    """The day on which the counselling of each person was last known to go on.

    ``date.max`` where a case is open; None where neither a case nor a conversation tells.
    """
    days: dict[str, list[date]] = defaultdict(list)
    for key, ended in _read_case_ends(connection).items():
        if owner := persons.get(key):
            days[owner].append(ended)
    for source, key, held in connection.execute(_select_conversations()):
        if owner := persons.get((source, key)):
            days[owner].append(held)
    return {owner: max(days[owner], default=None) for owner in persons.values()}


def _read_case_ends(connection: Connection) -> dict[Key, date]:
    """The end of each record's newest case; of one that its source no longer has, at the latest the
    day of the delivery that lacked it."""
    return {
        (source, key): (None if unreadable else ended) or vanished or date.max
        for source, key, ended, unreadable, vanished in connection.execute(_select_cases())
    }


def _select_cases() -> Select[Any]:
    c = counselling_case.c
    cases = counselling_case.outerjoin(load, load.c.number == c.known_to)
    rows = select(c.source, c.person_key, c.ended_on, c.ended_on_unreadable, load.c.delivered_on)
    return rows.select_from(cases).order_by(c.known_from)


def _select_conversations() -> Select[Any]:
    part, talk = conversation_participant.c, conversation.c
    same = (part.source == talk.source) & (part.conversation_key == talk.source_key)
    rows = select(part.source, part.person_key, talk.held_on)
    return rows.select_from(conversation_participant.join(conversation, same))


def apply_retention(hub: Hub, tell: Callable[[str], None] = lambda text: None) -> RetentionReport:
    """Empties everybody who is due, one after the other; raises the errors of ``erase_person``."""
    report = find_due(hub)
    done = []
    for number, owner in enumerate(report.due, start=1):
        tell(f"[{number}/{len(report.due)}]")
        done.append(erase_person(hub, owner, REASON))
    return replace(report, emptied=done)
