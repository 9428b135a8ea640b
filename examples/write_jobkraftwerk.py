"""Writes Jobkraftwerk's workbook with three sheets and the header in row 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.errors import TableCount
from examples.layout import SYSTEMS, Layout
from examples.quirks import Cell, Speller
from examples.sheets import Book, open_book
from examples.snapshot import Row, Tables

FILE: Final = "jobkraftwerk-export.xlsx"
LARGE: Final = 10_000
NO_GOAL: Final[Row] = dict.fromkeys(("area", "text", "due", "state", "reached"))


class _Speller(Speller):
    """Puts several values into one cell, on lines of their own or with commas."""

    def spell_cell(self, kind: str, value: Any) -> Cell:
        if kind == "keys":
            return "\n".join(value)
        if kind == "many:data_group":
            return ", ".join(value) or None
        if kind.startswith("many:"):
            separator = "\n" if self.rng.random() < 0.4 else ", "
            return self.spell_many(kind.removeprefix("many:"), value, separator)
        return super().spell_cell(kind, value)


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes one workbook; with `harsh` it holds bad rows and an unannounced column."""
    speller = _Speller(rng, "xlsx", harsh)
    with open_book(folder / FILE, day, large=len(tables.conversations) > LARGE) as book:
        return [
            _write_sheet(book, layout, tables, speller) for layout in SYSTEMS["jobkraftwerk"].tables
        ]


def _write_sheet(book: Book, layout: Layout, tables: Tables, speller: Speller) -> TableCount:
    is_plan = layout.kind == "goals"
    rows = list(_plan_rows(tables.plans)) if is_plan else getattr(tables, layout.kind)
    cells = [layout.spell_row(speller, row) for row in rows]
    heads, cells, count = layout.add_mistakes(speller, FILE, rows, cells)
    book.write_table(book.add_sheet(layout.name), heads, cells)
    return count


def _plan_rows(plans: Sequence[Row]) -> Iterator[Row]:
    """One row per plan and goal, or one without goal."""
    for plan in plans:
        of_plan = {name: plan[name] for name in ("key", "clients", "concluded")}
        for goal in plan["goals"] or [NO_GOAL]:
            measure = "Termin begleiten" if goal["text"] else None
            yield {**goal, **of_plan, "measure": measure}
