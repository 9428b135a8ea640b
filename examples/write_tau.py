"""Writes TAU Office's three CSV files in code page 1252.

Text is quoted, numbers, dates and flags are not; a contact has one row per topic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import chain, repeat
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.errors import TableCount
from examples.layout import SYSTEMS, Layout
from examples.quirks import Cell, Speller
from examples.snapshot import Row, Tables

BARE: Final = ("date", "decimal", "flag")


class _Speller(Speller):
    """Writes flags as -1 and 0, and durations with a decimal."""

    def spell_cell(self, kind: str, value: Any) -> Cell:
        if kind == "flag":
            return "-1" if value else "0"
        if kind == "decimal":
            return None if value is None else f"{value},0"
        return super().spell_cell(kind, value)


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes three CSV files; with `harsh` they hold bad rows and an unannounced column."""
    speller = _Speller(rng, "csv", harsh, SYSTEMS["tau"].usual)
    layouts = SYSTEMS["tau"].tables
    spelled = [list(_spell_rows(speller, layout, tables)) for layout in layouts]
    return [
        _write_file(folder, layout, getattr(tables, layout.kind), cells, speller)
        for layout, cells in zip(layouts, spelled, strict=True)
    ]


def _spell_rows(speller: Speller, layout: Layout, tables: Tables) -> Iterator[list[Cell]]:
    rows: list[Row] = getattr(tables, layout.kind)
    if layout.kind == "conversations":
        yield from _spell_contacts(speller, layout, rows)
    else:
        yield from (layout.spell_row(speller, row) for row in rows)


def _spell_contacts(speller: Speller, layout: Layout, talks: Sequence[Row]) -> Iterator[list[Cell]]:
    """One row per contact and topic; the other cells are spelled once per contact."""
    topic_at = [column.name for column in layout.columns].index("topic")
    for talk in talks:
        referral = talk["referrals"][0] if talk["referrals"] else None
        row = {**talk, "client": talk["clients"][0], "referral": referral, "topic": None}
        cells = layout.spell_row(speller, row)
        for topic in talk["topics"] or [None]:
            cells[topic_at] = speller.spell_cell("topic", topic)
            yield list(cells)


def _write_file(
    folder: Path, layout: Layout, rows: list[Row], cells: list[list[Cell]], speller: Speller
) -> TableCount:
    file = f"{layout.name}.csv"
    heads, cells, count = layout.add_mistakes(speller, file, rows, cells)
    quoted = [column.kind not in BARE for column in layout.columns]
    (folder / file).write_bytes(_render_csv(heads, quoted, cells).encode("cp1252"))
    return count


def _render_csv(heads: list[str], quoted: list[bool], rows: Sequence[Sequence[Cell]]) -> str:
    lines = [";".join(f'"{head}"' for head in heads)]
    for row in rows:
        # Cells beyond the columns, which are unannounced or too many, are quoted.
        fields = map(_render_field, row, chain(quoted, repeat(True)))
        lines.append(";".join(fields))
    return "\r\n".join(lines) + "\r\n"


def _render_field(cell: Cell, quoted: bool) -> str:
    if cell is None or cell == "":
        return ""
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if quoted else text
