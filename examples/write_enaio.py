"""Writes enaio's linear XML export ("LOL"), one file per object type.

The header says `encoding="UTF8"`, which is no legal name, because that is what the system writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from examples.errors import TableCount
from examples.layout import SYSTEMS, Layout
from examples.quirks import Cell, Speller
from examples.snapshot import Row, Tables

TYPE_ID: Final = 262_144


class _Speller(Speller):
    """Puts several values into one cell with bars between them."""

    def spell_cell(self, kind: str, value: Any) -> Cell:
        if kind == "keys":
            return "|".join(value)
        if kind.startswith("many:"):
            return self.spell_many(kind.removeprefix("many:"), value, "|")
        return super().spell_cell(kind, value)


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes five XML files into `folder`; with `harsh` they hold bad rows too."""
    speller = _Speller(rng, "xml", harsh)
    return [
        _write_file(folder, number, layout, tables, speller)
        for number, layout in enumerate(SYSTEMS["enaio"].tables, start=1)
    ]


def _write_file(
    folder: Path, number: int, layout: Layout, tables: Tables, speller: Speller
) -> TableCount:
    rows: list[Row] = getattr(tables, layout.kind)
    cells = [
        [place, *layout.spell_row(speller, row)]
        for place, row in enumerate(rows, start=number * 1_000_000 + 1)
    ]
    file = f"{layout.name}.xml"
    _, cells, count = layout.add_mistakes(speller, file, rows, cells)
    (folder / file).write_bytes(_render_xml(layout, number, cells).encode("utf-8"))
    return count


def _render_xml(layout: Layout, number: int, rows: Sequence[Sequence[Cell]]) -> str:
    name, base = layout.name, "FOLDER" if layout.kind == "cases" else "DOCUMENT"
    heads = "".join(
        _render_column(name, head, kind == "date", place)
        for place, (head, _, kind) in enumerate(layout.columns, start=1)
    )
    body = "\n".join(map(_render_row, rows))
    return (
        '<?xml version="1.0" encoding="UTF8" ?>\n'
        '<DMSContent format="LOL"><Archive name="Fluechtlinge" id="7">'
        f'<ObjectType name="{name}" id="{TYPE_ID + number}" type="{base}">\n'
        f'<Rowset><Columns>{heads}<Column name="@FILES"/></Columns>\n'
        f"<Rows>{body}\n</Rows></Rowset></ObjectType></Archive></DMSContent>\n"
    )


def _render_column(name: str, head: str, is_date: bool, place: int) -> str:
    kind, short = ("DATE", "D") if is_date else ("TEXT", "X")
    return (
        f'<Column object="{name}" name={quoteattr(head)} type="{kind}"'
        f' ostype="{short}" dbname="feld{place}" system="0"/>'
    )


def _render_row(row: Sequence[Cell]) -> str:
    number, *cells = row
    values = (
        "<Value/>" if cell is None else f"<Value>{escape(str(cell))}</Value>" for cell in cells
    )
    return f'<Row id="{number}">{"".join(values)}<Value/></Row>'
