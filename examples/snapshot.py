"""What one system holds on one day, as rows of plain meaning; spelling, mistakes and file formats come later.

A row is a dictionary by field name. `new` says that the delivery before did not have it; `person` and `ags` are never
written, they let `planned.py` count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from examples.district import MUNICIPALITIES
from examples.life import Case, Consent, Conversation, Goal, Life, Plan, Recorded
from examples.phrases import GOAL_TEXTS

Row = dict[str, Any]


@dataclass(slots=True)
class Tables:
    """The rows of one source on one day, by kind of thing."""

    cases: list[Row] = field(default_factory=list)
    conversations: list[Row] = field(default_factory=list)
    plans: list[Row] = field(default_factory=list)
    goals: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)

    def iterate_kinds(self) -> tuple[tuple[str, list[Row]], ...]:
        """Each kind with its rows."""
        return tuple((kind, getattr(self, kind)) for kind in self.__slots__)


def take_snapshot(life: Life, day: date, before: date | None) -> dict[str, Tables]:
    """All sources that hold a case on that day; `before` is the day of the delivery before, None for the first."""
    tables: dict[str, Tables] = {}
    for case in life.cases:
        if case.visible_on(day):
            tables.setdefault(case.source, Tables()).cases.append(
                _case_row(case, day, _is_new(case, before))
            )
    for talk in life.conversations:
        if talk.visible_on(day) and talk.cases[0].visible_on(day):
            tables[talk.cases[0].source].conversations.append(
                _conversation_row(talk, day, _is_new(talk, before))
            )
    for plan in life.plans:
        if plan.visible_on(day) and plan.cases[0].visible_on(day):
            row = _plan_row(plan, day, before)
            tables[plan.cases[0].source].plans.append(row)
            tables[plan.cases[0].source].goals += row["goals"]
    for case, goal in life.goals:
        if goal.visible_on(day) and case.visible_on(day):
            tables[case.source].goals.append(_goal_row(goal, day, before, case.key))
    for consent in life.consents:
        if consent.visible_on(day) and consent.case.visible_on(day):
            tables[consent.case.source].consents.append(
                _consent_row(consent, day, _is_new(consent, before))
            )
    return tables


def _is_new(thing: Recorded, before: date | None) -> bool:
    return before is not None and thing.known > before


def _known_until(value: date | None, day: date) -> date | None:
    """What has not happened yet is not in the export."""
    return value if value and value <= day else None


def _case_row(case: Case, day: date, new: bool) -> Row:
    person, place = case.person, MUNICIPALITIES[case.municipality]
    return {
        "key": case.key,
        "last": case.last,
        "first": case.first,
        "born": case.born,
        "sex": person.sex,
        "nationality": person.nationality,
        "marital": person.known_on(day, "marital"),
        "residence": person.known_on(day, "residence"),
        "entered": person.entered,
        "assigned": _known_until(person.assigned, day),
        "housing": person.home_on(day),
        "place": place.name,
        "postcode": place.postcode,
        "begin": case.begin,
        "end": _known_until(case.end, day),
        "staff": case.staff_on(day),
        "team": f"Regionalteam {case.team}",
        "course": case.course,
        "language": f"{person.language} (Muttersprache), Deutsch ({person.german})",
        "groups": list(case.release_on(day)),
        "changed": case.last_change(day),
        **case.skills,
        "person": person.number,
        "ags": case.municipality,
        "new": new,
    }


def _conversation_row(talk: Conversation, day: date, new: bool) -> Row:
    return {
        "key": talk.key,
        "clients": [case.key for case in talk.cases],
        "day": talk.day,
        "minutes": talk.minutes,
        "kind": talk.kind,
        "setting": talk.setting,
        "topics": list(talk.topics_on(day)),
        "referrals": list(talk.referrals),
        "channel": talk.channel,
        "staff": talk.staff,
        "interpreter": talk.interpreter,
        "note": talk.note,
        "persons": [case.person.number for case in talk.cases],
        "ags": talk.cases[0].municipality,
        "new": new,
    }


def _plan_row(plan: Plan, day: date, before: date | None) -> Row:
    done = plan.concluded <= day
    return {
        "key": plan.key,
        "clients": [case.key for case in plan.cases],
        "concluded": plan.concluded if done else None,
        "state": "abgeschlossen" if done else "in Arbeit",
        "ags": plan.cases[0].municipality,
        "new": _is_new(plan, before),
        "goals": [
            _goal_row(goal, day, before, plan.key) for goal in plan.goals if goal.visible_on(day)
        ],
    }


def _consent_row(consent: Consent, day: date, new: bool) -> Row:
    return {
        "key": consent.key,
        "client": consent.case.key,
        "recipient": consent.recipient,
        "purpose": consent.purpose,
        "groups": list(consent.groups),
        "given": consent.given,
        "until": consent.until,
        "revoked": _known_until(consent.revoked, day),
        "secrecy": "Ja" if consent.secrecy_released else "Nein",
        "new": new,
    }


def _goal_row(goal: Goal, day: date, before: date | None, owner: str) -> Row:
    state = goal.state_on(day)
    ended = goal.outcome_day if state in ("erreicht", "abgebrochen") else None
    return {
        "key": goal.key,
        "owner": owner,
        "area": goal.area,
        "text": GOAL_TEXTS[goal.area],
        "begin": goal.begin,
        "due": goal.due,
        "state": state,
        "ended": ended,
        "reached": ended if state == "erreicht" else None,
        "new": _is_new(goal, before),
    }
