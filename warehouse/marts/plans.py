"""Indicators on plans and goals; counsellor and municipality come from the person's case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Select, and_, func, select

from warehouse.marts.declaration import Counts, indicator
from warehouse.marts.scope import Scope, select_cases, unit_columns
from warehouse.record_join import match_keys
from warehouse.schema import goal, plan, plan_participant


@indicator(counts=Counts.RECORDS, records=plan, needs=(plan.c.concluded_on,))
def plans_concluded(scope: Scope, plans: FromClause) -> Select[Any]:
    """Integrationspläne, die im Zeitraum geschlossen wurden; ein Plan für eine Familie zählt
    einmal.

    Quelle: VwV Integrationsmanagement Nr. 4.1.2; Alb-Donau-Kreis 2021 (1.326), Landkreis Tübingen
    2018 (130).
    """
    who, case = scope.select_known(plan_participant), select_cases(scope)
    joined = plans.join(who, match_keys(who, "plan_key", plans, "source_key")).join(
        case, match_keys(case, "person_key", who, "person_key")
    )
    return _select_by_case(scope, plans, joined, case).where(scope.within(plans.c.concluded_on))


@indicator(counts=Counts.RECORDS, records=goal, needs=(goal.c.reached_on,))
def goals_reached(scope: Scope, goals: FromClause) -> Select[Any]:
    """Ziele, die im Zeitraum erreicht wurden: Stand „erreicht“ und Tag des Erreichens im Zeitraum.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    who, case = scope.select_known(plan_participant), select_cases(scope)
    # A goal belongs to a plan or, where the source has no plans, to the person.
    person_key = func.coalesce(goals.c.person_key, who.c.person_key)
    of_person = and_(case.c.source == goals.c.source, case.c.person_key == person_key)
    with_plan = goals.outerjoin(who, match_keys(who, "plan_key", goals, "plan_key"))
    joined = with_plan.join(case, of_person)
    reached = and_(goals.c.status == "erreicht", scope.within(goals.c.reached_on))
    return _select_by_case(scope, goals, joined, case).where(reached)


def _select_by_case(
    scope: Scope,
    rows: FromClause,
    joined: FromClause,
    case: FromClause,
) -> Select[Any]:
    """The rows with their unit; taken from ``joined`` only where the unit comes from the case."""
    if scope.by in (None, "source", "carrier"):
        return select(*unit_columns(scope, rows.c.source, rows.c.source, None)).select_from(rows)
    units = unit_columns(scope, rows.c.source, case.c.staff, case.c.municipality)
    return select(*units).select_from(joined)
