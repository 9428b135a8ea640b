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

from examples.errors import Damage, TableCount, add_unannounced_column, damage_rows
from examples.layout import Columns, Layout
from examples.quirks import Cell, Speller
from examples.snapshot import Row, Tables

USUAL: Final = {
    "sex": {"männlich": "m", "weiblich": "w", "divers": "d"},
    "setting": {"Einzelperson": "Einzel"},
    "topic": {
        "Anderes Thema": "Sonstiges",
        "Gesellschaftliche Teilhabe": "Teilhabe",
        "Kinder": "Kinder/Familie",
    },
}
CLIENT: Final[Columns] = (
    ("KlientNr", "key", "key"),
    ("Name", "last", "text"),
    ("Vorname", "first", "text"),
    ("GebDat", "born", "date"),
    ("Geschlecht", "sex", "sex"),
    ("Nationalitaet", "nationality", "nationality"),
    ("Familienstand", "marital", "marital"),
    ("Aufenthaltsstatus", "residence", "residence"),
    ("Einreise", "entered", "date"),
    ("PLZ", "postcode", "key"),
    ("Ort", "place", "text"),
    ("Betreuung_von", "begin", "date"),
    ("Betreuung_bis", "end", "date"),
    ("Mitarbeiter", "staff", "key"),
    ("Zuweisung_AU", "assigned", "date"),
    ("Integrationskurs", "course", "flag"),
)
CONTACT: Final[Columns] = (
    ("KontaktNr", "key", "key"),
    ("KlientNr", "client", "key"),
    ("Datum", "day", "date"),
    ("Dauer_Min", "minutes", "decimal"),
    ("Kontaktart", "channel", "channel"),
    ("Einzel_Familie", "setting", "setting"),
    ("Thema", "topic", "topic"),
    ("Weiterleitung", "referral", "referral"),
    ("Dolmetscher", "interpreter", "flag"),
    ("Mitarbeiter", "staff", "key"),
    ("Bemerkung", "note", "note"),
)
GOAL: Final[Columns] = (
    ("ZielNr", "key", "key"),
    ("KlientNr", "owner", "key"),
    ("Bereich", "area", "topic"),
    ("Ziel", "text", "key"),
    ("Beginn", "begin", "date"),
    ("Ende", "ended", "date"),
    ("Status", "state", "goal_state"),
)
TABLES: Final = (
    Layout("Klienten", "cases", CLIENT, Damage(no_key=2, ragged=1)),
    Layout("Kontakte", "conversations", CONTACT, Damage(no_key=2, repeats=5, date_at=2, ragged=2)),
    Layout("Ziele", "goals", GOAL, Damage(no_key=2, ragged=1)),
)
BARE: Final = ("date", "decimal", "flag")


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes three CSV files; with `harsh` they hold bad rows and an unannounced column."""
    speller = Speller(rng, "csv", harsh, USUAL)
    clients = [_spell_cells(speller, CLIENT, row) for row in tables.cases]
    contacts = list(_contact_rows(speller, tables.conversations))
    goals = [_spell_cells(speller, GOAL, row) for row in tables.goals]
    return [
        _write_file(folder, layout, getattr(tables, layout.kind), spelled, speller)
        for layout, spelled in zip(TABLES, (clients, contacts, goals), strict=True)
    ]


def _write_file(
    folder: Path, layout: Layout, rows: list[Row], spelled: list[list[Cell]], speller: Speller
) -> TableCount:
    count, columns = layout.count_table(f"{layout.name}.csv", rows), layout.columns
    count.rows = len(spelled)
    if speller.harsh and layout.kind == "cases":
        columns += (("Zusatz1", "extra", "key"),)
        spelled = add_unannounced_column(speller.rng, spelled)
    spelled = damage_rows(speller, spelled, layout.damage, count)
    (folder / count.file).write_bytes(_render_csv(columns, spelled).encode("cp1252"))
    return count


def _contact_rows(speller: Speller, talks: Sequence[Row]) -> Iterator[list[Cell]]:
    """One row per contact and topic; the other cells are spelled once per contact."""
    topic_at = [name for _, name, _ in CONTACT].index("topic")
    for talk in talks:
        referral = talk["referrals"][0] if talk["referrals"] else None
        row = {**talk, "client": talk["clients"][0], "referral": referral, "topic": None}
        cells = _spell_cells(speller, CONTACT, row)
        for topic in talk["topics"] or [None]:
            cells[topic_at] = speller.spell_cell("topic", topic)
            yield list(cells)


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    return [_spell_cell(speller, kind, row[name]) for _, name, kind in columns]


def _spell_cell(speller: Speller, kind: str, value: Any) -> Cell:
    if kind == "flag":
        return "-1" if value else "0"
    if kind == "decimal":
        return None if value is None else f"{value},0"
    return speller.spell_cell(kind, value)


def _render_csv(columns: Columns, rows: Sequence[Sequence[Cell]]) -> str:
    quoted = [kind not in BARE for _, _, kind in columns]
    lines = [";".join(f'"{head}"' for head, _, _ in columns)]
    for row in rows:
        # A row that is too wide has cells beyond the columns; they are quoted.
        fields = map(_render_field, row, chain(quoted, repeat(True)))
        lines.append(";".join(fields))
    return "\r\n".join(lines) + "\r\n"


def _render_field(cell: Cell, quoted: bool) -> str:
    if cell is None or cell == "":
        return ""
    text = str(cell)
    return '"' + text.replace('"', '""') + '"' if quoted else text
