"""Decides by consent what may be released to a recipient on a day.

What is not granted is not selected.
Sources: § 67b Abs. 2 SGB X (purpose, revocation), Art. 7 DSGVO, § 203 StGB (confidentiality).
Values that could not be read count against a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    or_,
    select,
    union,
)

from warehouse.as_of import KnownAt
from warehouse.record_join import match_keys
from warehouse.schema import ENTITIES, consent, consent_data_group, goal, person, plan_participant


class Reason(StrEnum):
    """Why nothing may be released, in the order in which the reasons are tested and reported."""

    OTHER_RECIPIENT = "other_recipient"
    PURPOSE_MISSING = "purpose_missing"
    NOT_YET_VALID = "not_yet_valid"
    REVOKED = "revoked"
    REVOCATION_UNREADABLE = "revocation_unreadable"
    END_UNREADABLE = "end_unreadable"
    EXPIRED = "expired"
    CONFIDENTIALITY_NOT_RELEASED = "confidentiality_not_released"
    RELEASE_WITHDRAWN = "release_withdrawn"
    NO_GROUPS = "no_groups"
    # A delivery that was not loaded in full may contain a revocation. The query cannot see that;
    # the caller, who knows the state of the deliveries, sets this reason.
    SOURCE_NOT_CURRENT = "source_not_current"


REASONS = tuple(Reason)
STALE = Reason.SOURCE_NOT_CURRENT


@dataclass(frozen=True)
class Gate:
    """A question to the gate: which recipient, on which day, with which state of knowledge.

    ``kind``: a release that a person gave within a source system names no recipient; it counts for
    the district's one recipient of the kind ``jobcenter``.
    """

    recipient: str
    kind: str
    on: date
    known_at: KnownAt


def judge_consents(gate: Gate) -> Select[Any]:
    """Selects every known consent of a known person with the first reason against it.

    Columns: source, person_key, consent_key, ``reason`` (null: the consent permits a release).
    """
    given = gate.known_at.select_rows(consent)
    groups = gate.known_at.select_rows(consent_data_group)
    persons = gate.known_at.select_rows(person)
    has_groups = exists().where(match_keys(groups, "consent_key", given, "source_key"))
    tested = ((test, reason.value) for test, reason in _list_objections(gate, given, has_groups))
    return select(
        given.c.source,
        given.c.person_key,
        given.c.source_key.label("consent_key"),
        case(*tested, else_=None).label("reason"),
    ).select_from(given.join(persons, match_keys(persons, "source_key", given, "person_key")))


def _list_objections(
    gate: Gate, given: FromClause, has_groups: ColumnElement[bool]
) -> Iterator[tuple[ColumnElement[bool], Reason]]:
    """Yields the conditions against a consent in the order of ``Reason``.

    Purpose, day and confidentiality are tested on forms only; a release in a system has none.
    """
    c = given.c
    is_form = c.basis == "form"
    not_yet_given = or_(c.given_on.is_(None), c.given_on > gate.on)
    released = func.coalesce(c.confidentiality_released, literal(False))
    yield _is_for_another(gate, given), Reason.OTHER_RECIPIENT
    yield and_(is_form, func.coalesce(c.purpose, "") == ""), Reason.PURPOSE_MISSING
    yield and_(is_form, not_yet_given), Reason.NOT_YET_VALID
    yield c.revoked_on <= gate.on, Reason.REVOKED
    yield c.revoked_on_unreadable, Reason.REVOCATION_UNREADABLE
    yield c.valid_until_unreadable, Reason.END_UNREADABLE
    yield c.valid_until < gate.on, Reason.EXPIRED
    yield and_(is_form, released == literal(False)), Reason.CONFIDENTIALITY_NOT_RELEASED
    yield ~has_groups, Reason.NO_GROUPS


def _is_for_another(gate: Gate, given: FromClause) -> ColumnElement[bool]:
    """Condition: the consent does not count for this recipient.

    A form names its recipient; a release in a system counts for the Jobcenter.
    """
    c = given.c
    names_another = or_(c.recipient.is_(None), c.recipient != gate.recipient)
    return or_(
        and_(c.basis == "form", names_another),
        and_(c.basis == "release", literal(gate.kind) != "jobcenter"),
        c.basis.not_in(("form", "release")),
    )


def select_grants(gate: Gate) -> Select[Any]:
    """Selects what may be released: source, person_key, data_group, each combination once.

    Several consents of a person add up.
    """
    judged = judge_consents(gate).subquery("judged")
    groups = gate.known_at.select_rows(consent_data_group)
    joined = judged.join(groups, match_keys(groups, "consent_key", judged, "consent_key"))
    granted = select(judged.c.source, judged.c.person_key, groups.c.data_group)
    return granted.select_from(joined).where(judged.c.reason.is_(None)).distinct()


def select_refusals(gate: Gate) -> Executable:
    """Selects the consents and earlier releases of persons of whom nothing may be released.

    Columns: source, person_key, consent_key, reason.
    """
    judged, free = judge_consents(gate).subquery("judged"), judge_consents(gate).subquery("free")
    permitted = exists().where(
        match_keys(free, "person_key", judged, "person_key"), free.c.reason.is_(None)
    )
    refused = select(judged).where(~permitted)
    return union(refused, _select_withdrawn(gate)).order_by("source", "person_key", "consent_key")


def _select_withdrawn(gate: Gate) -> Select[Any]:
    """Releases no longer delivered, of persons who are still known and have no consent now."""
    current = gate.known_at.select_rows(consent)
    persons = gate.known_at.select_rows(person)
    has_consent = exists().where(match_keys(current, "person_key", consent, "person_key"))
    c = consent.c
    releases = select(
        c.source,
        c.person_key,
        c.source_key.label("consent_key"),
        literal(Reason.RELEASE_WITHDRAWN.value).label("reason"),
    ).select_from(consent.join(persons, match_keys(persons, "source_key", consent, "person_key")))
    ended = (c.basis == "release", gate.known_at.includes(c.known_to), ~has_consent)
    return releases.where(*ended).distinct()


def select_released(
    gate: Gate, group: str, entity: str, fields: Sequence[str], goal_areas: Sequence[str]
) -> Select[Any]:
    """Selects ``fields`` of an entity, only of persons who granted the data group ``group``.

    Columns: source, person_key and the fields. Goals only where their area is in ``goal_areas``.
    """
    granted = select_grants(gate).subquery("granted")
    rows, key = _select_owned(gate, entity)
    of_person = match_keys(granted, "person_key", rows, key)
    released = (
        select(granted.c.source, granted.c.person_key, *(rows.c[f] for f in fields))
        .select_from(granted.join(rows, and_(of_person, granted.c.data_group == group)))
        .order_by(granted.c.source, granted.c.person_key, rows.c.source_key)
    )
    return released.where(rows.c.area.in_(goal_areas)) if entity == "goal" else released


def _select_owned(gate: Gate, entity: str) -> tuple[FromClause, str]:
    """The rows of an entity and the name of their column that holds the person's key."""
    rows = gate.known_at.select_rows(ENTITIES[entity].table, identifying=True)
    if entity == "goal":
        rows = _select_goals(gate, rows)
    return rows, "source_key" if entity == "person" else "person_key"


def _select_goals(gate: Gate, goals: FromClause) -> FromClause:
    """The goals with their person: the one named with the goal, else the plan's only participant.

    In a family's plan the source does not say whose goal it is, so the goal has no person.
    """
    who = gate.known_at.select_rows(plan_participant).c
    alone = (
        select(who.source, who.plan_key, func.min(who.person_key).label("plan_person"))
        .group_by(who.source, who.plan_key)
        .having(func.count() == 1)
        .subquery("alone")
    )
    columns = [c for c in goals.c if c.name in goal.c and c.name != "person_key"]
    owner = func.coalesce(goals.c.person_key, alone.c.plan_person).label("person_key")
    joined = goals.outerjoin(alone, match_keys(alone, "plan_key", goals, "plan_key"))
    return select(*columns, owner).select_from(joined).subquery("goals")
