"""Takes what one system holds on one day, as rows of plain meaning, not yet spelled.

A row is a dictionary by field name. `new` marks rows the delivery before did not have; `person` and
`ags` are never written, they serve `expected_figures.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from examples.district import MUNICIPALITIES
from examples.life import Case, Consent, Conversation, Goal, Life, Plan, Recorded
from examples.people import Person
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
    """The tables by source on that day.

    `before` is the day of the delivery before, None for the first.
    """
    tables: dict[str, Tables] = {}
    for owner, record in life.iterate_records():
        if owner.visible_on(day) and record.visible_on(day):
            _add_rows(tables.setdefault(owner.source, Tables()), owner, record, day, before)
    return tables


def _add_rows(
    tables: Tables, owner: Case, record: Recorded, day: date, before: date | None
) -> None:
    new = _is_new(record, before)
    match record:
        case Case():
            tables.cases.append(_case_row(record, day, new))
        case Conversation():
            tables.conversations.append(_conversation_row(record, day, new))
        case Plan():
            row = _plan_row(record, day, before)
            tables.plans.append(row)
            tables.goals += row["goals"]
        case Goal():
            tables.goals.append(_goal_row(record, day, before, owner.key))
        case Consent():
            tables.consents.append(_consent_row(record, day, new))


def _copy_values(thing: object, *names: str) -> Row:
    """The values that are exported as they are recorded."""
    return {name: getattr(thing, name) for name in names}


def _is_new(record: Recorded, before: date | None) -> bool:
    return before is not None and record.known > before


def _known_until(value: date | None, day: date) -> date | None:
    """The date, or None while it is in the future."""
    return value if value and value <= day else None


def _case_row(case: Case, day: date, new: bool) -> Row:
    place = MUNICIPALITIES[case.municipality]
    return {
        **_person_values(case.person, day),
        **_copy_values(case, "key", "last", "first", "born", "begin", "course"),
        **case.skills,
        **case.written,
        "place": place.name,
        "postcode": place.postcode,
        "end": _known_until(case.end, day),
        "staff": case.staff_on(day),
        "team": f"Regionalteam {case.team}",
        "groups": list(case.release_on(day)),
        "changed": case.last_change(day),
        "ags": place.ags,
        "new": new,
    }


def _person_values(person: Person, day: date) -> Row:
    return {
        **_copy_values(person, "sex", "nationality", "entered"),
        "marital": person.known_on(day, "marital"),
        "residence": person.known_on(day, "residence"),
        "assigned": _known_until(person.assigned, day),
        "housing": person.home_on(day),
        "language": f"{person.language} (Muttersprache), Deutsch ({person.german})",
        "person": person.number,
    }


def _conversation_row(talk: Conversation, day: date, new: bool) -> Row:
    return {
        **_copy_values(talk, "key", "day", "minutes", "kind", "setting"),
        **_copy_values(talk, "channel", "staff", "interpreter", "note"),
        "clients": [case.key for case in talk.cases],
        "topics": list(talk.topics_on(day)),
        "referrals": list(talk.referrals),
        "persons": [case.person.number for case in talk.cases],
        "ags": talk.cases[0].municipality,
        "new": new,
    }


def _plan_row(plan: Plan, day: date, before: date | None) -> Row:
    done = plan.concluded <= day
    goals = [goal for goal in plan.goals if goal.visible_on(day)]
    return {
        "key": plan.key,
        "clients": [case.key for case in plan.cases],
        "concluded": plan.concluded if done else None,
        "state": "abgeschlossen" if done else "in Arbeit",
        "new": _is_new(plan, before),
        "goals": [_goal_row(goal, day, before, plan.key) for goal in goals],
    }


def _consent_row(consent: Consent, day: date, new: bool) -> Row:
    return {
        **_copy_values(consent, "key", "recipient", "purpose", "given", "until"),
        "client": consent.case.key,
        "groups": list(consent.groups),
        "revoked": _known_until(consent.revoked, day),
        "secrecy": "Ja" if consent.secrecy_released else "Nein",
        "new": new,
    }


def _goal_row(goal: Goal, day: date, before: date | None, owner: str) -> Row:
    state = goal.state_on(day)
    return {
        **_copy_values(goal, "key", "area", "begin", "due"),
        "owner": owner,
        "text": GOAL_TEXTS[goal.area],
        "state": state,
        "ended": goal.outcome_day if state in ("erreicht", "abgebrochen") else None,
        "reached": goal.outcome_day if state == "erreicht" else None,
        "new": _is_new(goal, before),
    }
