"""The Kennzahlen workbook, filled from the warehouse: figures of district and units, the data behind them. Its look: connectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.writers.kennzahlen_workbook import KennzahlenBook, write_workbook
from pipelines.figures import Asked
from pipelines.outputs import ledger
from pipelines.outputs.shown import Shown, record_labels, shown
from warehouse.ledger.configuration import read_municipalities

if TYPE_CHECKING:
    from pipelines.hub import Hub


def kennzahlen_workbook(hub: Hub, asked: Asked, path: Path) -> None:
    """Writes the workbook for a period (first and last day needed: PeriodOpen) as known on the day asked for."""
    write_workbook(path, book(hub, shown(hub, asked)))


def book(hub: Hub, what: Shown) -> KennzahlenBook:
    """The workbook of figures that were asked for already."""
    with hub.store.read() as connection:
        deliveries = ledger.loaded_until(connection, what.known_at)
        municipalities = read_municipalities(connection, what.known_at)
    return KennzahlenBook(
        district=hub.config.district.name,
        **what.answer,
        figures=what.figures,
        deliveries=deliveries,
        municipalities=municipalities,
        entity_labels=record_labels(),
    )
