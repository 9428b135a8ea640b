"""Indicators on clients: persons with an open case on the last day of the period, by attribute."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from sqlalchemy import Column, FromClause, Select, select

from warehouse.marts.declaration import Counts, Indicator, indicator
from warehouse.marts.person_attributes import (
    is_open,
    is_until,
    name_human,
    select_attribute,
)
from warehouse.marts.scope import Scope, unit_columns
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


def client_attribute(
    *,
    needs: tuple[Column[Any], ...] = (),
    identifying: tuple[Column[Any], ...] = (),
    reads: tuple[Column[Any], ...] = (),
) -> Callable[[Callable[[Scope], Select[Any]]], Indicator]:
    """Declares clients by an attribute; the function selects its values as ``select_attribute`` does.

    ``needs``, ``identifying`` and ``reads`` as in ``indicator``.
    """

    def declare(state: Callable[[Scope], Select[Any]]) -> Indicator:
        @wraps(state)
        def define(scope: Scope, cases: FromClause) -> Select[Any]:
            return _count_by_value(scope, cases, state(scope))

        return indicator(
            counts=Counts.PERSONS,
            records=counselling_case,
            needs=needs,
            identifying=identifying,
            reads=reads,
            stated_by=state,
        )(define)

    return declare


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


@client_attribute(needs=(person.c.sex,))
def clients_by_sex(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Geschlecht; unbekannt oder nicht erfasst: ohne
    Angabe.

    Quelle: Alb-Donau-Kreis 2021.
    """
    return select_attribute(scope, person.c.sex)


@client_attribute(needs=(person.c.nationality,))
def clients_by_nationality(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Staatsangehörigkeit.

    Quelle: Alb-Donau-Kreis 2021 (Syrien 734, Afghanistan 236, Irak 191).
    """
    return select_attribute(scope, person.c.nationality)


@client_attribute(needs=(housing.c.kind,))
def clients_by_housing(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Unterbringung.

    Quelle: Landkreis Tübingen 2018 (436 vorläufig, 1.028 Anschluss, 794 privat).
    """
    return select_attribute(scope, housing.c.kind)


@client_attribute(needs=(residence_status.c.status,))
def clients_by_residence_status(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Aufenthaltsstatus.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    return select_attribute(scope, residence_status.c.status)


@indicator(
    counts=Counts.RECORDS,
    records=counselling_case,
    needs=(plan.c.concluded_on,),
    reads=(plan_participant.c.person_key,),
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
    return found.select().where(is_until(day, scope.counted_on))


class _OpenCases:
    """Cases open on the last day, joined with the person that linked records share."""

    def __init__(self, scope: Scope, cases: FromClause) -> None:
        links = scope.select_known(person_link)
        linked = match_keys(links, "source_key", cases, "person_key")
        self.origin: FromClause = cases.outerjoin(links, linked)
        self.human = name_human(links, cases, "person_key")
        self.open = is_open(scope, cases)
        self.units = unit_columns(scope, cases.c.source, cases.c.staff, cases.c.municipality)

    def select(self, *columns: Any) -> Select[Any]:
        """The open cases with their unit and the columns."""
        return select(*self.units, *columns).select_from(self.origin).where(self.open)


def _count_by_value(scope: Scope, cases: FromClause, values: Select[Any]) -> Select[Any]:
    """Counts each person of a unit in one category: the ``value`` by ``human`` of a query.

    A person has the same value in every unit, whichever of their records says so.
    """
    found, stated = _OpenCases(scope, cases), values.subquery("stated")
    found.origin = found.origin.join(stated, stated.c.human == found.human)
    return found.select(found.human.label("person"), stated.c.value.label("category"))
