"""Writes the Kennzahlen workbook in its neutral layout: its sheets and their order."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.documents.atomic_file import write_atomically
from connectors.documents.figure_data import Unit
from connectors.documents.figure_table import FigureTable, complete_catalogue, list_units
from connectors.documents.kennzahlen import evidence_sheets, figure_sheets
from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.coverage_sheet import fill_coverage
from connectors.documents.kennzahlen.figure_sheets import Frame
from connectors.documents.kennzahlen.matrix_sheets import KINDS, Topic, fill_matrix, list_topics
from connectors.documents.kennzahlen.sheet_format import SheetNames, make_formats
from connectors.documents.packed_parts import pack_anew

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

# Text stays text, even if it looks like a formula, a link or a number.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
SHEETS_BY_UNIT = (("municipality", "Gemeinden"), ("staff", "IM"))


def write_workbook(path: Path, book: KennzahlenBook) -> None:
    """Writes the workbook to ``path`` (XLSX); the same ``book`` always gives the same bytes."""
    write_atomically(path, make_workbook(book))


def make_workbook(book: KennzahlenBook) -> bytes:
    """The bytes of the workbook."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        workbook.set_properties(_list_properties(book))
        _fill_sheets(workbook, book)
    # Packed anew: what compression gives differs between machines.
    return pack_anew(buffer.getvalue())


def _list_properties(book: KennzahlenBook) -> dict[str, Any]:
    return {
        "title": f"Kennzahlen Integrationsmanagement, {book.district}",
        "subject": "Neutrale Auswertung, nicht das amtliche Muster nach Nr. 6.2 der VwV"
        " Integrationsmanagement",
        "author": "Drehscheibe",
        "company": book.district,
        "created": book.created.replace(tzinfo=None, microsecond=0),
    }


def _fill_sheets(workbook: Workbook, book: KennzahlenBook) -> None:
    """Creates all sheets first, so that links find their targets, then fills them."""
    names = SheetNames()
    front, index = names.make_legal("Auswertung Zeitraum"), names.make_legal("Inhalt")
    coverage = names.make_legal("Abdeckung")
    definitions, evidence = names.make_legal("Definitionen"), names.make_legal("Datengrundlage")
    frame = _make_frame(workbook, book, index)
    matrices = {
        names.make_legal(topic.short_title, ending): topic
        for kind, ending in SHEETS_BY_UNIT
        for topic in list_topics(frame, kind)
    }
    order = (front, index, *matrices, coverage, definitions, evidence)
    sheets = {name: workbook.add_worksheet(name) for name in order}

    figure_sheets.fill_front(sheets[front], frame)
    entries = {
        front: "Zahlen des ganzen Kreises, mit dem Vorzeitraum",
        **{name: _describe_matrix(topic) for name, topic in matrices.items()},
        coverage: "Wie viele Fälle einen Integrationsplan haben; was Quellen nicht liefern",
        definitions: "Was jede Kennzahl zählt und woher das bekannt ist",
        evidence: "Die Lieferungen hinter den Zahlen und was aus ihren Zeilen wurde",
    }
    figure_sheets.fill_index(sheets[index], frame, entries)
    for name, topic in matrices.items():
        fill_matrix(sheets[name], frame, topic)
    fill_coverage(sheets[coverage], frame)
    evidence_sheets.fill_definitions(sheets[definitions], frame)
    evidence_sheets.fill_balance(sheets[evidence], frame)
    sheets[front].activate()


def _make_frame(workbook: Workbook, book: KennzahlenBook, index: str) -> Frame:
    table = FigureTable(book.figures, book.gaps, book.catalogue, book.revised)
    catalogue = complete_catalogue(book.catalogue, table)
    return Frame(book, make_formats(workbook), table, catalogue, index, _list_all_units(book))


def _list_all_units(book: KennzahlenBook) -> dict[str, list[Unit]]:
    """The units of each kind that has a sheet for each of them."""
    return {kind: list_units(book.figures, kind, book.municipalities) for kind, _ in SHEETS_BY_UNIT}


def _describe_matrix(topic: Topic) -> str:
    return f"{topic.title}: eine Zeile je {KINDS[topic.kind][0]}, mit Prüfsummen"
