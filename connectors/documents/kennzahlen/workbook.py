"""Writes the Kennzahlen workbook in its neutral layout: its sheets and their order."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.documents.atomic_file import write_atomically
from connectors.documents.figure_data import Unit
from connectors.documents.figure_table import FigureTable, complete_catalogue, list_units
from connectors.documents.kennzahlen import evidence_sheets, figure_sheets
from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.figure_sheets import Frame
from connectors.documents.kennzahlen.sheet_format import SheetNames, make_formats

if TYPE_CHECKING:
    from xlsxwriter import Workbook  # type: ignore[import-untyped]

# Text stays text, even if it looks like a formula, a link or a number.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
SHEETS_BY_UNIT = (("staff", "IM"), ("municipality", "Gemeinde"))


def write_workbook(path: Path, book: KennzahlenBook) -> None:
    """Writes the workbook to ``path`` (XLSX); the same ``book`` always gives the same bytes."""
    write_atomically(path, make_workbook(book))


def make_workbook(book: KennzahlenBook) -> bytes:
    """The bytes of the workbook."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as workbook:
        workbook.set_properties(
            {
                "title": f"Kennzahlen Integrationsmanagement, {book.district}",
                "subject": "Neutrale Auswertung, nicht das amtliche Muster nach Nr. 6.2 der VwV"
                " Integrationsmanagement",
                "author": "Drehscheibe",
                "company": book.district,
                "created": book.created.replace(tzinfo=None, microsecond=0),
            }
        )
        _fill_sheets(workbook, book)
    return buffer.getvalue()


def _fill_sheets(workbook: Workbook, book: KennzahlenBook) -> None:
    """Creates all sheets first, so that links find their targets, then fills them."""
    names = SheetNames()
    front, index = names.make_legal("Auswertung Zeitraum"), names.make_legal("Inhalt")
    definitions, evidence = names.make_legal("Definitionen"), names.make_legal("Datengrundlage")
    parts = {names.make_legal(*_wanted_name(unit)): unit for unit in _sheet_units(book)}
    order = (front, index, *parts, definitions, evidence)
    sheets = {name: workbook.add_worksheet(name) for name in order}
    frame = _make_frame(workbook, book, index)

    figure_sheets.fill_front(sheets[front], frame)
    entries = {
        front: "Zahlen des ganzen Kreises",
        **{name: _describe_unit(unit) for name, unit in parts.items()},
        definitions: "Was jede Kennzahl zählt und woher das bekannt ist",
        evidence: "Die Lieferungen hinter den Zahlen und was aus ihren Zeilen wurde",
    }
    figure_sheets.fill_index(sheets[index], frame, entries)
    for name, unit in parts.items():
        figure_sheets.fill_unit(sheets[name], frame, unit)
    evidence_sheets.fill_definitions(sheets[definitions], frame)
    evidence_sheets.fill_balance(sheets[evidence], frame)
    sheets[front].activate()


def _make_frame(workbook: Workbook, book: KennzahlenBook, index: str) -> Frame:
    table = FigureTable(book.figures, book.gaps, book.catalogue)
    catalogue = complete_catalogue(book.catalogue, table)
    return Frame(book, make_formats(workbook), table, catalogue, index)


def _sheet_units(book: KennzahlenBook) -> list[Unit]:
    """The units that get a sheet of their own, Integrationsmanager first."""
    return [
        unit
        for kind, _ in SHEETS_BY_UNIT
        for unit in list_units(book.figures, kind, book.municipalities)
    ]


def _wanted_name(unit: Unit) -> tuple[str, str]:
    suffix = f"({unit.source})" if unit.source else ""
    return f"{dict(SHEETS_BY_UNIT)[unit.kind]} {unit.title}", suffix


def _describe_unit(unit: Unit) -> str:
    if unit.kind != "staff":
        return f"Gemeinde {unit.title}, AGS {unit.key[unit.kind]}"
    source = f", Quelle {unit.source}" if unit.source else ""
    return f"Integrationsmanager/in {unit.title}{source}"
