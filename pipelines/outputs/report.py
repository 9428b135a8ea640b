"""The coordinator report, filled from the warehouse, with the workbook of the same figures beside it. Its look: connectors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.writers.coordinator_report import write_report
from connectors.writers.german import alphabetical
from connectors.writers.kennzahlen_workbook import write_workbook
from connectors.writers.report_shapes import CoordinatorReport, SourceQuality
from pipelines.figures import Asked
from pipelines.outputs import progress
from pipelines.outputs.quality import qualities
from pipelines.outputs.shown import Shown, shown
from pipelines.outputs.workbook import book
from warehouse.ledger.configuration import read_municipalities, read_teams
from warehouse.marts.scope import Scope

if TYPE_CHECKING:
    from pipelines.hub import Hub

REPORT, WORKBOOK = "koordinationsbericht.html", "kennzahlen.xlsx"


def coordinator_report(hub: Hub, asked: Asked, folder: Path) -> list[Path]:
    """Writes report and workbook for a period (first and last day needed: PeriodOpen) into ``folder``; gives their paths."""
    what = shown(hub, asked)
    sources = qualities(hub, what.known_at, asked.as_of)
    folder.mkdir(parents=True, exist_ok=True)
    write_report(folder / REPORT, _report(hub, what, sources))
    write_workbook(folder / WORKBOOK, book(hub, what))
    return [folder / REPORT, folder / WORKBOOK]


def _report(hub: Hub, what: Shown, sources: list[SourceQuality]) -> CoordinatorReport:
    scope = Scope(what.first, what.last, what.known_at)
    with hub.store.read() as connection:
        names = read_municipalities(connection, what.known_at)
        in_order = dict(sorted(names.items(), key=lambda item: alphabetical(item[1])))
        teams = read_teams(connection, what.known_at)
        return CoordinatorReport(
            district=hub.config.district.name,
            **what.answer,
            figures=[f for f in what.figures if "staff" not in f.unit],
            months=progress.months(connection, scope),
            sources=sources,
            municipalities=names,
            coverage_by_municipality=progress.coverage(connection, scope, "municipality", in_order),
            coverage_by_team=progress.coverage(connection, scope, "team", dict(zip(teams, teams, strict=True))),
            milestones=list(progress.milestones(connection, scope, hub.config.targets, teams)),
            before=progress.before(connection, replace(scope, last=_reached(what, sources)), what.catalogue),
            notes=list(_notes(hub)),
            without_plans=[_titled(s) for s in sources if s.source in progress.without_plans(connection, scope)],
        )


def _reached(what: Shown, sources: list[SourceQuality]) -> date:
    """The last day of the period that data can speak of: a running year is compared with as many months before it."""
    newest = max((s.last_delivery for s in sources if s.last_delivery), default=what.last)
    return max(what.first, min(what.last, newest))


def _titled(source: SourceQuality) -> str:
    return f"{source.carrier} ({source.title})" if source.carrier else source.title


def _notes(hub: Hub) -> Iterator[str]:
    for indicator in progress.unknown_targets(hub.config.targets):
        by_team = progress.counts_by_team(indicator.partition(".")[0])
        why = "Der Katalog kennt sie nicht" if by_team else "Sie wird nicht je Regionalteam gezählt"
        missing = f"{why}; der Meilenstein fehlt in diesem Bericht."
        yield f"Ein Meilenstein nennt die Kennzahl „{indicator}“. {missing}"
