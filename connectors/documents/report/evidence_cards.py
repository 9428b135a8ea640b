"""Lays out what is behind the figures of the report: a card for each row that shows figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from connectors.documents.figure_data import FigureName, Unit
from connectors.documents.figure_table import FigureTable, lay_out_lines
from connectors.documents.german_format import month_text, number_text
from connectors.documents.report.report_charts import CATEGORY_CHARTS, MONTHS, find_indicator
from connectors.documents.report.report_data import CoordinatorReport


@dataclass(frozen=True)
class EvidenceLine:
    """What is behind one figure, ready to print.

    ``rows`` are pairs of a place in the report's list of tables (from 1) and a number of rows.
    """

    indicator: str
    label: str
    value: str
    rows: list[tuple[int, str]]
    others: str
    command: str


@dataclass(frozen=True)
class EvidenceCard:
    """What is behind the figures of one row of a table; ``name`` is its id in the page."""

    name: str
    title: str
    lines: list[EvidenceLine]


def name_row(unit: Unit) -> str:
    """The name of a unit's row among those of its table; "" for the district."""
    return ", ".join(unit.key.values())


@dataclass
class EvidenceCards:
    """The cards of a report, and the name of each by chart and label of the row."""

    report: CoordinatorReport
    table: FigureTable
    cards: list[EvidenceCard] = field(default_factory=list)
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    def add_units(self, heads: Mapping[str, str], units: Iterable[Unit]) -> None:
        """A card for each unit with all its figures; ``heads``: label by indicator."""
        names = self.rows.setdefault("units", {})
        for unit in units:
            figure = frozenset(unit.key.items())
            lines = [
                self._write_line((code, None, figure), code, label, self.table.text(code, unit.key))
                for code, label in heads.items()
            ]
            self._add_card(names, name_row(unit), unit.title, lines)

    def add_charts(self) -> None:
        """A card for each row of the tables under charts."""
        for chart in (chart for charts in CATEGORY_CHARTS.values() for chart in charts):
            found = find_indicator(self.report, chart.indicator)
            names = self.rows.setdefault(chart.name, {})
            for line in lay_out_lines(self.table, found) if found else ():
                key: FigureName = (chart.indicator, line.category, frozenset())
                value = number_text(line.value)
                own = self._write_line(key, chart.indicator, chart.what, value)
                self._add_card(names, line.label, f"{chart.title}: {line.label}", [own])

    def add_months(self) -> None:
        """A card for each month with conversations."""
        names = self.rows.setdefault(MONTHS, {})
        for month, value in sorted(self.report.months.items()):
            label = month_text(month)
            line = self._write_line(month, "conversations", "Gespräche", number_text(value))
            self._add_card(names, label, label, [line])

    def _add_card(
        self, names: dict[str, str], label: str, title: str, lines: list[EvidenceLine | None]
    ) -> None:
        found = [line for line in lines if line]
        if found:
            names[label] = f"b{len(self.cards)}"
            self.cards.append(EvidenceCard(names[label], title, found))

    def _write_line(
        self, key: FigureName | date, indicator: str, label: str, value: str
    ) -> EvidenceLine | None:
        found = self.report.evidence.get(key)
        if found is None:
            return None
        rows = [(place + 1, number_text(count)) for place, count in found.rows.items()]
        others = number_text(found.others) if found.others else ""
        return EvidenceLine(indicator, label, value, rows, others, found.command)
