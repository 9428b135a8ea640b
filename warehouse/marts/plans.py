"""Figures on integration plans and goals: how many were concluded and reached. The case of the person gives counsellor and municipality."""

from __future__ import annotations

from typing import Any

from sqlalchemy import FromClause, Select, and_, func, or_, select

from warehouse.marts.scope import Scope, cases, counted, unit_columns
from warehouse.schema import goal, plan, plan_participant


def plans_concluded(scope: Scope) -> Select[Any]:
    """Integrationspläne, die im Zeitraum geschlossen wurden; ein Plan für eine Familie zählt einmal.

    Quelle: VwV Integrationsmanagement Nr. 4.1.2; Alb-Donau-Kreis 2021 (1.326), Landkreis Tübingen 2018 (130).
    """
    plans = scope.known(plan)
    event = (plans.c.source.label("event_source"), plans.c.source_key.label("event"))
    within = scope.within(plans.c.concluded_on)
    if scope.by in (None, "source", "carrier"):
        units = unit_columns(scope, plans.c.source, plans.c.source, None)
        return counted(scope, select(*units, *event).select_from(plans).where(within))
    who, case = scope.known(plan_participant), cases(scope)
    joined = plans.join(who, and_(who.c.source == plans.c.source, who.c.plan_key == plans.c.source_key)).join(case, _of_person(case, who))
    return counted(
        scope,
        select(*unit_columns(scope, plans.c.source, case.c.staff, case.c.municipality), *event).select_from(joined).where(within),
    )


def goals_reached(scope: Scope) -> Select[Any]:
    """Ziele, die im Zeitraum erreicht wurden: Stand „erreicht“ und Tag des Erreichens im Zeitraum.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    goals = scope.known(goal)
    event = (goals.c.source.label("event_source"), goals.c.source_key.label("event"))
    within = and_(goals.c.status == "erreicht", scope.within(goals.c.reached_on))
    if scope.by in (None, "source", "carrier"):
        units = unit_columns(scope, goals.c.source, goals.c.source, None)
        return counted(scope, select(*units, *event).select_from(goals).where(within))
    who, case = scope.known(plan_participant), cases(scope)
    through_plan = and_(who.c.source == goals.c.source, who.c.plan_key == goals.c.plan_key)
    # A goal stands at a plan or, where the source keeps no plans, at the person.
    person_key = func.coalesce(goals.c.person_key, who.c.person_key)
    joined = goals.outerjoin(who, through_plan).join(case, and_(case.c.source == goals.c.source, case.c.person_key == person_key))
    return counted(
        scope,
        select(*unit_columns(scope, goals.c.source, case.c.staff, case.c.municipality), *event).select_from(joined).where(within),
    )


def clients_with_plan(scope: Scope) -> Select[Any]:
    """Offene Fälle am letzten Tag des Zeitraums, zu deren Person bis dahin ein Integrationsplan geschlossen wurde.

    Quelle: eigene Auswertung für den Bericht (Plandeckung; ifm Mannheim 2018 fragt nach ihr).
    """
    plans, who, case = scope.known(plan), scope.known(plan_participant), cases(scope)
    mine = and_(who.c.source == case.c.source, who.c.person_key == case.c.person_key)
    joined = case.join(who, mine).join(plans, and_(plans.c.source == who.c.source, plans.c.source_key == who.c.plan_key))
    units = unit_columns(scope, case.c.source, case.c.staff, case.c.municipality)
    event = (case.c.source.label("event_source"), case.c.source_key.label("event"))
    concluded = plans.c.concluded_on.is_not(None) if scope.last is None else plans.c.concluded_on <= scope.last
    return counted(scope, select(*units, *event).select_from(joined).where(open_on_last_day(scope, case), concluded))


def open_on_last_day(scope: Scope, case: FromClause) -> Any:
    """A case begun on or before the last day of the period and not ended, or ended on that day or later."""
    if scope.last is None:
        return and_(case.c.begun_on.is_not(None), case.c.ended_on.is_(None))
    return and_(case.c.begun_on <= scope.last, or_(case.c.ended_on.is_(None), case.c.ended_on >= scope.last))


def _of_person(case: FromClause, who: FromClause) -> Any:
    return and_(case.c.source == who.c.source, case.c.person_key == who.c.person_key)
