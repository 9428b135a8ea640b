"""The coordinator report, filled from the warehouse, with the workbook of the same figures beside it. Its look: connectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.german_format import alphabetical_key
from connectors.documents.kennzahlen.workbook import write_workbook
from connectors.documents.report.coordinator_report import write_report
from connectors.documents.report.report_data import CoordinatorReport, SourceQuality
from pipelines.figures import report_figures
from pipelines.figures.document_content import DocumentContent, collect_content
from pipelines.figures.kennzahlen import FigureRequest
from pipelines.figures.workbook import build_book
from pipelines.intake.source_quality import describe_sources
from warehouse.ledger.configuration import read_municipalities, read_teams
from warehouse.marts.scope import Scope

if TYPE_CHECKING:
    from pipelines.hub import Hub

REPORT, WORKBOOK = "koordinationsbericht.html", "kennzahlen.xlsx"


def coordinator_report(hub: Hub, asked: FigureRequest, folder: Path) -> list[Path]:
    """Writes report and workbook for a period (first and last day needed: PeriodOpen) into ``folder``; gives their paths."""
    what = collect_content(hub, asked)
    sources = describe_sources(hub, what.known_at, asked.as_of)
    folder.mkdir(parents=True, exist_ok=True)
    write_report(folder / REPORT, _build_report(hub, what, sources))
    write_workbook(folder / WORKBOOK, build_book(hub, what))
    return [folder / REPORT, folder / WORKBOOK]


def _build_report(
    hub: Hub, what: DocumentContent, sources: list[SourceQuality]
) -> CoordinatorReport:
    scope = Scope(what.first, what.last, what.known_at)
    with hub.store.read() as connection:
        names = read_municipalities(connection, what.known_at)
        in_order = dict(sorted(names.items(), key=lambda item: alphabetical_key(item[1])))
        teams = read_teams(connection, what.known_at)
        return CoordinatorReport(
            district=hub.config.district.name,
            **what.answer,
            figures=[f for f in what.figures if "staff" not in f.unit],
            months=report_figures.count_by_month(connection, scope),
            sources=sources,
            municipalities=names,
            coverage_by_municipality=report_figures.compute_coverage(
                connection, scope, "municipality", in_order
            ),
            coverage_by_team=report_figures.compute_coverage(
                connection, scope, "team", dict(zip(teams, teams, strict=True))
            ),
            milestones=list(
                report_figures.list_milestones(connection, scope, hub.config.targets, teams)
            ),
            before=report_figures.compute_earlier(
                connection, replace(scope, last=_last_reached_day(what, sources)), what.catalogue
            ),
            notes=list(_report_notes(hub)),
            without_plans=[
                _source_title(s)
                for s in sources
                if s.source in report_figures.without_plans(connection, scope)
            ],
        )


def _last_reached_day(what: DocumentContent, sources: list[SourceQuality]) -> date:
    """The last day of the period that data can speak of: a running year is compared with as many months before it."""
    newest = max((s.last_delivery for s in sources if s.last_delivery), default=what.last)
    return max(what.first, min(what.last, newest))


def _source_title(source: SourceQuality) -> str:
    return f"{source.carrier} ({source.title})" if source.carrier else source.title


def _report_notes(hub: Hub) -> Iterator[str]:
    for indicator in report_figures.unknown_targets(hub.config.targets):
        by_team = report_figures.counts_by_team(indicator.partition(".")[0])
        why = "Der Katalog kennt sie nicht" if by_team else "Sie wird nicht je Regionalteam gezählt"
        missing = f"{why}; der Meilenstein fehlt in diesem Bericht."
        yield f"Ein Meilenstein nennt die Kennzahl „{indicator}“. {missing}"
