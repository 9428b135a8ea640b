"""Figures on clients: the stock of persons with an open case on the last day of the period, and what is known of them that day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, FromClause, Select, and_, case, func, literal, select

from warehouse.marts.plans import open_on_last_day
from warehouse.marts.scope import Scope, cases, counted, in_order, unit_columns
from warehouse.schema import housing, person, person_link, residence_status

NOT_STATED = "ohne_angabe"


def clients(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag des Zeitraums: verschiedene Menschen mit einem Fall, der an oder vor dem Tag begann
    und nicht oder erst an diesem Tag oder später endete.

    Quelle: Alb-Donau-Kreis 2021 („aktuell“: Bestand am Stichtag); Landkreis Tübingen 2018 (2.258 Personen).
    """
    found = _open_cases(scope)
    return counted(scope, select(*found.units, found.human.label("person")).select_from(found.origin).where(found.open))


def client_records(scope: Scope) -> Select[Any]:
    """Offene Fälle am letzten Tag des Zeitraums (Personendatensätze ohne Verknüpfung).

    Quelle: Gegenprobe zu den Klientinnen und Klienten.
    """
    found = _open_cases(scope)
    record = (found.case.c.source.label("event_source"), found.case.c.source_key.label("event"))
    return counted(scope, select(*found.units, *record).select_from(found.origin).where(found.open))


def clients_by_sex(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Geschlecht; unbekannt oder nicht erfasst: ohne Angabe.

    Quelle: Alb-Donau-Kreis 2021.
    """
    return _by(scope, person, person.c.sex, "source_key")


def clients_by_nationality(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Staatsangehörigkeit.

    Quelle: Alb-Donau-Kreis 2021 (Syrien 734, Afghanistan 236, Irak 191).
    """
    return _by(scope, person, person.c.nationality, "source_key")


def clients_by_housing(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Unterbringung.

    Quelle: Landkreis Tübingen 2018 (436 vorläufig, 1.028 Anschluss, 794 privat).
    """
    return _by(scope, housing, housing.c.kind, "person_key")


def clients_by_residence_status(scope: Scope) -> Select[Any]:
    """Klientinnen und Klienten am letzten Tag nach Aufenthaltsstatus.

    Quelle: Annahme; als Kennzahl des Landes nicht belegt.
    """
    return _by(scope, residence_status, residence_status.c.status, "person_key")


class _open_cases:
    """Cases open on the last day, with the human being behind each."""

    def __init__(self, scope: Scope) -> None:
        self.case, links = cases(scope), scope.known(person_link)
        linked = and_(links.c.source == self.case.c.source, links.c.source_key == self.case.c.person_key)
        self.origin: FromClause = self.case.outerjoin(links, linked)
        self.human = func.coalesce(links.c.person_id, self.case.c.source + ":" + self.case.c.person_key)
        self.open = open_on_last_day(scope, self.case)
        self.units = unit_columns(scope, self.case.c.source, self.case.c.staff, self.case.c.municipality)


def _by(scope: Scope, table: Any, attribute: Column[Any], key: str) -> Select[Any]:
    """One category per unit and person: where several records speak of one person, the one whose case began last and that knows."""
    found = _open_cases(scope)
    known = scope.known(table, "attribute")
    value = known.c[attribute.name]
    joined = found.origin.outerjoin(known, and_(known.c.source == found.case.c.source, known.c[key] == found.case.c.person_key))
    knows = case((value.is_(None), 1), (value == NOT_STATED, 1), else_=0)
    order = (knows, found.case.c.begun_on.desc(), *in_order(found.case), value)
    within = [c.element if hasattr(c, "element") else c for c in found.units]
    place = func.row_number().over(partition_by=[*within, found.human], order_by=order).label("place")
    ranked = select(*found.units, found.human.label("person"), func.coalesce(value, literal(NOT_STATED)).label("category"), place)
    ranked_rows = ranked.select_from(joined).where(found.open).subquery("ranked")
    units = [ranked_rows.c[n] for n in scope.unit_names]
    best = select(*units, ranked_rows.c.category, ranked_rows.c.person).where(ranked_rows.c.place == 1)
    return counted(scope, best, category=True)
