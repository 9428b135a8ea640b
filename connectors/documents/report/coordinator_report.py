"""The coordinator report, one accessible HTML file: here its sections are filled. Fixed words stand in the template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.documents import german_format
from connectors.documents.atomic_file import write_atomically
from connectors.documents.figure_data import KNOWN_LABEL
from connectors.documents.figure_table import (
    FigureTable,
    complete_catalogue,
    full_label,
    list_units,
)
from connectors.documents.report import report_charts
from connectors.documents.report.report_data import CoordinatorReport, SourceQuality

KEY_FIGURES = (
    ("conversations", "Gespräche"),
    ("persons_reached", "erreichte Personen"),
    ("clients", "Klientinnen und Klienten am letzten Tag"),
    ("plans_concluded", "abgeschlossene Integrationspläne"),
    ("goals_reached", "erreichte Ziele"),
)
BY_MUNICIPALITY = (
    "conversations",
    "plans_concluded",
    "goals_reached",
    "persons_reached",
    "clients",
)
HEADS_BY_MUNICIPALITY = (
    "Gespräche",
    "Integrationspläne",
    "Erreichte Ziele",
    "Erreichte Personen",
    "Klientinnen und Klienten",
)


@dataclass(frozen=True)
class Card:
    """One key figure of the overview, ready to print."""

    label: str
    value: str
    change: str


@dataclass(frozen=True)
class SourceView:
    """One source in the section on data quality, ready to print."""

    source: SourceQuality
    age: str
    late: bool
    closes: bool


def write_report(path: Path, report: CoordinatorReport) -> None:
    """Write the report to ``path``: one HTML file with everything in it, which needs no network and no script."""
    write_atomically(path, render_report(report).encode())


def render_report(report: CoordinatorReport) -> str:
    """Give the report as HTML text; the same ``report`` gives the same text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(german=german_format, KNOWN_LABEL=KNOWN_LABEL, full_label=full_label)
    return environment.get_template("coordinator_report.html.j2").render(_template_data(report))


def _template_data(report: CoordinatorReport) -> dict[str, Any]:
    """Lay out what the template prints."""
    table = FigureTable(report.figures)
    return {
        "report": report,
        "behind": list(_late_sources(report)),
        "period": german_format.period_text(report.period_from, report.period_to),
        "cards": list(_key_figures(report, table)),
        "charts": _build_charts(report, table),
        "municipality_heads": HEADS_BY_MUNICIPALITY,
        "municipalities": list(_municipality_rows(report, table)),
        "district_row": [german_format.number_text(table.value(code)) for code in BY_MUNICIPALITY],
        "sources": [_source_view(source, report) for source in report.sources],
        "catalogue": complete_catalogue(report.catalogue, table),
        "assumed": list(_list_assumed(report)),
    }


def _build_charts(report: CoordinatorReport, table: FigureTable) -> dict[str, Any]:
    """Give the charts by section."""
    pick = report_charts.draw_categories
    people = "Klientinnen und Klienten"
    nationality = pick(
        report,
        table,
        "clients_by_nationality",
        f"{people} nach Staatsangehörigkeit",
        "Staatsangehörigkeit",
        people,
        report_charts.NATIONALITIES_SHOWN,
    )
    by_housing = pick(
        report, table, "clients_by_housing", f"{people} nach Unterbringung", "Unterbringung", people
    )
    by_status = pick(
        report,
        table,
        "clients_by_residence_status",
        f"{people} nach Aufenthaltsstatus",
        "Status",
        people,
    )
    return {
        "months": list(report_charts.draw_conversations(report)),
        "topics": list(pick(report, table, "topics", "Gespräche nach Thema", "Thema", "Gespräche")),
        "referrals": list(
            pick(
                report,
                table,
                "referrals",
                "Weiterleitungen nach Stelle",
                "Stelle",
                "Weiterleitungen",
            )
        ),
        "clients": [
            *nationality,
            *pick(
                report, table, "clients_by_sex", f"{people} nach Geschlecht", "Geschlecht", people
            ),
            *by_housing,
            *by_status,
        ],
        "coverage": list(report_charts.draw_coverage(report)),
        "milestones": list(report_charts.draw_milestones(report)),
    }


def _key_figures(report: CoordinatorReport, table: FigureTable) -> Iterator[Card]:
    """Give the key figures that were computed, with the change to the period before if there is one."""
    before = FigureTable(report.before.figures) if report.before else None
    for indicator, label in KEY_FIGURES:
        value = table.value(indicator)
        if value is not None:
            earlier = before.value(indicator) if before else None
            change = (
                ""
                if earlier is None
                else f"{german_format.change_text(value, earlier)} gegenüber dem Zeitraum davor ({german_format.number_text(earlier)})"
            )
            yield Card(label, german_format.number_text(value), change)


def _late_sources(report: CoordinatorReport) -> Iterator[str]:
    """Say, in words, which sources do not reach to the end of the period, those of one day together."""
    reach: dict[date | None, list[str]] = {}
    for source in report.sources:
        if source.last_delivery is None or source.last_delivery < report.period_to:
            reach.setdefault(source.last_delivery, []).append(source.carrier or source.title)
    for last in sorted(reach, key=lambda day: day or date.min):
        every = len(reach[last]) == len(report.sources)
        who = "Von allen Quellen" if every else f"Von {', '.join(reach[last])}"
        if last is None:
            yield f"{who} liegt noch nichts vor."
        else:
            yield f"{who} ist die letzte Lieferung vom {german_format.long_day(last)}."


def _municipality_rows(
    report: CoordinatorReport, table: FigureTable
) -> Iterator[tuple[str, list[str]]]:
    for unit in list_units(report.figures, "municipality", report.municipalities):
        yield (
            unit.title,
            [
                german_format.number_text(table.value(code, None, unit.key))
                for code in BY_MUNICIPALITY
            ],
        )


def _source_view(source: SourceQuality, report: CoordinatorReport) -> SourceView:
    days = None if source.last_delivery is None else (report.as_of - source.last_delivery).days
    late = days is None or (source.expected_days is not None and days > source.expected_days)
    closes = source.read == source.used + source.rejected + source.repeated + source.left_out
    return SourceView(source, _delivery_age(days), late, closes)


def _delivery_age(days: int | None) -> str:
    if days is None:
        return german_format.MISSING
    return (
        f"{german_format.count_text(days, 'Tag', 'Tage')} vor dem Stand dieses Berichts"
        if days > 0
        else ""
    )


def _list_assumed(report: CoordinatorReport) -> Iterator[str]:
    """Give, in words, every indicator and category of the catalogue that is not proven."""
    for group in report.catalogue:
        for indicator in group["indicators"]:
            label = full_label(group, indicator)
            parts = [part["label"] for part in indicator["categories"] if part["known"] == "A"]
            if indicator["known"] == "A":
                yield f"{label}: Die Kennzahl ist angenommen{' samt ihren Kategorien' if parts else ''}."
            elif parts:
                yield f"{label}: Angenommen {'ist die Kategorie' if len(parts) == 1 else 'sind die Kategorien'} {', '.join(parts)}."
