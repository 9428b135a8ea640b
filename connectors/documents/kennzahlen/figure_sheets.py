"""Fills the sheets of the Kennzahlen workbook with figures (district, units) and the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import TYPE_CHECKING

from connectors.documents.figure_data import KNOWN_LABEL, Group, Unit
from connectors.documents.figure_table import FigureTable, Line, lay_out_lines
from connectors.documents.german_format import period_text
from connectors.documents.kennzahlen.book import KennzahlenBook
from connectors.documents.kennzahlen.sheet_format import (
    Formula,
    set_up_page,
    set_widths,
    write_formula,
    write_link,
    write_texts,
)
from connectors.documents.signs import LEGEND

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

NOT_OFFICIAL = "Dies ist nicht das amtliche Muster nach Nr. 6.2 der VwV Integrationsmanagement."
FACTS = (
    "Kreis",
    "Zeitraum",
    "Klientinnen und Klienten am",
    "Stand des Wissens",
    "Erzeugt aus Ladung Nr.",
    "Katalog",
)
NOTES = (
    "Mehrfachnennungen: Ein Gespräch zählt bei jedem seiner Themen und bei jeder seiner"
    " Weiterleitungen; deren Summe kann größer sein als die Zahl der Gespräche.",
    "Personen zählen je Einheit einmal und im Kreis einmal; die Einheiten können zusammen mehr"
    " ergeben als der Kreis.",
    "nicht geliefert: Die genannten Quellen führen die Angabe nicht; die Zahl ist ohne sie, und wo"
    " keine Quelle sie führt, steht x. – (genau null) und „ohne Angabe“ gelten nur für Quellen, die"
    " sie liefern.",
    "Zeichen: " + "; ".join(f"{sign} {meaning}" for sign, meaning in LEGEND.items()) + ".",
    "belegt: in öffentlichen Quellen genannt. Annahme: nicht belegt, vom Kreis zu bestätigen.",
)


# Each head of a column with its style.
FIGURE_HEADS = (
    ("Kennzahl", "head"),
    ("Wert", "head_number"),
    ("belegt/Annahme", "head"),
    ("Vorzeitraum", "head_number"),
    ("Veränderung", "head_number"),
    ("nicht geliefert von", "head"),
)
LAST_COLUMN = len(FIGURE_HEADS) - 1


@dataclass(frozen=True)
class Frame:
    """What all sheets of one workbook share; ``index`` is the name of the sheet of contents."""

    book: KennzahlenBook
    look: SimpleNamespace
    table: FigureTable
    catalogue: Sequence[Group]
    index: str
    units: Mapping[str, Sequence[Unit]]

    @cached_property
    def before(self) -> FigureTable | None:
        """The district's figures of the period before, if the data reach back."""
        earlier = self.book.before
        return FigureTable(earlier.figures, (), self.book.catalogue) if earlier else None

    @property
    def footer(self) -> str:
        """The line at the foot of every printed page."""
        book = self.book
        return f"{book.district} · Kennzahlen {self.period} · Ladung {book.load} · nicht amtlich"

    @property
    def period(self) -> str:
        """The first and last day of the period."""
        return period_text(self.book.period_from, self.book.period_to)


def fill_front(sheet: Worksheet, frame: Frame) -> None:
    """Fills the sheet "Auswertung Zeitraum" with all figures of the district."""
    look = frame.look
    _write_top(sheet, look, "Kennzahlen Integrationsmanagement")
    _write_facts(sheet, frame)
    write_link(sheet, 8, frame.index, "Zum Inhalt", look)
    last = _write_figures(sheet, frame, start=9)
    _write_notes(sheet, look, [*frame.book.later, *NOTES], start=last + 2)
    set_up_page(sheet, footer=frame.footer, repeat=9, whole=True)


def _write_notes(sheet: Worksheet, look: SimpleNamespace, notes: Sequence[str], start: int) -> None:
    for row, note in enumerate(notes, start):
        sheet.merge_range(row, 0, row, LAST_COLUMN, note, look.note)
        sheet.set_row(row, 32)


def fill_unit(sheet: Worksheet, frame: Frame, unit: Unit) -> None:
    """Fills the sheet with the figures of one Integrationsmanager/in or Gemeinde."""
    look = frame.look
    kind = "Integrationsmanager/in" if unit.kind == "staff" else "Gemeinde"
    origin = f" (Quelle: {unit.source})" if unit.source else ""
    _write_top(sheet, look, f"{kind}: {unit.title}{origin}")
    sheet.write_string(2, 0, f"{frame.book.district}, {frame.period}", look.subtitle)
    write_link(sheet, 3, frame.index, "Zum Inhalt", look)
    _write_figures(sheet, frame, start=4, unit=unit.key)
    set_up_page(sheet, footer=frame.footer, repeat=4, whole=True)


