"""Funding evidence: counts the target group on a key date and splits an amount by its persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import Connection, FromClause, Select, func, select

from warehouse.as_of import KnownAt
from warehouse.marts.deliverers import find_deliverers, list_known_sources
from warehouse.marts.person_attributes import rank_cases
from warehouse.marts.scope import Scope, select_cases
from warehouse.record_join import match_keys
from warehouse.schema import housing, person_link

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Window:
    """The days of assignment that count for a key date, both included.

    VwV Integrationsmanagement 2023: the three years before the year of the key date.
    """

    stichtag: date
    first: date
    last: date


@dataclass(frozen=True)
class MunicipalityGroup:
    """The persons of the target group in one municipality, by its AGS."""

    municipality: str
    persons: int


@dataclass(frozen=True)
class Assigned:
    """The days of assignment that count, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class TargetGroup:
    """The target group on a key date, and who is not in it.

    ``unknown`` counts persons in no known municipality. ``without_assignment``: persons with a case
    begun by the key date of whom no day of assignment is known. ``without_begin``: persons assigned
    in the window of whom no begin of a case is known. ``not_delivered``: the sources that state no
    day of assignment of anyone.
    """

    stichtag: date
    window: Assigned
    municipalities: Sequence[MunicipalityGroup]
    unknown: int
    without_assignment: int
    without_begin: int
    not_delivered: Sequence[str]


def count_target_group(connection: Connection, window: Window, known_at: KnownAt) -> TargetGroup:
    """Runs the query of ``target_group``, and those of who is left out; persons by AGS, in order."""
    counted: dict[Any, int] = dict(connection.execute(target_group(window, known_at)).all())
    unknown = counted.pop(None, 0)
    groups = [MunicipalityGroup(*group) for group in sorted(counted.items())]
    assigned = Assigned(window.first, window.last)
    questions = (_count_unassigned(window, known_at), _count_without_begin(window, known_at))
    unassigned, unbegun = (int(connection.execute(q).scalar_one()) for q in questions)
    silent = _list_silent(connection, known_at)
    return TargetGroup(window.stichtag, assigned, groups, unknown, unassigned, unbegun, silent)


def _count_unassigned(window: Window, known_at: KnownAt) -> Select[Any]:
    """How many persons with a case begun by the key date have no known day of assignment."""
    scope = Scope(None, None, known_at)
    links = scope.select_known(person_link)
    assigned = _select_assigned(scope, links).subquery("assigned")
    begun = _rank_cases(scope, links, window.stichtag).subquery("begun")
    joined = begun.outerjoin(assigned, assigned.c.person_id == begun.c.person_id)
    count = select(func.count()).select_from(joined)
    return count.where(begun.c.place == 1, assigned.c.person_id.is_(None))


def _count_without_begin(window: Window, known_at: KnownAt) -> Select[Any]:
    """How many persons assigned in the window have no case with a known begin."""
    scope = Scope(window.first, window.last, known_at)
    links = scope.select_known(person_link)
    assigned = _select_assigned(scope, links).subquery("assigned")
    begun = _rank_cases(scope, links, date.max).subquery("begun")
    joined = assigned.outerjoin(begun, begun.c.person_id == assigned.c.person_id)
    count = select(func.count()).select_from(joined)
    return count.where(begun.c.person_id.is_(None))


def _list_silent(connection: Connection, known_at: KnownAt) -> list[str]:
    """The loaded sources of which no day of assignment is known."""
    stated = find_deliverers(connection, known_at, housing.c.assigned_on)
    loaded = list_known_sources(connection, known_at)
    return [name for name, is_loaded in loaded.items() if is_loaded and name not in stated]


