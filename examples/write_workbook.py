"""Writes the municipal workbooks: preamble, header in row 5, `Summe` and a hidden list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from examples.district import BY_SOURCE
from examples.errors import TableCount
from examples.labels import REFERRALS, TOPICS
from examples.layout import SYSTEMS, Layout
from examples.quirks import Cell, Speller
from examples.sheets import Book, open_book
from examples.snapshot import Row, Tables

HEADER_ROW: Final = 4
YES: Final = ("x", "x", "X", "Ja")
NO: Final = ("Nein", None, None, None, None, None)


class _Speller(Speller):
    """Marks what applies with crosses or words, and names only the first referral."""

    def spell_cell(self, kind: str, value: Any) -> Cell:
        match kind:
            case "cross":
                return self.rng.choice(YES if value else NO)
            case "family":
                return self.rng.choice(("Ja", "x")) if value == "Familie" else "Nein"
            case "keys":
                return ", ".join(value)
            case "first:referral":
                return super().spell_cell("referral", value[0]) if value else None
        return super().spell_cell(kind, value)


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes a workbook per municipality; `harsh` adds bad rows and an unannounced column."""
    speller = _Speller(rng, "xlsx", harsh, SYSTEMS["workbook"].usual)
    counts: list[TableCount] = []
    for ags in BY_SOURCE["workbook"].municipalities:
        rows = {
            layout.kind: [row for row in getattr(tables, layout.kind) if row["ags"] == ags]
            for layout in SYSTEMS["workbook"].tables
        }
        if rows["cases"]:
            counts += _write_book(folder, day, rows, speller)
    return counts


def _write_book(
    folder: Path, day: date, rows: dict[str, list[Row]], speller: Speller
) -> list[TableCount]:
    first = rows["cases"][0]
    preamble = {
        "Gemeinde:": first["place"],
        "Stand:": f"{day:%d.%m.%Y}",
        "Bearbeitung:": first["staff"],
    }
    file = f"{first['place']}.xlsx"
    with open_book(folder / file, day) as book:
        counts = [
            _write_sheet(book, layout, file, rows[layout.kind], preamble, speller)
            for layout in SYSTEMS["workbook"].tables
        ]
        lists = book.add_sheet("Listen")
        lists.hide()
        lists.write_column(0, 0, ["Ja", "Nein", "x", *REFERRALS])
    return counts


def _write_sheet(
    book: Book,
    layout: Layout,
    file: str,
    rows: list[Row],
    preamble: dict[str, str],
    speller: Speller,
) -> TableCount:
    marked = [
        {**row, **{topic: topic in row.get("topics", ()) for topic in TOPICS}} for row in rows
    ]
    cells: list[list[Cell]] = [[None, *layout.spell_row(speller, row)] for row in marked]
    heads, cells, count = layout.add_mistakes(speller, file, rows, cells)
    _number_rows(cells)
    sheet = book.add_sheet(layout.name)
    for at, line in enumerate(preamble.items()):
        sheet.write_row(at, 0, line)
    last = book.write_table(sheet, ["Lfd.", *heads], cells, HEADER_ROW)
    _write_total(sheet, last, layout, cells)
    return count


def _write_total(sheet: Worksheet, at: int, layout: Layout, rows: list[list[Cell]]) -> None:
    """Writes the minutes of the conversations or the number of clients below the table."""
    sheet.write_string(at, 0, "Summe")
    if layout.kind == "conversations":
        sheet.write_number(at, 4, sum(row[4] for row in rows if isinstance(row[4], int)))
    else:
        sheet.write_number(at, 2, len(rows))


def _number_rows(rows: Sequence[list[Cell]]) -> None:
    """Fills `Lfd.`; a repeat is the same list object and keeps the number of its original."""
    for place, row in enumerate(rows, start=1):
        if row[0] is None:
            row[0] = place
