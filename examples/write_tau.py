"""TAU Office's three CSV files in code page 1252; only the layout, the rows come from snapshot.py.

Text is quoted, numbers, dates and flags are not; a contact stands on one row per topic.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from examples.errors import Damage, TableCount, damage_rows, set_aside
from examples.quirks import Cell, Speller
from examples.snapshot import Row, Tables

Columns = tuple[tuple[str, str, str], ...]
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
BARE: Final = ("date", "decimal", "flag")


def write_export(
    folder: Path, day: date, tables: Tables, rng: random.Random, harsh: bool
) -> list[TableCount]:
    """Three CSV files in `folder`; with `harsh` they hold bad rows and a column nobody announced."""
    speller = Speller(rng, "csv", harsh, USUAL)
    extra = (("Zusatz1", "extra", "key"),) if harsh else ()
    parts: tuple[tuple[str, str, Columns, list[list[Cell]], Damage], ...] = (
        (
            "Klienten",
            "cases",
            CLIENT + extra,
            [_spell_cells(speller, CLIENT, row) for row in tables.cases],
            Damage(no_key=2, ragged=1),
        ),
        (
            "Kontakte",
            "conversations",
            CONTACT,
            list(_contact_rows(speller, tables.conversations)),
            Damage(no_key=2, repeats=5, date_at=2, ragged=2),
        ),
        (
            "Ziele",
            "goals",
            GOAL,
            [_spell_cells(speller, GOAL, row) for row in tables.goals],
            Damage(no_key=2, ragged=1),
        ),
    )
    counts = []
    for name, kind, columns, rows, bad in parts:
        count = TableCount(
            f"{name}.csv", name, len(rows), set_aside=set_aside(kind, getattr(tables, kind))
        )
        spelled = (
            [[*cells, rng.choice(("A", "B", None))] for cells in rows]
            if columns[-1:] == extra
            else rows
        )
        if harsh:
            spelled = damage_rows(rng, spelled, bad, count)
        counts.append(count)
        (folder / count.file).write_bytes(_csv_text(columns, spelled).encode("cp1252"))
    return counts


def _contact_rows(speller: Speller, talks: Sequence[Row]) -> Iterator[list[Cell]]:
    """One row per contact and topic; what belongs to the contact is spelled once and stands on each of its rows."""
    topic_at = [head for head, _, _ in CONTACT].index("Thema")
    for talk in talks:
        referral = talk["referrals"][0] if talk["referrals"] else None
        cells = _spell_cells(
            speller,
            CONTACT,
            {**talk, "client": talk["clients"][0], "referral": referral, "topic": None},
        )
        for topic in talk["topics"] or [None]:
            yield [*cells[:topic_at], speller.spell_cell("topic", topic), *cells[topic_at + 1 :]]


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    cells: list[Cell] = []
    for _, name, kind in columns:
        value = row[name]
        if kind == "flag":
            cells.append("-1" if value else "0")
        elif kind == "decimal":
            cells.append(None if value is None else f"{value},0")
        else:
            cells.append(speller.spell_cell(kind, value))
    return cells


def _csv_text(columns: Columns, rows: Sequence[Sequence[Cell]]) -> str:
    bare = [kind in BARE for _, _, kind in columns]
    lines = [";".join(f'"{head}"' for head, _, _ in columns)]
    for row in rows:
        fields = []
        for at, cell in enumerate(row):
            text = "" if cell is None else str(cell)
            unquoted = not text or (at < len(bare) and bare[at])
            fields.append(text if unquoted else '"' + text.replace('"', '""') + '"')
        lines.append(";".join(fields))
    return "\r\n".join(lines) + "\r\n"
