"""Tells of a period without any conversation which year has the newest ones."""

from __future__ import annotations

from datetime import date

from pipelines.figures.kennzahlen import FigureRequest, open_scope
from pipelines.figures.report_figures import count_by_month, find_newest_talk
from pipelines.hub import Hub
from warehouse.as_of import KnownAt


def find_other_year(hub: Hub, asked: FigureRequest, known_at: KnownAt) -> int | None:
    """The year of the newest conversation, where the period has none; None where it has any."""
    scope = open_scope(hub, asked, known_at)
    with hub.store.read() as connection:
        newest: date | None = find_newest_talk(connection, scope)
        if newest is None or count_by_month(connection, scope):
            return None
    return newest.year
