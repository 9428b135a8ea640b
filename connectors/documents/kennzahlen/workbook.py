"""The Kennzahlen workbook in its neutral layout: which sheets there are, in which order. No cells here."""

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

SHEETS_BY_UNIT = (("staff", "IM"), ("municipality", "Gemeinde"))


def write_workbook(path: Path, book: KennzahlenBook) -> None:
    """Write the workbook to ``path`` (XLSX); the same ``book`` always gives the same bytes."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        workbook.set_properties(
            {
                "title": f"Kennzahlen Integrationsmanagement, {book.district}",
                "subject": "Neutrale Auswertung, nicht das amtliche Muster nach Nr. 6.2 der VwV Integrationsmanagement",
                "author": "Drehscheibe",
                "company": book.district,
                "created": book.created.replace(tzinfo=None, microsecond=0),
            }
        )
        _fill_sheets(workbook, book)
    write_atomically(path, buffer.getvalue())


def _fill_sheets(workbook: Workbook, book: KennzahlenBook) -> None:
    """Create all sheets first, so that links find their targets, then fill them in order."""
    names = SheetNames()
    front, index = names.make_legal("Auswertung Zeitraum"), names.make_legal("Inhalt")
    definitions, evidence = names.make_legal("Definitionen"), names.make_legal("Datengrundlage")
    parts = {names.make_legal(*_wanted_name(unit)): unit for unit in _sheet_units(book)}
    sheets = {
        name: workbook.add_worksheet(name) for name in (front, index, *parts, definitions, evidence)
    }
    table = FigureTable(book.figures)
    frame = Frame(
        book, make_formats(workbook), table, complete_catalogue(book.catalogue, table), index
    )

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


def _sheet_units(book: KennzahlenBook) -> list[Unit]:
    """Give the units that get a sheet of their own, Integrationsmanager first."""
    return [
        unit
        for kind, _ in SHEETS_BY_UNIT
        for unit in list_units(book.figures, kind, book.municipalities)
    ]


def _wanted_name(unit: Unit) -> tuple[str, str]:
    return (
        f"{dict(SHEETS_BY_UNIT)[unit.kind]} {unit.title}",
        f"({unit.source})" if unit.source else "",
    )


def _describe_unit(unit: Unit) -> str:
    if unit.kind == "staff":
        return f"Integrationsmanager/in {unit.title}" + (
            f", Quelle {unit.source}" if unit.source else ""
        )
    return f"Gemeinde {unit.title}, AGS {unit.key[unit.kind]}"
