"""Computes what only the report shows: months, earlier period, plan coverage."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from connectors.documents.report.report_data import WHOLE, Coverage, Earlier
from mappings.catalogue import Catalogue
from pipelines.figures.kennzahlen import count_figures
from warehouse.marts.clients import client_records, clients_with_plan
from warehouse.marts.conversations import conversations_by_former_cases, conversations_per_month
from warehouse.marts.declaration import Indicator
from warehouse.marts.scope import By, Scope, select_cases
from warehouse.schema import conversation, plan


def count_by_month(connection: Connection, scope: Scope) -> dict[date, int]:
    """Conversations of the period by the first day of their month."""
    rows = connection.execute(conversations_per_month(scope))
    return {date(*divmod(int(row.category), 100), 1): int(row.value) for row in rows}


def find_newest_talk(connection: Connection, scope: Scope) -> date | None:
    """The day of the newest conversation that is known, whatever the period; None without any."""
    days = scope.select_known(conversation).c.held_on
    newest: date | None = connection.execute(select(func.max(days))).scalar_one()
    return newest


def compute_earlier(connection: Connection, scope: Scope, catalogue: Catalogue) -> Earlier | None:
    """The figures of the period of the same length just before, by the later one's catalogue.

    None where the data do not reach back to its first month.
    """
    assert scope.first and scope.last
    first, last = period_before(scope.first, scope.last)
    earlier = replace(scope, first=first, last=last)
    if not count_by_month(connection, replace(earlier, last=_month_end(first))):
        return None
    return Earlier(first, last, count_figures(connection, earlier, catalogue)[0])


def period_before(first: date, last: date) -> tuple[date, date]:
    """The period of the same length that ends the day before; for whole months, as many months."""
    end = first - timedelta(days=1)
    if first.day != 1 or last != _month_end(last):
        return end - (last - first), end
    year, month = divmod(2 * _month_number(first) - _month_number(last) - 1, 12)
    return date(year, month + 1, 1), end


def compute_coverage(
    connection: Connection, scope: Scope, by: By, names: dict[str, str]
) -> list[Coverage]:
    """Open cases with a plan per unit that has open cases, then of the whole district.

    ``names``: key of the unit → title, in the order of the result. Empty where no source delivers
    plans: a share of nothing is none.
    """
    if connection.execute(select(scope.select_known(plan).c.source).limit(1)).first() is None:
        return []
    by_unit = replace(scope, by=by)
    cases = count_by_unit(connection, client_records, by_unit)
    plans = count_by_unit(connection, clients_with_plan, by_unit)
    parts = [
        Coverage(title, plans.get(key, 0), cases[key])
        for key, title in names.items()
        if cases.get(key)
    ]
    whole = [
        count_by_unit(connection, f, scope).get("", 0) for f in (clients_with_plan, client_records)
    ]
    return [*parts, Coverage(WHOLE, *whole)] if parts else []


def count_former_cases(connection: Connection, scope: Scope) -> int:
    """Conversations whose municipality is known only from cases that are no longer delivered."""
    rows = connection.execute(conversations_by_former_cases(scope))
    return sum(int(row.value) for row in rows)


def without_plans(connection: Connection, scope: Scope) -> list[str]:
    """Sources that deliver cases but no integration plan: their cases only lower the coverage."""
    cases, plans = select_cases(scope), scope.select_known(plan)
    with_cases, with_plans = (
        set(connection.execute(select(rows.c.source).distinct()).scalars())
        for rows in (cases, plans)
    )
    return sorted(with_cases - with_plans)


def count_by_unit(
    connection: Connection, indicator: Indicator, scope: Scope, category: str = ""
) -> dict[str, int]:
    """Value by unit ("" for the district), of all categories together unless one is named."""
    counted: dict[str, int] = {}
    for row in connection.execute(indicator(scope)).mappings():
        if not category or row.get("category") == category:
            key = str(row[scope.by]) if scope.by else ""
            counted[key] = counted.get(key, 0) + int(row["value"])
    return counted


def _month_end(inside: date) -> date:
    return inside.replace(day=monthrange(inside.year, inside.month)[1])


def _month_number(inside: date) -> int:
    return inside.year * 12 + inside.month - 1
