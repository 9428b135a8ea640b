"""Makes the Kennzahlen workbook: figures of district and units, and the data behind them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from connectors.documents.kennzahlen.book import CoverageLine, KennzahlenBook
from connectors.documents.kennzahlen.workbook import write_workbook
from pipelines.figures import report_figures
from pipelines.figures.document_content import (
    UNITS_SHOWN,
    DocumentContent,
    collect_content,
    record_labels,
)
from pipelines.figures.kennzahlen import FigureRequest, open_scope
from pipelines.figures.revised_figures import tell_changes
from pipelines.figures.undelivered import list_gaps
from pipelines.funding.grant_book import read_grant_book
from pipelines.funding.posts import average_by_name, list_other_names
from warehouse.ledger import deliveries
from warehouse.ledger.configuration import read_municipalities, read_teams
from warehouse.marts.scope import By, Scope

if TYPE_CHECKING:
    from pipelines.hub import Hub


def kennzahlen_workbook(hub: Hub, asked: FigureRequest, path: Path) -> None:
    """Writes the workbook of a period; raises PeriodOpen where it has no first or no last day."""
    content = collect_content(hub, asked)
    changes = tell_changes(hub, asked, content.known_at, content.figures, UNITS_SHOWN)
    notes = changes.answer | {"later": changes.notes}
    write_workbook(path, replace(build_book(hub, content), **notes))


def build_book(hub: Hub, content: DocumentContent) -> KennzahlenBook:
    """The workbook of figures already computed."""
    scope = open_scope(
        hub, FigureRequest(content.first, content.last, rules=content.rules), content.known_at
    )
    with hub.store.read() as connection:
        loaded = deliveries.loaded_until(connection, content.known_at)
        municipalities = read_municipalities(connection, content.known_at)
        teams = read_teams(connection, content.known_at)
        staff = read_grant_book(connection, content.known_at)
        # A running period is compared with as much of the one before as the data reach.
        newest = max((one.delivered_on for one in loaded), default=content.last)
        reached = replace(scope, last=max(content.first, min(content.last, newest)))
        before = report_figures.compute_earlier(connection, reached, content.catalogue)
        coverage = {
            "Gemeinde": _cover_units(connection, scope, "municipality", municipalities),
            "Regionalteam": _cover_units(connection, scope, "team", {team: team for team in teams}),
        }
    return KennzahlenBook(
        **content.answer,
        figures=content.figures,
        deliveries=loaded,
        municipalities=municipalities,
        entity_labels=record_labels(),
        before=before,
        coverage=coverage,
        vzae=average_by_name(staff, content.first, content.last),
        # A package made before is made again without.
        same_member=list_other_names(staff) if content.rules.edition > 1 else (),
    )


def _cover_units(
    connection: Connection, scope: Scope, by: By, names: dict[str, str]
) -> list[CoverageLine]:
    """The coverage of each unit with open cases, the whole district last."""
    covered = report_figures.compute_coverage(connection, scope, by, names)
    gaps = list_gaps(connection, replace(scope, by=by), ["plans_concluded"])
    lacking = {names.get(str(gap.unit[by])) for gap in gaps if gap.whole}
    return [
        CoverageLine(one.unit, None if one.unit in lacking else one.with_plan, one.clients)
        for one in covered
    ]
