"""The sheets of the Kennzahlen workbook that explain the figures: definitions, balance of the data. No figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from connectors.documents.figure_data import KNOWN_LABEL, Delivery, TableBalance
from connectors.documents.figure_table import full_label
from connectors.documents.kennzahlen.figure_sheets import NOT_OFFICIAL, Frame
from connectors.documents.kennzahlen.sheet_format import Formats, set_up_page, write_link

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

Cell = str | int | date | None
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
RECORD_HEADS = ("neu", "geändert", "unverändert", "entfallen", "", "Datensatzart", "", "")
# Twelve digits tell mappings apart; the whole hash would only widen the sheet.
SHORT_HASH = 12
DEFINITION_WIDTHS = (34, 34, 70, 46, 16)
BALANCE_WIDTHS = (16, 13, 9, 12, 34, 24, 11, 11, 12, 11, 12, 34, 14, 26)
STATES = {"loaded": "geladen", "incomplete": "unvollständig", "failed": "nicht geladen"}
EVERY_ROW = "Jede gelesene Zeile ist verwendet, abgelehnt, als wörtliche Wiederholung erkannt oder aus einem genannten Grund ausgelassen."


def fill_definitions(sheet: Worksheet, frame: Frame) -> None:
    """Fill the sheet that says of every indicator what it counts, where that comes from, if it is proven."""
    heading = f"Katalog {frame.book.catalogue_version}. {NOT_OFFICIAL}"
    _write_top(sheet, frame, "Definitionen", heading, DEFINITION_WIDTHS)
    rows: list[Sequence[Cell]] = []
    for group in frame.catalogue:
        for indicator in group["indicators"]:
            label, known = full_label(group, indicator), KNOWN_LABEL[indicator["known"]]
            rows.append((label, None, indicator["definition"], indicator["source"], known))
            # Where all categories share one word, the line of the indicator has said it.
            if len({part["known"] for part in indicator["categories"]} | {indicator["known"]}) > 1:
                rows += [
                    (label, part["label"], None, None, KNOWN_LABEL[part["known"]])
                    for part in indicator["categories"]
                ]
    heads = ("Kennzahl", "Kategorie", "Definition", "Quelle", "belegt/Annahme")
    _write_table(sheet, frame.look, 3, heads, rows, DEFINITION_WIDTHS)
    sheet.freeze_panes(4, 1)


def fill_balance(sheet: Worksheet, frame: Frame) -> None:
    """Fill the sheet with every delivery behind the figures: rows and records per table, load, hash of the mapping."""
    look, deliveries = frame.look, frame.book.deliveries
    _write_top(sheet, frame, "Datengrundlage", EVERY_ROW, BALANCE_WIDTHS)
    last = _write_table(
        sheet,
        look,
        3,
        PLACE_HEADS + ROW_HEADS,
        [_row_cells(*pair) for pair in _delivery_tables(deliveries)],
        BALANCE_WIDTHS,
    )
    sheet.freeze_panes(4, 1)
    sheet.write_string(last + 2, 0, "Datensätze je Lieferung", look.subtitle)
    records = [row for pair in _delivery_tables(deliveries) for row in _record_rows(*pair, frame)]
    _write_table(sheet, look, last + 3, PLACE_HEADS + RECORD_HEADS, records, BALANCE_WIDTHS)


def _write_top(
    sheet: Worksheet, frame: Frame, title: str, heading: str, widths: Sequence[int]
) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_string(0, 0, title, frame.look.title)
    sheet.set_row(0, 28)
    sheet.write_string(1, 0, heading, frame.look.fact)
    write_link(sheet, 2, 0, frame.index, "Zum Inhalt", frame.look)
    set_up_page(sheet, footer=frame.footer, repeat=3, landscape=True)


def _delivery_tables(deliveries: Sequence[Delivery]) -> Iterator[tuple[Delivery, TableBalance]]:
    for delivery in deliveries:
        for table in delivery.tables:
            yield delivery, table


def _place_cells(delivery: Delivery, table: TableBalance) -> tuple[Cell, ...]:
    state = STATES.get(delivery.state, delivery.state)
    return delivery.source, delivery.delivered_on, delivery.load, state, table.file, table.table


def _row_cells(delivery: Delivery, table: TableBalance) -> tuple[Cell, ...]:
    counts = table.used, table.rejected, table.repeated, table.left_out
    reasons = ", ".join(f"{reason}: {count}" for reason, count in table.left_out_by.items())
    closes = "geht auf" if table.read == sum(counts) else "geht nicht auf"
    return (
        *_place_cells(delivery, table),
        table.read,
        *counts,
        reasons or None,
        closes,
        delivery.mapping[:SHORT_HASH],
    )


def _record_rows(
    delivery: Delivery, table: TableBalance, frame: Frame
) -> Iterator[tuple[Cell, ...]]:
    for entity, counts in table.records.items():
        label = frame.book.entity_labels.get(entity, entity)
        changes = counts.new, counts.changed, counts.unchanged, counts.gone
        yield (*_place_cells(delivery, table), *changes, None, label, None, None)


def _write_table(
    sheet: Worksheet,
    look: Formats,
    start: int,
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    widths: Sequence[int],
) -> int:
    """Write a table of typed cells from row ``start``, give its last row; text stays text whatever it begins with."""
    sheet.set_row(start, 20)
    for column, head in enumerate(heads):
        numeric = any(isinstance(row[column], int) for row in rows)
        sheet.write_string(start, column, head, look.head_number if numeric else look.head)
    for number, row in enumerate(rows, start=start + 1):
        # Programs other than Excel do not fit the height of wrapped rows by themselves.
        lines = max(
            -(-len(str(value)) // (width - 2)) for value, width in zip(row, widths, strict=True)
        )
        sheet.set_row(number, 15 * lines + 1)
        for column, value in enumerate(row):
            _write_cell(sheet, number, column, value, look)
    return start + len(rows)


def _write_cell(sheet: Worksheet, row: int, column: int, value: Cell, look: Formats) -> None:
    if value is None:
        sheet.write_blank(row, column, None, look.text)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, look.date)
    elif isinstance(value, int):
        sheet.write_number(row, column, value, look.integer)
    else:
        sheet.write_string(row, column, value, look.text)
