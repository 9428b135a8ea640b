"""The Kennzahlen of one Integrationsmanager/in, under whatever names the sources record."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from connectors.documents.figure_data import Figure, Gap
from mappings.catalogue import Catalogue
from pipelines.figures.kennzahlen import FigureRequest, list_figure_lines, open_scope
from pipelines.figures.undelivered import list_gaps
from warehouse.marts.indicators import INDICATORS

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt
    from warehouse.marts.scope import Scope

# A name as recorded, and its source.
Named = tuple[str, str]


def open_member_scope(hub: Hub, first: date, last: date, known_at: KnownAt) -> Scope:
    """The scope of a member's figures in a period."""
    return open_scope(hub, FigureRequest(first, last), known_at, "staff")


def count_member(
    connection: Connection, scope: Scope, catalogue: Catalogue, names: Collection[Named]
) -> list[Figure]:
    """The catalogue's figures of all these names together, each conversation and person once."""
    return [
        figure
        for indicator in catalogue.indicators()
        if "staff" in INDICATORS[indicator.indicator].units
        for figure in list_figure_lines(
            indicator, {}, _count(connection, scope, indicator.indicator, names), shown=True
        )
    ]


def _count(
    connection: Connection, scope: Scope, indicator: str, names: Collection[Named]
) -> dict[str | None, int]:
    rows = connection.execute(INDICATORS[indicator].count_together(scope, names)).mappings()
    return {row.get("category"): int(row["value"]) for row in rows}


def list_member_gaps(
    connection: Connection, scope: Scope, catalogue: Catalogue, names: Collection[Named]
) -> list[Gap]:
    """What the sources of these names do not deliver; whole where none of them does."""
    sources = {source for _, source in names}
    shown = [line.indicator for line in catalogue.indicators()]
    missing: dict[str, set[str]] = {}
    for gap in list_gaps(connection, scope, shown):
        if (gap.unit.get("staff"), gap.unit.get("source")) in names:
            missing.setdefault(gap.indicator, set()).update(gap.sources)
    return [
        Gap(name, {}, sorted(found & sources), sources <= found) for name, found in missing.items()
    ]
