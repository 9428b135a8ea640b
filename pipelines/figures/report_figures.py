"""What only the report asks of the figures: months, the period before, plan coverage, milestones of the Regionalteams."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlalchemy import Connection, select

from connectors.documents.german_format import day_text
from connectors.documents.report.report_data import Coverage, Earlier, Milestone
from mappings.catalogue import Catalogue, choose_catalogue
from pipelines.config.models import Target
from pipelines.figures.kennzahlen import figures_by
from warehouse.marts.clients import client_records, clients_with_plan
from warehouse.marts.conversations import conversations_per_month
from warehouse.marts.declaration import Indicator
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope, select_cases
from warehouse.schema import plan

WHOLE = "Kreis gesamt"


def count_by_month(connection: Connection, scope: Scope) -> dict[date, int]:
    """Conversations of the period by the first day of their month."""
    rows = connection.execute(conversations_per_month(scope))
    return {date(*divmod(int(row.category), 100), 1): int(row.value) for row in rows}


def compute_earlier(connection: Connection, scope: Scope, catalogue: Catalogue) -> Earlier | None:
    """The figures of the period of the same length just before; None where the data do not reach back
    to its first month. The catalogue is that of the later one."""
    assert scope.first and scope.last
    first, last = period_before(scope.first, scope.last)
    earlier = replace(scope, first=first, last=last)
    if not count_by_month(connection, replace(earlier, last=_month_end(first))):
        return None
    return Earlier(first, last, list(figures_by(connection, earlier, catalogue)))


def period_before(first: date, last: date) -> tuple[date, date]:
    """The period of the same length that ends the day before; whole months are followed back by as many whole months."""
    end = first - timedelta(days=1)
    if first.day != 1 or last != _month_end(last):
        return end - (last - first), end
    number = (
        first.year * 12
        + first.month
        - 1
        - (last.year - first.year) * 12
        - (last.month - first.month)
        - 1
    )
    return date(number // 12, number % 12 + 1, 1), end


def compute_coverage(
    connection: Connection, scope: Scope, by: By, names: dict[str, str]
) -> list[Coverage]:
    """Open cases with a plan, per unit that has open cases (``names``: key → title, in order), then of the whole district."""
    cases_of, plans_of = (
        _by_unit(connection, f, replace(scope, by=by)) for f in (client_records, clients_with_plan)
    )
    parts = [
        Coverage(title, plans_of.get(key, 0), cases_of[key])
        for key, title in names.items()
        if cases_of.get(key)
    ]
    whole = [_by_unit(connection, f, scope).get("", 0) for f in (clients_with_plan, client_records)]
    return [*parts, Coverage(WHOLE, *whole)] if parts else []


def without_plans(connection: Connection, scope: Scope) -> list[str]:
    """Sources that deliver cases but not one integration plan: their cases can only lower the coverage."""
    known, planned = select_cases(scope), scope.select_known(plan)
    delivering = set(connection.execute(select(known.c.source).distinct()).scalars())
    return sorted(
        delivering - set(connection.execute(select(planned.c.source).distinct()).scalars())
    )


def list_milestones(
    connection: Connection, scope: Scope, all_targets: Sequence[Target], teams: Sequence[str]
) -> Iterator[Milestone]:
    """Every target of the configuration that ends within the period or later, for all teams, those without a target too.

    A target's ``indicator`` may name one category: ``conversations_by_kind.clearing``. Counted are the days from the first of
    the period to the target's own last day.
    """
    targets = [t for t in all_targets if scope.first is None or t.until >= scope.first]
    for indicator, until in dict.fromkeys((t.indicator, t.until) for t in targets):
        label = indicator_label(indicator, until)
        if label is None:
            continue
        wanted = {t.team: t for t in targets if (t.indicator, t.until) == (indicator, until)}
        name, _, category = indicator.partition(".")
        reached = _by_unit(
            connection, INDICATORS[name], replace(scope, last=until, by="team"), category or None
        )
        for team in teams:
            yield Milestone(
                team,
                f"{label} bis {day_text(until)}",
                reached.get(team, 0),
                _rounded_goal(wanted.get(team)),
            )


def indicator_label(indicator: str, until: date) -> str | None:
    """The German label of an indicator or, after a dot, of one of its categories.

    None where the catalogue of that day has none such, or none that is counted by team.
    """
    name, _, category = indicator.partition(".")
    found = next((i for i in choose_catalogue(until).indicators() if i.indicator == name), None)
    if found is None or not counts_by_team(name):
        return None
    if not category:
        return found.label
    return found.labels().get(category)


def counts_by_team(indicator: str) -> bool:
    """Whether an indicator is counted by Regionalteam; True where there is none of that name."""
    return indicator not in INDICATORS or "team" in INDICATORS[indicator].units


def _rounded_goal(target: Target | None) -> int | None:
    return None if target is None else round(target.value)


def _by_unit(
    connection: Connection, indicator: Indicator, scope: Scope, category: str | None = None
) -> dict[str, int]:
    """Value by unit, "" for the district; of all categories together unless one is named."""
    counted: dict[str, int] = {}
    for row in connection.execute(indicator(scope)).mappings():
        if category is None or row.get("category") == category:
            key = str(row[scope.by]) if scope.by else ""
            counted[key] = counted.get(key, 0) + int(row["value"])
    return counted


def _month_end(inside: date) -> date:
    return inside.replace(day=monthrange(inside.year, inside.month)[1])


def unknown_targets(targets: Sequence[Target]) -> list[str]:
    """Indicators of targets that the catalogue does not know or that are not counted by team."""
    return sorted({t.indicator for t in targets if indicator_label(t.indicator, t.until) is None})
