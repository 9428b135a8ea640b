"""Selects the charts of each section of the coordinator report and their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
from connectors.documents.report.report_data import WHOLE, CoordinatorReport

UNSTATED = ("ohne Angabe", "nicht geliefert")
PEOPLE = "Klientinnen und Klienten"
MONTHS = "monate"


@dataclass(frozen=True)
class CategoryChart:
    """A chart of an indicator's categories.

    ``kind`` heads the labels and ``what`` the numbers; only the ``most`` largest are shown, if set.
    """

    indicator: str
    title: str
    kind: str
    what: str
    most: int = 0

    @property
    def name(self) -> str:
        """The name of the chart in the page."""
        return self.indicator.replace("_", "-")


CATEGORY_CHARTS = {
    "topics": (CategoryChart("topics", "Gespräche nach Thema", "Thema", "Gespräche"),),
    "referrals": (
        CategoryChart("referrals", "Weiterleitungen nach Stelle", "Stelle", "Weiterleitungen"),
    ),
    "clients": (
        CategoryChart(
            "clients_by_nationality",
            f"{PEOPLE} nach Staatsangehörigkeit",
            "Staatsangehörigkeit",
            PEOPLE,
            most=10,
        ),
        CategoryChart("clients_by_sex", f"{PEOPLE} nach Geschlecht", "Geschlecht", PEOPLE),
        CategoryChart(
            "clients_by_housing", f"{PEOPLE} nach Unterbringung", "Unterbringung", PEOPLE
        ),
        CategoryChart(
            "clients_by_residence_status", f"{PEOPLE} nach Aufenthaltsstatus", "Status", PEOPLE
        ),
    ),
}


def draw_sections(report: CoordinatorReport, table: FigureTable) -> dict[str, list[Chart]]:
    """Draws the charts of the report by section; charts without numbers are left out."""
    sections = {
        "months": [draw_conversations(report)],
        "coverage": list(draw_coverage(report)),
        "milestones": list(draw_milestones(report)),
    }
    for section, charts in CATEGORY_CHARTS.items():
        drawn = (draw_categories(report, table, chart) for chart in charts)
        sections[section] = [chart for chart in drawn if chart is not None]
    return sections


def draw_conversations(report: CoordinatorReport) -> Chart:
    """Draws the conversations per month.

    The chart ends with the month of the newest delivery, since later months are not yet known.
    """
    deliveries = [source.last_delivery for source in report.sources if source.last_delivery]
    newest = max(deliveries, default=report.period_to)
    last = max(report.period_from, min(report.period_to, newest))
    months = [(day, report.months.get(day, 0)) for day in _list_months(report.period_from, last)]
    return draw_by_month(MONTHS, "Gespräche je Monat", months, "Gespräche")


def draw_categories(
    report: CoordinatorReport, table: FigureTable, chart: CategoryChart
) -> Chart | None:
    """Draws an indicator's categories in the order of the catalogue, or its largest ones.

    Returns None if nothing was counted.
    """
    items = list(_category_items(report, table, chart.indicator))
    if not any(value for _, value in items):
        return None
    if chart.most:
        items = keep_largest(items, chart.most, UNSTATED)
    return draw_bars(chart.name, chart.title, items, chart.what, chart.kind)


def draw_coverage(report: CoordinatorReport) -> Iterator[Chart]:
    """Draws the share of clients with a concluded plan, per Gemeinde and per Regionalteam."""
    for name, kind, parts in (
        ("plaene-gemeinde", "Gemeinde", report.coverage_by_municipality),
        ("plaene-team", "Regionalteam", report.coverage_by_team),
    ):
        if parts:
            heads = (kind, "mit abgeschlossenem Plan", "offene Fälle", "Anteil")
            title = f"Anteil mit abgeschlossenem Integrationsplan je {kind}"
            shares = [(part.unit, part.with_plan, part.clients) for part in parts]
            chart = draw_shares(name, title, shares, heads)
            yield replace(chart, commands=report.coverage_commands.get(kind, ()))


def draw_milestones(report: CoordinatorReport) -> Iterator[Chart]:
    """Draws one chart per milestone: what each team or the district reached, against the target."""
    by_label: dict[str, list[tuple[str, int, int | None]]] = {}
    commands: dict[str, list[str]] = {}
    for m in report.milestones:
        if m.reached is not None:
            by_label.setdefault(m.label, []).append((m.team, m.reached, m.target))
            commands[m.label] = [m.command] if m.command else []
    for place, (label, parts) in enumerate(by_label.items(), start=1):
        kind = "Kreis" if parts[0][0] == WHOLE else "Regionalteam"
        chart = draw_against_target(f"meilenstein-{place}", label, parts, "erreicht", kind)
        yield replace(chart, commands=commands[label])


def _category_items(
    report: CoordinatorReport, table: FigureTable, indicator: str
) -> Iterator[Item]:
    found = find_indicator(report, indicator)
    for line in lay_out_lines(table, found) if found else ():
        if line.category is not None and line.value is not None:
            yield line.label, line.value


def find_indicator(report: CoordinatorReport, code: str) -> Indicator | None:
    """The indicator of the report's catalogue."""
    indicators = (indicator for group in report.catalogue for indicator in group["indicators"])
    return next((found for found in indicators if found["indicator"] == code), None)


def _list_months(first: date, last: date) -> Sequence[date]:
    """The first day of every month that the period touches."""
    span = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in span]