def _write_facts(sheet: Worksheet, frame: Frame) -> None:
    book, look = frame.book, frame.look
    for row, label in enumerate(FACTS, start=2):
        sheet.write_string(row, 0, label, look.fact)
    sheet.write_string(2, 1, book.district, look.fact_value)
    sheet.write_string(3, 1, frame.period, look.fact_value)
    sheet.write_datetime(4, 1, book.counted_on, look.fact_date)
    sheet.write_datetime(5, 1, book.as_of, look.fact_date)
    sheet.write_number(6, 1, book.load, look.fact_number)
    sheet.write_string(7, 1, book.catalogue_version, look.fact_value)


def fill_index(sheet: Worksheet, frame: Frame, entries: Mapping[str, str]) -> None:
    """Fills the index: a link to every sheet and what it shows."""
    look = frame.look
    set_widths(sheet, (36, 120))
    sheet.write_string(0, 0, "Inhalt", look.title)
    sheet.set_row(0, 28)
    sheet.write_string(1, 0, NOT_OFFICIAL, look.fact)
    write_texts(sheet, 2, ("Blatt", "Was darauf steht"), look.head)
    sheet.freeze_panes(3, 0)
    for row, (name, meaning) in enumerate(entries.items(), start=3):
        write_link(sheet, row, name, name, look)
        sheet.write_string(row, 1, meaning, look.text)
    set_up_page(sheet, footer=frame.footer, repeat=2, landscape=True)


def _write_top(sheet: Worksheet, look: SimpleNamespace, title: str) -> None:
    set_widths(sheet, (58, 26, 18, 14, 14, 24))
    # Merged and wrapped, so that a long name does not widen the printed page.
    sheet.merge_range(0, 0, 0, LAST_COLUMN, title, look.long_title)
    sheet.set_row(0, 28 if len(title) <= 60 else 52)
    sheet.merge_range(1, 0, 1, LAST_COLUMN, NOT_OFFICIAL, look.warning)
    sheet.set_row(1, 24)


def _write_figures(
    sheet: Worksheet, frame: Frame, start: int, unit: Mapping[str, str] | None = None
) -> int:
    """Writes head and lines from row ``start`` (0-based) and returns the last row written."""
    look = frame.look
    sheet.set_row(start, 20)
    for column, (head, style) in enumerate(FIGURE_HEADS):
        sheet.write_string(start, column, head, getattr(look, style))
    sheet.freeze_panes(start + 1, 1)
    row = start
    for group in frame.catalogue:
        row += 1
        write_texts(sheet, row, (group["label"], *[""] * LAST_COLUMN), look.group)
        for indicator in group["indicators"]:
            lines = list(lay_out_lines(frame.table, indicator, unit))
            if lines[0].category is not None and len(group["indicators"]) > 1:
                row += 1
                write_texts(sheet, row, (indicator["label"], *[""] * LAST_COLUMN), look.total)
            for line in lines:
                row += 1
                _write_line(sheet, row, line, look)
                if unit is None:
                    _write_earlier(sheet, row, frame, indicator["indicator"], line)
    return row


def _write_line(sheet: Worksheet, row: int, line: Line, look: SimpleNamespace) -> None:
    whole = line.category is None
    sheet.write_string(row, 0, line.label, look.total if whole else look.item)
    if line.value is None:
        sheet.write_string(row, 1, line.text, look.absent)
    else:
        style = f"{'total' if whole else 'item'}_{'revised' if line.revised else 'number'}"
        sheet.write_number(row, 1, line.value, getattr(look, style))
    sheet.write_string(row, 2, KNOWN_LABEL[line.known], look.known)
    sheet.write_string(row, LAST_COLUMN, ", ".join(line.missing), look.known)


def _write_earlier(sheet: Worksheet, row: int, frame: Frame, indicator: str, line: Line) -> None:
    """The figure of the period before and the change since, if both are known."""
    earlier = frame.before.value(indicator, line.category) if frame.before else None
    if earlier is None or line.value is None:
        sheet.write_blank(row, 3, None, frame.look.item_number)
        sheet.write_blank(row, 4, None, frame.look.item_number)
        return
    sheet.write_number(row, 3, earlier, frame.look.item_number)
    change = Formula("{2}-{4}", float(line.value - earlier))  # type: ignore[operator]
    write_formula(sheet, (row, 4), change, frame.look.change)
