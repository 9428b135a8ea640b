"""Fills the sheets of the Kennzahlen workbook with definitions and the balance of deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from types import SimpleNamespace
from typing import TYPE_CHECKING

from connectors.documents.figure_data import KNOWN_LABEL, Delivery, Group, Indicator, TableBalance
from connectors.documents.figure_table import full_label
from connectors.documents.kennzahlen.figure_sheets import NOT_OFFICIAL, Frame
from connectors.documents.kennzahlen.sheet_format import (
    Formula,
    mark_table,
    set_up_page,
    set_widths,
    write_formula,
    write_link,
)

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Cell = str | int | date | Formula | None
PLACE_HEADS = ("Quelle", "Lieferung", "Ladung", "Zustand", "Datei", "Tabelle")
ROW_HEADS = (
    "gelesen",
    "verwendet",
    "abgelehnt",
    "wiederholt",
    "ausgelassen",
    "Gründe",
    "Bilanz",
    "Zuordnung",
)
RECORD_HEADS = ("Datensatzart", "neu", "geändert", "unverändert", "entfallen")
# Twelve digits distinguish mappings; the whole hash would widen the sheet.
SHORT_HASH = 12
DEFINITION_HEADS = ("Kennzahl", "Kategorie", "Definition", "Quelle", "belegt/Annahme")
DEFINITION_WIDTHS = (34, 34, 70, 46, 16)
BALANCE_WIDTHS = (16, 13, 9, 12, 34, 24, 11, 11, 12, 11, 12, 34, 14, 26)
STATES = {"loaded": "geladen", "incomplete": "unvollständig", "failed": "nicht geladen"}
EVERY_ROW = (
    "Jede gelesene Zeile ist verwendet, abgelehnt, als wörtliche Wiederholung erkannt oder aus"
    " einem genannten Grund ausgelassen."
)


def fill_definitions(sheet: Worksheet, frame: Frame) -> None:
    """Fills the sheet with the definition of each indicator, its source, and if it is proven."""
    heading = f"Katalog {frame.book.catalogue_version}. {NOT_OFFICIAL}"
    _write_top(sheet, frame, "Definitionen", heading, DEFINITION_WIDTHS)
    rows = list(_list_definitions(frame.catalogue))
    _write_table(sheet, frame.look, 3, DEFINITION_HEADS, rows, DEFINITION_WIDTHS)
    sheet.freeze_panes(4, 1)


def _list_definitions(catalogue: Iterable[Group]) -> Iterator[tuple[Cell, ...]]:
    for group in catalogue:
        for indicator in group["indicators"]:
            yield from _definition_rows(full_label(group, indicator), indicator)


def _definition_rows(label: str, indicator: Indicator) -> Iterator[tuple[Cell, ...]]:
    """A row for the indicator, and one per category if these are not all known alike."""
    known = indicator["known"]
    yield label, None, indicator["definition"], indicator["source"], KNOWN_LABEL[known]
    if any(part["known"] != known for part in indicator["categories"]):
        for part in indicator["categories"]:
            yield label, part["label"], None, None, KNOWN_LABEL[part["known"]]


def fill_balance(sheet: Worksheet, frame: Frame) -> None:
    """Fills the sheet of the deliveries behind the figures: rows and records of each table."""
    look = frame.look
    tables = [(delivery, table) for delivery in frame.book.deliveries for table in delivery.tables]
    _write_top(sheet, frame, "Datengrundlage", EVERY_ROW, BALANCE_WIDTHS)
    rows = [_row_cells(*pair) for pair in tables]
    last = _write_table(sheet, look, 3, PLACE_HEADS + ROW_HEADS, rows, BALANCE_WIDTHS)
    sheet.freeze_panes(4, 1)
    sheet.write_string(last + 2, 0, "Datensätze je Lieferung", look.subtitle)
    records = [row for pair in tables for row in _record_rows(*pair, frame)]
    widths = (*BALANCE_WIDTHS[:6], 24, *BALANCE_WIDTHS[7:11])
    _write_table(sheet, look, last + 3, PLACE_HEADS + RECORD_HEADS, records, widths)


def _write_top(
    sheet: Worksheet, frame: Frame, title: str, heading: str, widths: Sequence[int]
) -> None:
    set_widths(sheet, widths)
    sheet.write_string(0, 0, title, frame.look.title)
    sheet.set_row(0, 28)
    sheet.write_string(1, 0, heading, frame.look.fact)
    write_link(sheet, 2, frame.index, "Zum Inhalt", frame.look)
    set_up_page(sheet, footer=frame.footer, repeat=3, landscape=True)


def _place_cells(delivery: Delivery, table: TableBalance) -> tuple[Cell, ...]:
    state = STATES.get(delivery.state, delivery.state)
    return delivery.source, delivery.delivered_on, delivery.load, state, table.file, table.table


def _row_cells(delivery: Delivery, table: TableBalance) -> tuple[Cell, ...]:
    counts = table.used, table.rejected, table.repeated, table.left_out
    return (
        *_place_cells(delivery, table),
        table.read,
        *counts,
        _list_reasons(table),
        _check_sum(table.read, sum(counts)),
        delivery.mapping[:SHORT_HASH],
    )


def _list_reasons(table: TableBalance) -> str | None:
    """Why rows were left out, each with their number."""
    return ", ".join(f"{reason}: {count}" for reason, count in table.left_out_by.items()) or None


def _check_sum(read: int, accounted: int) -> Formula:
    return Formula(
        'IF({7}={8}+{9}+{10}+{11},"geht auf","geht nicht auf")',
        "geht auf" if read == accounted else "geht nicht auf",
    )


def _record_rows(
    delivery: Delivery, table: TableBalance, frame: Frame
) -> Iterator[tuple[Cell, ...]]:
    for entity, counts in table.records.items():
        label = frame.book.entity_labels.get(entity, entity)
        changes = counts.new, counts.changed, counts.unchanged, counts.gone
        yield (*_place_cells(delivery, table), label, *changes)


def _write_table(
    sheet: Worksheet,
    look: SimpleNamespace,
    start: int,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[int],
) -> int:
    """Writes a table of typed cells from row ``start`` (0-based) and returns its last row."""
    sheet.set_row(start, 20)
    styles = [
        look.head_number if any(isinstance(row[column], int) for row in rows) else look.head
        for column in range(len(heads))
    ]
    if rows:
        area = (start, 0, start + len(rows), len(heads) - 1)
        mark_table(sheet, area, heads, styles)
    else:
        for column, (head, style) in enumerate(zip(heads, styles, strict=True)):
            sheet.write_string(start, column, head, style)
    for number, row in enumerate(rows, start=start + 1):
        sheet.set_row(number, _row_height(row, widths))
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value, look)
    return start + len(rows)


def _row_height(row: Sequence[Cell], widths: Sequence[int]) -> int:
    """The height of a row with wrapped text, which only Excel would fit by itself."""
    cells = zip(row, widths, strict=True)
    texts = [(value, width) for value, width in cells if not isinstance(value, Formula)]
    return 15 * max(-(-len(str(value)) // (width - 2)) for value, width in texts) + 1


def _write_cell(
    sheet: Worksheet, row: int, column: int, value: Cell, look: SimpleNamespace
) -> None:
    if value is None:
        sheet.write_blank(row, column, None, look.text)
    elif isinstance(value, Formula):
        write_formula(sheet, (row, column), value, look.text)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, look.date)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, look.integer)
    else:
        sheet.write_string(row, column, value, look.text)
