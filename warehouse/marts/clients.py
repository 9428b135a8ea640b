"""Indicators on clients: persons with an open case on the last day of the period, by attribute."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from warehouse.marts.declaration import Counts, indicator
from warehouse.marts.scope import Scope, in_order, unit_columns
from warehouse.record_join import match_keys
from warehouse.schema import (
    counselling_case,
    housing,
    person,
    person_link,
    plan,
    plan_participant,
    residence_status,
)

NOT_STATED, NOT_DELIVERED = "ohne_angabe", "nicht_geliefert"


@indicator(counts=Counts.PERSONS, records=counselling_case, needs=(counselling_case.c.begun_on,))
def clients(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag des Zeitraums, in einem laufenden Zeitraum heute:
    verschiedene Menschen mit einem Fall, der an oder vor dem Tag begann und nicht oder erst an
    diesem Tag oder später endete. Ein Fall, dessen Ende nicht lesbar oder nicht möglich ist, zählt
    mit, bis es berichtigt ist; wie viele das sind, steht bei den Befunden („Fall mit unlesbarem
    Ende“).

    Quelle: Alb-Donau-Kreis 2021 („aktuell“: Bestand am Stichtag); Landkreis Tübingen 2018
    (2.258 Personen).
    """
    found = _OpenCases(scope, cases)
    return found.select(found.human.label("person"))


@indicator(counts=Counts.RECORDS, records=counselling_case, needs=(counselling_case.c.begun_on,))
def client_records(scope: Scope, cases: FromClause) -> Select[Any]:
    """Offene Fälle am letzten Tag des Zeitraums (Personendatensätze ohne Verknüpfung), auch die mit
    unlesbarem Ende.

    Quelle: Gegenprobe zu den Klientinnen und Klienten.
    """
    return _OpenCases(scope, cases).select()


@indicator(counts=Counts.PERSONS, records=counselling_case, needs=(person.c.sex,))
def clients_by_sex(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Geschlecht; unbekannt oder nicht erfasst: ohne
    Angabe.

    Quelle: Alb-Donau-Kreis 2021.
    """
    return _count_by(scope, cases, person.c.sex, "source_key")


@indicator(counts=Counts.PERSONS, records=counselling_case, needs=(person.c.nationality,))
def clients_by_nationality(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Staatsangehörigkeit.

    Quelle: Alb-Donau-Kreis 2021 (Syrien 734, Afghanistan 236, Irak 191).
    """
    return _count_by(scope, cases, person.c.nationality, "source_key")


@indicator(counts=Counts.PERSONS, records=counselling_case, needs=(housing.c.kind,))
def clients_by_housing(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Unterbringung.

    Quelle: Landkreis Tübingen 2018 (436 vorläufig, 1.028 Anschluss, 794 privat).
    """
    return _count_by(scope, cases, housing.c.kind, "person_key")


@indicator(counts=Counts.PERSONS, records=counselling_case, needs=(residence_status.c.status,))
def clients_by_residence_status(scope: Scope, cases: FromClause) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Aufenthaltsstatus.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    return _count_by(scope, cases, residence_status.c.status, "person_key")


@indicator(
    counts=Counts.RECORDS,
    records=counselling_case,
    needs=(plan.c.concluded_on,),
    in_catalogue=False,
)
def clients_with_plan(scope: Scope, cases: FromClause) -> Select[Any]:
    """Offene Fälle am letzten Tag des Zeitraums, zu deren Person bis dahin ein Integrationsplan
    geschlossen wurde.

    Quelle: eigene Auswertung für den Bericht (Plandeckung; ifm Mannheim 2018 fragt nach ihr).
    """
    plans, who = scope.select_known(plan), scope.select_known(plan_participant)
    found, day = _OpenCases(scope, cases), plans.c.concluded_on
    found.origin = cases.join(who, match_keys(who, "person_key", cases, "person_key")).join(
        plans, match_keys(plans, "source_key", who, "plan_key")
    )
    return found.select().where(_is_until(day, scope.counted_on))


def is_open(scope: Scope, case: FromClause) -> Any:
    """Condition: the case began by the day counted on and did not end before that day."""
    begun, ended, day = case.c.begun_on, case.c.ended_on, scope.counted_on
    still = ended.is_(None) if day is None else or_(ended.is_(None), ended >= day)
    return and_(_is_until(begun, day), still)


def _is_until(day: ColumnElement[Any], last: date | None) -> ColumnElement[bool]:
    return day.is_not(None) if last is None else day <= last


class _OpenCases:
    """Cases open on the last day, joined with the person that linked records share."""

    def __init__(self, scope: Scope, cases: FromClause) -> None:
        links = scope.select_known(person_link)
        linked = match_keys(links, "source_key", cases, "person_key")
        self.origin: FromClause = cases.outerjoin(links, linked)
        self.human = func.coalesce(links.c.person_id, cases.c.source + ":" + cases.c.person_key)
        self.open = is_open(scope, cases)
        self.units = unit_columns(scope, cases.c.source, cases.c.staff, cases.c.municipality)

    def select(self, *columns: Any) -> Select[Any]:
        """The open cases with their unit and the columns."""
        return select(*self.units, *columns).select_from(self.origin).where(self.open)


def _count_by(scope: Scope, cases: FromClause, attribute: Column[Any], key: str) -> Select[Any]:
    """Counts each person of a unit in one category, the value of ``attribute``.

    ``key`` is the column of the attribute's table with the person's key. Of several records of a
    person, the one that states a value counts; of several such, the one whose case began last. A
    person of whom only sources know that do not deliver the attribute is in a category of its own.
    """
    found = _OpenCases(scope, cases)
    known = scope.select_known(attribute.table, "attribute")
    described = match_keys(known, key, cases, "person_key")
    found.origin = found.origin.outerjoin(known, described)
    silent = cases.c.source.in_(scope.silent_about(attribute))
    category = _choose_category(found, cases, known.c[attribute.name], silent)
    return found.select(found.human.label("person"), category.label("category"))


def _choose_category(
    found: _OpenCases,
    cases: FromClause,
    value: ColumnElement[Any],
    silent: ColumnElement[bool],
) -> ColumnElement[Any]:
    """The category of a person within a unit, as a window function over the person's records."""
    unknown = value.is_(None)
    not_stated = case((unknown & silent, 2), (unknown, 1), (value == NOT_STATED, 1), else_=0)
    absent = case((silent, literal(NOT_DELIVERED)), else_=literal(NOT_STATED))
    units = [c.element if hasattr(c, "element") else c for c in found.units]
    return func.first_value(func.coalesce(value, absent)).over(
        partition_by=[*units, found.human],
        order_by=(not_stated, cases.c.begun_on.desc(), *in_order(cases), value),
    )