def target_group(window: Window, known_at: KnownAt) -> Select[Any]:
    """Verschiedene Menschen mit Zuweisung in die Anschlussunterbringung im Fenster und einem Fall,
    der an oder vor dem Stichtag begann; jeder einmal, in der Gemeinde des Falls, der bis dahin
    zuletzt begann, von denen mit bekannter Gemeinde. Spalten: municipality (leer: von keinem Fall
    bekannt), persons.

    Quelle: VwV Integrationsmanagement 2023; Stadt Heilbronn 2024 (Fenster 2020 bis 2022 für 2025).
    """
    member = select_members(window, known_at).subquery("member")
    place = member.c.municipality
    counted = select(place, func.count().label("persons")).where(member.c.is_assigned)
    return counted.group_by(place).order_by(place)


def select_members(window: Window, known_at: KnownAt) -> Select[Any]:
    """Selects every person with a case begun by the key date, each once, and who was assigned.

    Columns: person_id, is_assigned, and municipality, begun_on, source and source_key of the case
    that says where the person lives.
    """
    scope = Scope(window.first, window.last, known_at)
    links = scope.select_known(person_link)
    assigned = _select_assigned(scope, links).subquery("assigned")
    begun = _rank_cases(scope, links, window.stichtag).subquery("begun")
    is_assigned = assigned.c.person_id.is_not(None).label("is_assigned")
    columns = [c for c in begun.c if c.name != "place"]
    joined = begun.outerjoin(assigned, assigned.c.person_id == begun.c.person_id)
    return select(*columns, is_assigned).select_from(joined).where(begun.c.place == 1)


def _select_assigned(scope: Scope, links: FromClause) -> Select[Any]:
    """The persons assigned to housing within the window, each once."""
    homes = scope.select_known(housing)
    joined = homes.join(links, match_keys(links, "source_key", homes, "person_key"))
    persons = select(links.c.person_id).select_from(joined)
    return persons.where(scope.within(homes.c.assigned_on)).distinct()


def _rank_cases(scope: Scope, links: FromClause, key_date: date) -> Select[Any]:
    """Cases begun by the key date; ``place`` 1 is the one that says where its person lives."""
    case = select_cases(scope)
    joined = case.join(links, match_keys(links, "source_key", case, "person_key"))
    place = func.row_number().over(partition_by=links.c.person_id, order_by=rank_cases(case))
    c = case.c
    columns = (c.municipality, c.begun_on, c.source, c.source_key)
    ranked = select(links.c.person_id, *columns, place.label("place"))
    return ranked.select_from(joined).where(case.c.begun_on <= key_date)


def split_amount(
    amount: Decimal, persons: Mapping[str, int], unit: Decimal = _CENT
) -> dict[str, Decimal]:
    """Shares of ``amount`` in proportion to ``persons`` by AGS, exact to the ``unit`` (a cent).

    Each share is rounded down; the units left over go one each by largest remainder, ties to the
    lower AGS. ValueError for a negative amount, one with parts of a unit, or nobody to share among.
    """
    if amount < 0 or amount % unit:
        whole = "cents" if unit == _CENT else f"units of {unit}"
        raise ValueError(f"the amount must be positive and in whole {whole}")
    if sum(persons.values()) <= 0:
        raise ValueError("there is nobody in the target group to share the amount among")
    shares = _split_units(int(amount / unit), persons)
    return {ags: Decimal(shares[ags]) * unit for ags in sorted(shares)}


def apply_rate(rate: Decimal, unit: Decimal, persons: Mapping[str, int]) -> dict[str, Decimal]:
    """``rate`` × persons by AGS, each rounded half up to ``unit``; the sum meets no budget."""
    return {ags: _round_to(rate * persons[ags], unit) for ags in sorted(persons)}


def _round_to(amount: Decimal, unit: Decimal) -> Decimal:
    return (amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def _split_units(units: int, persons: Mapping[str, int]) -> dict[str, int]:
    total = sum(persons.values())
    exact = {ags: divmod(units * count, total) for ags, count in persons.items()}
    shares = {ags: whole for ags, (whole, _) in exact.items()}
    left = units - sum(shares.values())
    for ags in sorted(exact, key=lambda a: (-exact[a][1], a))[:left]:
        shares[ags] += 1
    return shares
