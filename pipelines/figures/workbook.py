"""Makes the Kennzahlen workbook: figures of district and units, and the data behind them."""

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
    """Writes the workbook of a period; raises PeriodOpen where it has no first or no last day."""
    write_workbook(path, build_book(hub, collect_content(hub, asked)))


def build_book(hub: Hub, content: DocumentContent) -> KennzahlenBook:
    """The workbook of figures already computed."""
    with hub.store.read() as connection:
        loaded = deliveries.loaded_until(connection, content.known_at)
        municipalities = read_municipalities(connection, content.known_at)
    return KennzahlenBook(
        **content.answer,
        figures=content.figures,
        deliveries=loaded,
        municipalities=municipalities,
        entity_labels=record_labels(),
    )
