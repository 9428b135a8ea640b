"""The consent gate: what may go to a recipient on a day. Default deny; what is not granted is not selected.

Sources: § 67b Abs. 2 SGB X (purpose, revocation), Art. 7 DSGVO, § 203 StGB (confidentiality). What cannot be read counts against
letting out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
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
from warehouse.schema import ENTITIES, consent, consent_data_group, goal, person, plan_participant

# A revocation may stand in a delivery that was not taken whole; asked for by whoever knows how the deliveries stand.
STALE = "source_not_current"
REASONS = (
    "other_recipient",
    "purpose_missing",
    "not_yet_valid",
    "revoked",
    "revocation_unreadable",
    "end_unreadable",
    "expired",
    "confidentiality_not_released",
    "release_withdrawn",
    "no_groups",
    STALE,
)


@dataclass(frozen=True)
class Gate:
    """Who is to receive, on which day, as known when. ``kind`` lets a person's own release in a system count for the one
    recipient of that kind the district has."""

    recipient: str
    kind: str
    on: date
    known_at: KnownAt


def judge_consents(gate: Gate) -> Select[Any]:
    """Every known consent of a known person: source, person_key, consent_key, and ``reason`` why it lets nothing out (null: it does)."""
    given, groups, who = (
        gate.known_at.select_rows(consent),
        gate.known_at.select_rows(consent_data_group),
        gate.known_at.select_rows(person),
    )
    c, on = given.c, gate.on
    grouped = exists().where(groups.c.source == c.source, groups.c.consent_key == c.source_key)
    form = c.basis == "form"
    reason = case(
        (and_(form, or_(c.recipient.is_(None), c.recipient != gate.recipient)), "other_recipient"),
        (and_(c.basis == "release", literal(gate.kind) != "jobcenter"), "other_recipient"),
        (c.basis.not_in(("form", "release")), "other_recipient"),
        (and_(form, func.coalesce(c.purpose, "") == ""), "purpose_missing"),
        (and_(form, or_(c.given_on.is_(None), c.given_on > on)), "not_yet_valid"),
        (c.revoked_on <= on, "revoked"),
        (c.revoked_on_unreadable, "revocation_unreadable"),
        (c.valid_until_unreadable, "end_unreadable"),
        (c.valid_until < on, "expired"),
        (
            and_(form, func.coalesce(c.confidentiality_released, literal(False)) == literal(False)),
            "confidentiality_not_released",
        ),
        (~grouped, "no_groups"),
        else_=None,
    )
    known = given.join(who, and_(who.c.source == c.source, who.c.source_key == c.person_key))
    return select(
        c.source, c.person_key, c.source_key.label("consent_key"), reason.label("reason")
    ).select_from(known)


def select_grants(gate: Gate) -> Select[Any]:
    """What may go out: one row per source, person_key and data_group, the union over the consents that let something out."""
    let_out, groups = (
        judge_consents(gate).subquery("judged"),
        gate.known_at.select_rows(consent_data_group),
    )
    same = and_(groups.c.source == let_out.c.source, groups.c.consent_key == let_out.c.consent_key)
    rows = select(let_out.c.source, let_out.c.person_key, groups.c.data_group).select_from(
        let_out.join(groups, same)
    )
    return rows.where(let_out.c.reason.is_(None)).distinct()


def select_refusals(gate: Gate) -> Executable:
    """Persons of whom a consent or an earlier release is known, none of which lets anything out: source, person_key, consent_key,
    reason; one row per consent."""
    row, free = judge_consents(gate).subquery("judged"), judge_consents(gate).subquery("free")
    allowed = exists().where(
        free.c.source == row.c.source,
        free.c.person_key == row.c.person_key,
        free.c.reason.is_(None),
    )
    refused = select(row.c.source, row.c.person_key, row.c.consent_key, row.c.reason).where(
        ~allowed
    )
    return union(refused, _withdrawn_releases(gate)).order_by("source", "person_key", "consent_key")


def _withdrawn_releases(gate: Gate) -> Select[Any]:
    """Releases that were known once and are no longer, of persons who are still known and have no consent now."""
    now, who = gate.known_at.select_rows(consent), gate.known_at.select_rows(person)
    before = consent.c
    still = exists().where(now.c.source == before.source, now.c.person_key == before.person_key)
    rows = select(
        before.source,
        before.person_key,
        before.source_key.label("consent_key"),
        literal("release_withdrawn").label("reason"),
    )
    known = consent.join(
        who, and_(who.c.source == before.source, who.c.source_key == before.person_key)
    )
    return (
        rows.select_from(known)
        .where(before.basis == "release", gate.known_at.includes(before.known_to), ~still)
        .distinct()
    )


def select_released(
    gate: Gate, group: str, entity: str, fields: Sequence[str], goal_areas: Sequence[str]
) -> Select[Any]:
    """The fields of an entity, of those persons only who granted ``group``; no row and no other column is ever selected.

    Goals leave only where their area is one of ``goal_areas``.
    """
    granted = select_grants(gate).subquery("granted")
    rows, key = _of_persons(gate, entity)
    mine = and_(
        granted.c.source == rows.c.source,
        granted.c.person_key == key,
        granted.c.data_group == group,
    )
    statement = select(
        granted.c.source, granted.c.person_key, *(rows.c[f] for f in fields)
    ).select_from(granted.join(rows, mine))
    if entity == "goal":
        statement = statement.where(rows.c.area.in_(goal_areas))
    return statement.order_by(granted.c.source, granted.c.person_key, rows.c.source_key)


def _of_persons(gate: Gate, entity: str) -> tuple[FromClause, Any]:
    rows = gate.known_at.select_rows(ENTITIES[entity].table, identifying=True)
    if entity == "person":
        return rows, rows.c.source_key
    if entity != "goal":
        return rows, rows.c.person_key
    # A goal stands at the person or at a plan; in a family's plan nobody says whose goal it is, so it belongs to no one alone.
    who = gate.known_at.select_rows(plan_participant)
    alone = (
        select(who.c.source, who.c.plan_key, func.min(who.c.person_key).label("plan_person"))
        .group_by(who.c.source, who.c.plan_key)
        .having(func.count() == 1)
        .subquery("alone")
    )
    joined = rows.outerjoin(
        alone, and_(alone.c.source == rows.c.source, alone.c.plan_key == rows.c.plan_key)
    )
    owned = [c for c in rows.c if c.name in goal.c and c.name != "person_key"]
    owner = func.coalesce(rows.c.person_key, alone.c.plan_person).label("person_key")
    goals = select(*owned, owner).select_from(joined).subquery("goals")
    return goals, goals.c.person_key
