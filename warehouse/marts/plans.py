"""Indicators on plans and goals; counsellor and municipality come from the person's case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, func, literal, or_, select

from warehouse.marts.cases_by_day import is_day_of, select_cases_by_day
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
    who, case = scope.select_known(plan_participant), select_cases_by_day(select_cases(scope))
    of_person = match_keys(case, "person_key", who, "person_key")
    joined = plans.join(who, match_keys(who, "plan_key", plans, "source_key")).join(
        case, and_(of_person, is_day_of(case, plans.c.concluded_on))
    )
    return _select_by_case(scope, plans, joined, case).where(scope.within(plans.c.concluded_on))


@indicator(counts=Counts.RECORDS, records=goal, needs=(goal.c.reached_on,), reads=(goal.c.status,))
def goals_reached(scope: Scope, goals: FromClause) -> Select[Any]:
    """Ziele, die im Zeitraum erreicht wurden: Stand „erreicht“ und Tag des Erreichens im Zeitraum.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    reached = and_(goals.c.status == "erreicht", scope.within(goals.c.reached_on))
    return _select_goals(scope, goals, goals.c.reached_on).where(reached)


@indicator(counts=Counts.RECORDS, records=goal, needs=(goal.c.status,), reads=(goal.c.begun_on,))
def goals_by_status(scope: Scope, goals: FromClause) -> Select[Any]:
    """Ziele nach ihrem Stand, von denen bis zum letzten Tag des Zeitraums bekannt ist, dass sie
    begonnen haben oder deren Beginn nicht vermerkt ist.

    Quelle: Annahme; eigene Auswertung.
    """
    return _categorize_goals(scope, goals, goals.c.status)


@indicator(counts=Counts.RECORDS, records=goal, needs=(goal.c.area,), reads=(goal.c.begun_on,))
def goals_by_area(scope: Scope, goals: FromClause) -> Select[Any]:
    """Dieselben Ziele nach ihrem Bereich.

    Quelle: Annahme; Bereiche des Integrationsplans nach Malteser Neckar-Alb.
    """
    return _categorize_goals(scope, goals, goals.c.area)


def _categorize_goals(scope: Scope, goals: FromClause, category: ColumnElement[Any]) -> Select[Any]:
    day, begun = scope.counted_on, goals.c.begun_on
    # Without a day, the last that a case may have.
    stands_on = literal(day or date.max - timedelta(days=1))
    selected = _select_goals(scope, goals, stands_on).add_columns(category.label("category"))
    if day is not None:
        selected = selected.where(or_(begun.is_(None), begun <= day))
    return selected.where(category.is_not(None))


def _select_goals(scope: Scope, goals: FromClause, day: ColumnElement[Any]) -> Select[Any]:
    """The goals with their unit on a day; one belongs to a plan or, without plans, to the person."""
    who, case = scope.select_known(plan_participant), select_cases_by_day(select_cases(scope))
    person_key = func.coalesce(goals.c.person_key, who.c.person_key)
    same_person = and_(case.c.source == goals.c.source, case.c.person_key == person_key)
    of_person = and_(same_person, is_day_of(case, day))
    with_plan = goals.outerjoin(who, match_keys(who, "plan_key", goals, "plan_key"))
    return _select_by_case(scope, goals, with_plan.join(case, of_person), case)


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
