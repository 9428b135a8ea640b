"""Figures on clients: the stock of persons with an open case on the last day of the period, and what is known of them that day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, FromClause, Select, and_, case, func, literal, or_, select

from warehouse.marts.declaration import Counts, indicator
from warehouse.marts.scope import Scope, in_order, unit_columns
from warehouse.schema import (
    counselling_case,
    housing,
    person,
    person_link,
    plan,
    plan_participant,
    residence_status,
)

NOT_STATED = "ohne_angabe"


@indicator(counts=Counts.PERSONS, records=counselling_case)
def clients(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag des Zeitraums: verschiedene Menschen mit einem Fall, der an oder vor dem Tag begann
    und nicht oder erst an diesem Tag oder später endete.

    Quelle: Alb-Donau-Kreis 2021 („aktuell“: Bestand am Stichtag); Landkreis Tübingen 2018 (2.258 Personen).
    """
    found = _OpenCases(scope, cases)
    return found.select(found.human.label("person"))


@indicator(counts=Counts.RECORDS, records=counselling_case)
def client_records(scope: Scope, cases: FromClause) -> Select[Any]:
    """Offene Fälle am letzten Tag des Zeitraums (Personendatensätze ohne Verknüpfung).

    Quelle: Gegenprobe zu den Klientinnen und Klienten.
    """
    return _OpenCases(scope, cases).select()


@indicator(counts=Counts.PERSONS, records=counselling_case)
def clients_by_sex(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Geschlecht; unbekannt oder nicht erfasst: ohne Angabe.

    Quelle: Alb-Donau-Kreis 2021.
    """
    return _count_by(scope, cases, person.c.sex, "source_key")


@indicator(counts=Counts.PERSONS, records=counselling_case)
def clients_by_nationality(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Staatsangehörigkeit.

    Quelle: Alb-Donau-Kreis 2021 (Syrien 734, Afghanistan 236, Irak 191).
    """
    return _count_by(scope, cases, person.c.nationality, "source_key")


@indicator(counts=Counts.PERSONS, records=counselling_case)
def clients_by_housing(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Unterbringung.

    Quelle: Landkreis Tübingen 2018 (436 vorläufig, 1.028 Anschluss, 794 privat).
    """
    return _count_by(scope, cases, housing.c.kind, "person_key")


@indicator(counts=Counts.PERSONS, records=counselling_case)
def clients_by_residence_status(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Aufenthaltsstatus.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    return _count_by(scope, cases, residence_status.c.status, "person_key")


@indicator(counts=Counts.RECORDS, records=counselling_case, in_catalogue=False)
def clients_with_plan(scope: Scope, cases: FromClause) -> Select[Any]:
    """Offene Fälle am letzten Tag des Zeitraums, zu deren Person bis dahin ein Integrationsplan geschlossen wurde.

    Quelle: eigene Auswertung für den Bericht (Plandeckung; ifm Mannheim 2018 fragt nach ihr).
    """
    plans, who, case = scope.select_known(plan), scope.select_known(plan_participant), cases
    mine = and_(who.c.source == case.c.source, who.c.person_key == case.c.person_key)
    theirs = and_(plans.c.source == who.c.source, plans.c.source_key == who.c.plan_key)
    joined = case.join(who, mine).join(plans, theirs)
    units = unit_columns(scope, case.c.source, case.c.staff, case.c.municipality)
    day = plans.c.concluded_on
    concluded = day.is_not(None) if scope.last is None else day <= scope.last
    return select(*units).select_from(joined).where(open_on_last_day(scope, case), concluded)


def open_on_last_day(scope: Scope, case: FromClause) -> Any:
    """The case began on or before the last day of the period and has not ended before it."""
    begun, ended = case.c.begun_on, case.c.ended_on
    if scope.last is None:
        return and_(begun.is_not(None), ended.is_(None))
    return and_(begun <= scope.last, or_(ended.is_(None), ended >= scope.last))


class _OpenCases:
    """Cases open on the last day, with the human being behind each."""

    def __init__(self, scope: Scope, cases: FromClause) -> None:
        self.case, links = cases, scope.select_known(person_link)
        linked = and_(links.c.source == cases.c.source, links.c.source_key == cases.c.person_key)
        self.origin: FromClause = cases.outerjoin(links, linked)
        self.human = func.coalesce(links.c.person_id, cases.c.source + ":" + cases.c.person_key)
        self.open = open_on_last_day(scope, cases)
        self.units = unit_columns(scope, cases.c.source, cases.c.staff, cases.c.municipality)

    def select(self, *columns: Any) -> Select[Any]:
        """The open cases, with their unit and the columns."""
        return select(*self.units, *columns).select_from(self.origin).where(self.open)


def _count_by(scope: Scope, cases: FromClause, attribute: Column[Any], key: str) -> Select[Any]:
    """One category per unit and person: where several records speak of one person, the one whose case began last and that knows."""
    found = _OpenCases(scope, cases)
    known = scope.select_known(attribute.table, "attribute")
    value = known.c[attribute.name]
    described = and_(known.c.source == cases.c.source, known.c[key] == cases.c.person_key)
    found.origin = found.origin.outerjoin(known, described)
    knows = case((value.is_(None), 1), (value == NOT_STATED, 1), else_=0)
    order = (knows, cases.c.begun_on.desc(), *in_order(cases), value)
    within = [c.element if hasattr(c, "element") else c for c in found.units]
    category = func.first_value(func.coalesce(value, literal(NOT_STATED)))
    best = category.over(partition_by=[*within, found.human], order_by=order)
    return found.select(found.human.label("person"), best.label("category"))
