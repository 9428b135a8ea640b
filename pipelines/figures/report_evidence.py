"""Tells what is behind the figures of the report: rows by delivery and table, and a command."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from connectors.documents.figure_data import FigureName
from connectors.documents.report.coordinator_report import BY_MUNICIPALITY, KEY_FIGURES
from connectors.documents.report.report_charts import CATEGORY_CHARTS
from connectors.documents.report.report_data import DeliveredFile, DeliveredTable, Evidence
from pipelines.figures.evidence_places import EvidencePlaces
from pipelines.figures.explain_command import write_command
from warehouse.marts.conversations import conversations_per_month
from warehouse.marts.indicators import INDICATORS

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from pipelines.hub import Hub
    from warehouse.marts.scope import By, Scope

# Places named behind all figures together: a report of a hundred municipalities stays readable.
MOST_NAMED = 1000
MOST_PER_FIGURE, LEAST_PER_FIGURE = 6, 1
MOST_FILES = 3

FigureKey = FigureName | date


@dataclass(frozen=True, order=True)
class Place:
    """A table of a delivery."""

    source: str
    delivered_on: date
    delivery_id: str
    table: str


class ReportEvidence:
    """What is behind the figures that the report shows; ``titles``: German names of the sources."""

    def __init__(
        self, hub: Hub, connection: Connection, scope: Scope, titles: Mapping[str, str]
    ) -> None:
        self._connection, self._scope, self._titles = connection, scope, titles
        self._places = EvidencePlaces(hub, connection)
        self._files: dict[Place, dict[str, str | None]] = defaultdict(dict)
        self._rows: dict[FigureKey, Counter[Place]] = defaultdict(Counter)
        self._commands: dict[FigureKey, str] = {}
        for indicator, by in _list_shown():
            self._count_figures(indicator, by)
        self._count_months()
        self._named = choose_places(self._rows)
        self._numbers = {place: n for n, place in enumerate(sorted(self._list_named()))}

    def list_evidence(self) -> dict[FigureKey, Evidence]:
        """What is behind each figure; places are numbered as in ``list_delivered``."""
        return {
            key: Evidence(
                {self._numbers[place]: counted[place] for place in self._named[key]},
                sum(rows for place, rows in counted.items() if place not in self._named[key]),
                self._commands[key],
            )
            for key, counted in self._rows.items()
        }

    def list_delivered(self) -> list[DeliveredTable]:
        """The tables that are named behind a figure."""
        return [self._describe_place(place) for place in self._numbers]

    def _list_named(self) -> set[Place]:
        return {place for named in self._named.values() for place in named}

    def _describe_place(self, place: Place) -> DeliveredTable:
        files = sorted(self._files[place].items())
        shown = [DeliveredFile(name, sha256) for name, sha256 in files[:MOST_FILES]]
        # Where there are many, each may be that of one person, and names say nothing.
        shown = shown if len(files) <= MOST_FILES else []
        title = self._titles.get(place.source, place.source)
        return DeliveredTable(
            title,
            place.delivered_on,
            place.delivery_id,
            place.table,
            shown,
            len(files) - len(shown),
        )

    def _count_figures(self, name: str, by: By | None) -> None:
        scope, declared = replace(self._scope, by=by), INDICATORS[name]
        for row in self._connection.execute(declared.count_rows(scope)).mappings():
            unit = {part: str(row[part]) for part in scope.unit_names}
            key = (name, row.get("category"), frozenset(unit.items()))
            self._add_rows(key, row)
            if key not in self._commands:
                self._commands[key] = write_command(scope, declared, row.get("category"), unit)

    def _count_months(self) -> None:
        scope = self._scope
        for row in self._connection.execute(conversations_per_month.count_rows(scope)).mappings():
            first = date(*divmod(int(row["category"]), 100), 1)
            self._add_rows(first, row)
            last = first.replace(day=monthrange(first.year, first.month)[1])
            own = replace(
                scope,
                first=max(first, scope.first or first),
                last=min(last, scope.last or last),
            )
            self._commands[first] = write_command(own, INDICATORS["conversations"])

    def _add_rows(self, key: FigureKey, row: Mapping[Any, Any]) -> None:
        found = self._places.find_delivery(row["load"], row["file"])
        if found is None:
            raise LookupError(f"load {row['load']} brought rows and is not in the ledger")
        place = Place(
            row["record_source"], found.delivery_date, found.delivery_id, row["table"] or ""
        )
        self._files[place][row["file"]] = found.sha256
        self._rows[key][place] += int(row["rows"])


def _list_shown() -> Iterator[tuple[str, By | None]]:
    """The figures of the report that a cell shows as they were counted."""
    charts = (chart.indicator for part in CATEGORY_CHARTS.values() for chart in part)
    for name in dict.fromkeys([*(name for name, _ in KEY_FIGURES), *BY_MUNICIPALITY, *charts]):
        yield name, None
    for name in BY_MUNICIPALITY:
        yield name, "municipality"


def choose_places(
    rows: Mapping[FigureKey, Counter[Place]],
) -> dict[FigureKey, Sequence[Place]]:
    """The places named behind each figure, those with the most rows first.

    The more figures there are, the fewer places are named behind each.
    """
    limit = MOST_NAMED // max(1, len(rows))
    limit = max(LEAST_PER_FIGURE, min(MOST_PER_FIGURE, limit))
    return {
        key: sorted(counted, key=lambda place: (-counted[place], place))[:limit]
        for key, counted in rows.items()
    }
