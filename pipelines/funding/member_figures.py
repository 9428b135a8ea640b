"""The Kennzahlen of one Integrationsmanager/in, under whatever names the sources record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from connectors.documents.figure_data import Figure, Gap
from mappings.catalogue import Catalogue, Indicator
from pipelines.figures.kennzahlen import FigureRequest, list_figure_lines, open_scope
from pipelines.figures.undelivered import list_gaps
from warehouse.marts.indicators import INDICATORS

if TYPE_CHECKING:
    from pipelines.figures.figure_rules import FigureRules
    from pipelines.hub import Hub
    from warehouse.as_of import KnownAt
    from warehouse.marts.scope import Scope

# A name as recorded, and its source.
Named = tuple[str, str]


def open_member_scope(
    hub: Hub, first: date, last: date, known_at: KnownAt, rules: FigureRules
) -> Scope:
    """The scope of a member's figures in a period."""
    return open_scope(hub, FigureRequest(first, last, None, rules), known_at, "staff")


def count_member(
    connection: Connection, scope: Scope, catalogue: Catalogue, names: Collection[Named]
) -> list[Figure]:
    """The catalogue's figures of all these names together, each conversation and person once."""
    return [
        figure
        for indicator in _list_counted(catalogue)
        for figure in _count(connection, scope, indicator, names)
    ]


def _list_counted(catalogue: Catalogue) -> list[Indicator]:
    """The indicators that are counted by staff at all."""
    return [i for i in catalogue.indicators() if "staff" in INDICATORS[i.indicator].units]


def _count(
    connection: Connection, scope: Scope, indicator: Indicator, names: Collection[Named]
) -> Iterable[Figure]:
    counting = INDICATORS[indicator.indicator].count_together(scope, names)
    counted = dict(map(_read_count, connection.execute(counting)))
    return list_figure_lines(indicator, {}, counted, shown=True)


def _read_count(row: Any) -> tuple[str | None, int]:
    return getattr(row, "category", None), int(row.value)


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
