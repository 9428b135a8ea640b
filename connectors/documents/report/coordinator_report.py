"""Writes the coordinator report, one accessible HTML file, by filling its template."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from connectors.documents import german_format
from connectors.documents.atomic_file import write_atomically
from connectors.documents.figure_data import KNOWN_LABEL, Indicator, Unit
from connectors.documents.figure_table import (
    FigureTable,
    complete_catalogue,
    full_label,
    list_units,
)
from connectors.documents.report.evidence_cards import EvidenceCards, name_row
from connectors.documents.report.report_charts import draw_sections
from connectors.documents.report.report_data import WHOLE, CoordinatorReport, SourceQuality
from connectors.documents.signs import LEGEND, NOT_DELIVERED, REVISED

KEY_FIGURES = (
    ("conversations", "Gespräche"),
    ("persons_reached", "erreichte Personen"),
    ("clients", "Klientinnen und Klienten am {day}"),
    ("plans_concluded", "abgeschlossene Integrationspläne"),
    ("goals_reached", "erreichte Ziele"),
)
BY_MUNICIPALITY = {
    "conversations": "Gespräche",
    "plans_concluded": "Integrationspläne",
    "goals_reached": "Erreichte Ziele",
    "persons_reached": "Erreichte Personen",
    "clients": "Klientinnen und Klienten",
}


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
    """Writes the report to ``path``: one HTML file that needs neither network nor scripts."""
    write_atomically(path, render_report(report).encode())


def render_report(report: CoordinatorReport) -> str:
    """Renders the report as HTML; the same ``report`` gives the same text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        german=german_format, KNOWN_LABEL=KNOWN_LABEL, full_label=full_label, name_row=name_row
    )
    return environment.get_template("coordinator_report.html.j2").render(_template_data(report))


def _template_data(report: CoordinatorReport) -> dict[str, Any]:
    """Collects what the template prints."""
    table = FigureTable(report.figures, report.gaps, report.catalogue, report.revised)
    return {
        "report": report,
        "behind": list(_late_sources(report)),
        "other_year": _find_other_year(report),
        "period": german_format.period_text(report.period_from, report.period_to),
        "cards": list(_key_figures(report, table)),
        "evidence": _lay_out_evidence(report, table),
        "charts": draw_sections(report, table),
        "legend": {sign: LEGEND[sign] for sign in (NOT_DELIVERED, REVISED)},
        "municipality_heads": BY_MUNICIPALITY,
        "municipalities": list(_municipality_rows(report, table)),
        "left_over_row": list(_left_over_row(report, table)),
        "district_row": [table.text(code) for code in BY_MUNICIPALITY],
        "gaps": list(_gap_sentences(report, table)),
        "sources": [_source_view(source, report) for source in report.sources],
        "catalogue": complete_catalogue(report.catalogue, table),
        "assumed": list(_list_assumed(report)),
    }


def _lay_out_evidence(report: CoordinatorReport, table: FigureTable) -> EvidenceCards:
    """The cards behind the figures of district, units, charts and months."""
    cards = EvidenceCards(report, table)
    units = list_units(report.figures, "municipality", report.municipalities)
    cards.add_units(BY_MUNICIPALITY, [Unit("", WHOLE, {}), *units])
    cards.add_charts()
    cards.add_months()
    return cards


def _key_figures(report: CoordinatorReport, table: FigureTable) -> Iterator[Card]:
    """The key figures that were computed, with their change to the period before, if known."""
    before = FigureTable(report.before.figures) if report.before else None
    day = german_format.day_text(report.counted_on)
    for indicator, label in KEY_FIGURES:
        value, title = table.value(indicator), label.format(day=day)
        if value is not None:
            earlier = before.value(indicator) if before else None
            yield Card(title, table.text(indicator), _change_sentence(value, earlier))
        elif table.lacks(indicator):
            yield Card(title, table.text(indicator), "")


