"""The funding evidence: who belongs to the target group on a key date, and how an amount is shared to the cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from warehouse.as_of import KnownAt
from warehouse.marts.scope import Scope, in_order, select_cases
from warehouse.schema import housing, person_link

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Window:
    """The days of assignment that count (both in), for a key date. VwV Integrationsmanagement 2023: three years before the year."""

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
    """The days of assignment that count, both in."""

    first: date
    last: date


@dataclass(frozen=True)
class TargetGroup:
    """The target group on a key date; ``unknown`` are persons in no known municipality."""

    stichtag: date
    window: Assigned
    municipalities: Sequence[MunicipalityGroup]
    unknown: int


def count_target_group(
    connection: Connection, window: Window, question: Select[Any]
) -> TargetGroup:
    """Counts what ``target_group`` asks for a window, by AGS."""
    counted = {row.municipality: int(row.persons) for row in connection.execute(question)}
    unknown = counted.pop(None, 0)
    groups = [MunicipalityGroup(ags, persons) for ags, persons in sorted(counted.items())]
    return TargetGroup(window.stichtag, Assigned(window.first, window.last), groups, unknown)


def target_group(window: Window, known_at: KnownAt) -> Select[Any]:
    """Verschiedene Menschen mit Zuweisung in die Anschlussunterbringung im Fenster und einem Fall, der an oder vor dem Stichtag begann;
    jeder einmal, in der Gemeinde des Falls, der bis dahin zuletzt begann. Spalten: municipality (leer: unbekannt), persons.

    Quelle: VwV Integrationsmanagement 2023; Stadt Heilbronn 2024 (Fenster 2020 bis 2022 für 2025).
    """
    scope = Scope(window.first, window.last, known_at)
    links, homes, case = (
        scope.select_known(person_link),
        scope.select_known(housing),
        select_cases(scope),
    )
    assigned = (
        select(links.c.person_id)
        .select_from(
            homes.join(
                links,
                and_(links.c.source == homes.c.source, links.c.source_key == homes.c.person_key),
            )
        )
        .where(scope.within(homes.c.assigned_on))
        .distinct()
        .subquery("assigned")
    )
    order = (case.c.begun_on.desc(), *in_order(case))
    place = func.row_number().over(partition_by=links.c.person_id, order_by=order).label("place")
    begun = (
        select(links.c.person_id, case.c.municipality, place)
        .select_from(
            case.join(
                links,
                and_(links.c.source == case.c.source, links.c.source_key == case.c.person_key),
            )
        )
        .where(case.c.begun_on <= window.stichtag)
        .subquery("begun")
    )
    joined = begun.join(assigned, assigned.c.person_id == begun.c.person_id)
    rows = (
        select(begun.c.municipality, func.count().label("persons"))
        .select_from(joined)
        .where(begun.c.place == 1)
    )
    return rows.group_by(begun.c.municipality).order_by(begun.c.municipality)


def split_amount(amount: Decimal, persons: Mapping[str, int]) -> dict[str, Decimal]:
    """Shares of ``amount`` in proportion to ``persons`` by AGS, exact to the cent.

    Each share is rounded down; the cents left over go one each by largest remainder, ties to the lower AGS. ValueError for a
    negative amount, one with parts of a cent, or nobody to share among.
    """
    total = sum(persons.values())
    if amount < 0 or amount != amount.quantize(_CENT):
        raise ValueError("the amount must be positive and in whole cents")
    if total <= 0:
        raise ValueError("there is nobody in the target group to share the amount among")
    cents = int(amount / _CENT)
    exact = {ags: divmod(cents * count, total) for ags, count in persons.items()}
    shares = {ags: whole for ags, (whole, _) in exact.items()}
    left = cents - sum(shares.values())
    for ags in sorted(exact, key=lambda a: (-exact[a][1], a))[:left]:
        shares[ags] += 1
    return {
        ags: (Decimal(shares[ags]) * _CENT).quantize(_CENT, ROUND_DOWN) for ags in sorted(shares)
    }
