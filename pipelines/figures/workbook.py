"""The Kennzahlen workbook, filled from the warehouse: figures of district and units, the data behind them. Its look: connectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.workbook import write_workbook
from pipelines.figures.document_content import DocumentContent, collect_content, record_labels
from pipelines.figures.kennzahlen import FigureRequest
from warehouse.ledger import deliveries
from warehouse.ledger.configuration import read_municipalities

if TYPE_CHECKING:
    from pipelines.hub import Hub


def kennzahlen_workbook(hub: Hub, asked: FigureRequest, path: Path) -> None:
    """Writes the workbook for a period (first and last day needed: PeriodOpen) as known on the day asked for."""
    write_workbook(path, build_book(hub, collect_content(hub, asked)))


def build_book(hub: Hub, what: DocumentContent) -> KennzahlenBook:
    """The workbook of figures that were asked for already."""
    with hub.store.read() as connection:
        loaded = deliveries.loaded_until(connection, what.known_at)
        municipalities = read_municipalities(connection, what.known_at)
    return KennzahlenBook(
        district=hub.config.district.name,
        **what.answer,
        figures=what.figures,
        deliveries=loaded,
        municipalities=municipalities,
        entity_labels=record_labels(),
    )
