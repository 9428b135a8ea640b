"""Which charts the coordinator report shows in which section, picked out of its figures. How they are drawn: charts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from connectors.documents.figure_data import Indicator
from connectors.documents.figure_table import FigureTable, lay_out_lines
from connectors.documents.report.charts import (
    Chart,
    Item,
    draw_against_target,
    draw_bars,
    draw_by_month,
    draw_shares,
    keep_largest,
)
from connectors.documents.report.report_data import CoordinatorReport, Coverage

NATIONALITIES_SHOWN = 10
UNSTATED = ("ohne Angabe",)


def draw_conversations(report: CoordinatorReport) -> Iterator[Chart]:
    """Give the chart of conversations per month."""
    # A month that no source can know of yet is not one without conversations.
    newest = max(
        (s.last_delivery for s in report.sources if s.last_delivery), default=report.period_to
    )
    last = max(report.period_from, min(report.period_to, newest))
    months = [
        (first, report.months.get(first, 0)) for first in _list_months(report.period_from, last)
    ]
    yield draw_by_month("monate", "Gespräche je Monat", months, "Gespräche")


def draw_categories(
    report: CoordinatorReport,
    table: FigureTable,
    indicator: str,
    title: str,
    kind: str,
    what: str,
    most: int = 0,
) -> Iterator[Chart]:
    """Give the bars of an indicator's categories in the order of the catalogue, or of the ``most`` largest ones."""
    found = _find_indicator(report, indicator)
    items: list[Item] = [
        (line.label, line.value)
        for line in (lay_out_lines(table, found) if found else ())
        if line.category is not None and line.value is not None
    ]
    if not any(value for _, value in items):
        return
    items = keep_largest(items, most, UNSTATED) if most else items
    yield draw_bars(indicator.replace("_", "-"), title, items, what, kind)


def draw_coverage(report: CoordinatorReport) -> Iterator[Chart]:
    """Give the charts of clients with a concluded plan, per Gemeinde and per Regionalteam."""
    for name, kind, parts in (
        ("plaene-gemeinde", "Gemeinde", report.coverage_by_municipality),
        ("plaene-team", "Regionalteam", report.coverage_by_team),
    ):
        if parts:
            heads = (kind, "mit abgeschlossenem Plan", "offene Fälle", "Anteil")
            title = f"Anteil mit abgeschlossenem Integrationsplan je {kind}"
            yield draw_shares(name, title, [_coverage_share(part) for part in parts], heads)


def draw_milestones(report: CoordinatorReport) -> Iterator[Chart]:
    """Give one chart per milestone: what each Regionalteam reached, against its target."""
    for place, label in enumerate(
        dict.fromkeys(milestone.label for milestone in report.milestones), start=1
    ):
        parts = [
            (item.team, item.reached, item.target)
            for item in report.milestones
            if item.label == label
        ]
        yield draw_against_target(
            f"meilenstein-{place}", f"{label} je Regionalteam", parts, "erreicht", "Regionalteam"
        )


def _coverage_share(part: Coverage) -> tuple[str, int, int]:
    return part.unit, part.with_plan, part.clients


def _find_indicator(report: CoordinatorReport, code: str) -> Indicator | None:
    every = (indicator for group in report.catalogue for indicator in group["indicators"])
    return next((indicator for indicator in every if indicator["indicator"] == code), None)


def _list_months(first: date, last: date) -> Sequence[date]:
    """Give the first day of every month that the period touches."""
    span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in span]