def _gap_sentences(report: CoordinatorReport, table: FigureTable) -> Iterator[str]:
    """German sentences on what some sources do not deliver, so that the figures are without them."""
    titles = {source.source: source.carrier or source.title for source in report.sources}
    for group in report.catalogue:
        for indicator in group["indicators"]:
            sources = table.missing(indicator["indicator"])
            if sources:
                names = ", ".join(f"{titles.get(name, name)} ({name})" for name in sources)
                yield f"{full_label(group, indicator)}: nicht geliefert von {names}."


def _left_over_row(report: CoordinatorReport, table: FigureTable) -> Iterator[str]:
    """What counts in the district and in no municipality; nothing where there is none."""
    left = {
        one.indicator: one.value
        for one in report.left_over
        if one.by == "municipality" and one.category is None
    }
    if any(left.get(code) for code in BY_MUNICIPALITY):
        for code in BY_MUNICIPALITY:
            lacking = code not in left and table.lacks(code)
            yield NOT_DELIVERED if lacking else german_format.number_text(left.get(code, 0))


def _change_sentence(value: german_format.Number, earlier: german_format.Number | None) -> str:
    if earlier is None:
        return ""
    change, number = german_format.change_text(value, earlier), german_format.number_text(earlier)
    return f"{change} gegenüber dem Zeitraum davor ({number})"


def _find_other_year(report: CoordinatorReport) -> int | None:
    """The year of the newest conversation, where the period has none."""
    if report.newest_talk is None or any(report.months.values()):
        return None
    return report.newest_talk.year


def _late_sources(report: CoordinatorReport) -> Iterator[str]:
    """German sentences on sources without a delivery up to the end of the period, by day."""
    late: dict[date | None, list[str]] = {}
    for source in report.sources:
        if source.last_delivery is None or source.last_delivery < report.period_to:
            late.setdefault(source.last_delivery, []).append(source.carrier or source.title)
    for last in sorted(late, key=lambda day: day or date.min):
        names = late[last]
        every = len(names) == len(report.sources)
        yield _late_sentence("allen Quellen" if every else ", ".join(names), last)


def _late_sentence(who: str, last: date | None) -> str:
    if last is None:
        return f"Von {who} liegt noch nichts vor."
    return f"Von {who} ist die letzte Lieferung vom {german_format.long_day(last)}."


def _municipality_rows(
    report: CoordinatorReport, table: FigureTable
) -> Iterator[tuple[Unit, list[str]]]:
    for unit in list_units(report.figures, "municipality", report.municipalities):
        yield unit, [table.text(code, unit.key) for code in BY_MUNICIPALITY]


def _source_view(source: SourceQuality, report: CoordinatorReport) -> SourceView:
    days = None if source.last_delivery is None else (report.as_of - source.last_delivery).days
    late = days is None or (source.expected_days is not None and days > source.expected_days)
    closes = source.read == source.used + source.rejected + source.repeated + source.left_out
    return SourceView(source, _delivery_age(days), late, closes)


def _delivery_age(days: int | None) -> str:
    if days is None:
        return german_format.MISSING
    if days <= 0:
        return ""
    return f"{german_format.count_text(days, 'Tag', 'Tage')} vor dem Stand dieses Berichts"


def _list_assumed(report: CoordinatorReport) -> Iterator[str]:
    """German sentences on every indicator and category of the catalogue that is not proven."""
    for group in report.catalogue:
        for indicator in group["indicators"]:
            assumed = _assumed_part(indicator)
            if assumed:
                yield f"{full_label(group, indicator)}: {assumed}"


def _assumed_part(indicator: Indicator) -> str:
    parts = [part["label"] for part in indicator["categories"] if part["known"] == "A"]
    if indicator["known"] == "A":
        return f"Die Kennzahl ist angenommen{' samt ihren Kategorien' if parts else ''}."
    if not parts:
        return ""
    head = "ist die Kategorie" if len(parts) == 1 else "sind die Kategorien"
    return f"Angenommen {head} {', '.join(parts)}."
