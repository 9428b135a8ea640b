"""Makes the coordinator report of a period, with the workbook of the same figures beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.german_format import alphabetical_key
from connectors.documents.kennzahlen.workbook import write_workbook
from connectors.documents.report.coordinator_report import write_report
from connectors.documents.report.report_data import CoordinatorReport, SourceQuality
from pipelines.figures import milestones, report_figures
from pipelines.figures.document_content import UNITS_SHOWN, DocumentContent, collect_content
from pipelines.figures.explain_command import write_command
from pipelines.figures.kennzahlen import FigureRequest, open_scope
from pipelines.figures.report_evidence import ReportEvidence
from pipelines.figures.revised_figures import tell_changes
from pipelines.figures.workbook import build_book
from pipelines.intake.source_quality import describe_sources
from warehouse.ledger.configuration import read_municipalities, read_teams
from warehouse.marts.clients import client_records, clients_with_plan
from warehouse.marts.scope import By

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

    from pipelines.hub import Hub
    from warehouse.marts.scope import Scope

COVERED_UNITS: Mapping[str, By] = {"Gemeinde": "municipality", "Regionalteam": "team"}
REPORT, WORKBOOK = "koordinationsbericht.html", "kennzahlen.xlsx"


def coordinator_report(hub: Hub, asked: FigureRequest, folder: Path) -> list[Path]:
    """Writes report and workbook of a period into ``folder`` and returns their paths.

    Raises PeriodOpen where the period has no first or no last day.
    """
    content = collect_content(hub, asked)
    sources = describe_sources(hub, content.known_at, asked.as_of)
    folder.mkdir(parents=True, exist_ok=True)
    changes = tell_changes(hub, asked, content.known_at, content.figures, UNITS_SHOWN).answer
    write_report(folder / REPORT, replace(_build_report(hub, content, sources), **changes))
    write_workbook(folder / WORKBOOK, replace(build_book(hub, content), **changes))
    return [folder / REPORT, folder / WORKBOOK]


def _build_report(
    hub: Hub, content: DocumentContent, sources: list[SourceQuality]
) -> CoordinatorReport:
    asked = FigureRequest(content.first, content.last, rules=content.rules)
    scope = open_scope(hub, asked, content.known_at)
    until_reached = replace(scope, last=_last_reached_day(content, sources))
    targets = hub.config.targets
    with hub.store.read() as connection:
        municipalities = read_municipalities(connection, content.known_at)
        teams = read_teams(connection, content.known_at)
        without_plans = report_figures.without_plans(connection, scope)
        titles = {source.source: _source_title(source) for source in sources}
        return CoordinatorReport(
            **content.answer,
            figures=[f for f in content.figures if "staff" not in f.unit],
            months=report_figures.count_by_month(connection, scope),
            sources=sources,
            municipalities=municipalities,
            **_cover_units(connection, scope, municipalities, teams),
            milestones=list(milestones.list_milestones(connection, scope, targets, teams)),
            newest_talk=report_figures.find_newest_talk(connection, scope),
            before=report_figures.compute_earlier(connection, until_reached, content.catalogue),
            notes=list(_report_notes(hub)),
            by_former_cases=report_figures.count_former_cases(connection, scope),
            without_plans=[titles[s.source] for s in sources if s.source in without_plans],
            **_tell_evidence(hub, connection, scope, titles),
        )


def _cover_units(
    connection: Connection, scope: Scope, municipalities: Mapping[str, str], teams: Sequence[str]
) -> dict[str, Any]:
    """The fields of the report on plan coverage."""
    compute, by_team = report_figures.compute_coverage, dict(zip(teams, teams, strict=True))
    places = _sort_by_name(municipalities)
    return {
        "coverage_by_municipality": compute(connection, scope, "municipality", places),
        "coverage_by_team": compute(connection, scope, "team", by_team),
    }


def _tell_evidence(
    hub: Hub, connection: Connection, scope: Scope, titles: Mapping[str, str]
) -> dict[str, Any]:
    """The fields of the report on what is behind its figures."""
    found = ReportEvidence(hub, connection, scope, titles)
    commands = {
        label: [
            write_command(replace(scope, by=by), declared)
            for declared in (clients_with_plan, client_records)
        ]
        for label, by in COVERED_UNITS.items()
    }
    return {
        "evidence": found.list_evidence(),
        "delivered": found.list_delivered(),
        "coverage_commands": commands,
    }


def _sort_by_name(names: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(names.items(), key=lambda item: alphabetical_key(item[1])))


def _last_reached_day(content: DocumentContent, sources: list[SourceQuality]) -> date:
    """The last day of the period that the data reach.

    A running year is compared with as many months of the year before.
    """
    newest = max((s.last_delivery for s in sources if s.last_delivery), default=content.last)
    return max(content.first, min(content.last, newest))


def _source_title(source: SourceQuality) -> str:
    return f"{source.carrier} ({source.title})" if source.carrier else source.title


def _report_notes(hub: Hub) -> Iterator[str]:
    for indicator in milestones.unknown_targets(hub.config.targets):
        by_team = milestones.counts_by_team(indicator.partition(".")[0])
        why = "Der Katalog kennt sie nicht" if by_team else "Sie wird nicht je Regionalteam gezählt"
        yield (
            f"Ein Meilenstein nennt die Kennzahl „{indicator}“. "
            f"{why}; der Meilenstein fehlt in diesem Bericht."
        )
