"""Jobkraftwerk's workbook with three sheets, header in row 1; only the layout, the rows come from snapshot.py."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from examples.errors import Damage, TableCount, damage_rows, set_aside
from examples.quirks import Cell, Speller
from examples.sheets import Book
from examples.snapshot import Row, Tables

FILE: Final = "jobkraftwerk-export.xlsx"
LARGE: Final = 10_000
Columns = tuple[tuple[str, str, str], ...]
PROFILE: Final[Columns] = (
    ("Profil-ID", "key", "key"),
    ("Nachname", "last", "text"),
    ("Vorname", "first", "text"),
    ("Geburtsdatum", "born", "date"),
    ("Geschlecht", "sex", "sex"),
    ("Staatsangehörigkeit", "nationality", "nationality"),
    ("Familienstand", "marital", "marital"),
    ("Aufenthaltsstatus", "residence", "residence"),
    ("Einreisedatum", "entered", "date"),
    ("Gemeinde", "place", "text"),
    ("Sprachkenntnisse", "language", "key"),
    ("Schulabschluss", "school", "key"),
    ("Berufliche Tätigkeiten", "job", "key"),
    ("Qualifikationen", "qualification", "key"),
    ("Kompetenzen", "skill", "key"),
    ("Berufliche Ziele", "aim", "key"),
    ("Integrationsmanager/in", "staff", "key"),
    ("Datenfreigabe Jobcenter", "groups", "many:data_group"),
    ("Angelegt am", "begin", "date"),
    ("Geändert am", "changed", "date"),
    ("Zuweisung AU", "assigned", "date"),
)
TALK: Final[Columns] = (
    ("Gespräch-ID", "key", "key"),
    ("Profil-ID", "clients", "keys"),
    ("Datum", "day", "date"),
    ("Dauer (Min.)", "minutes", "number"),
    ("Gesprächsart", "setting", "setting"),
    ("Themen", "topics", "many:topic"),
    ("Weiterleitung an", "referrals", "many:referral"),
    ("Integrationsmanager/in", "staff", "key"),
    ("Notiz", "note", "note"),
)
PLAN: Final[Columns] = (
    ("Plan-ID", "key", "key"),
    ("Profil-ID", "clients", "keys"),
    ("Erstellt am", "concluded", "date"),
    ("Themenfeld", "area", "topic"),
    ("Ziel", "text", "key"),
    ("Maßnahme", "measure", "key"),
    ("Frist", "due", "date"),
    ("Status", "state", "goal_state"),
    ("Erreicht am", "reached", "date"),
)


def write_export(
    folder: Path, day: date, tables: Tables, rng: random.Random, harsh: bool
) -> list[TableCount]:
    """One workbook in `folder`; with `harsh` it holds bad rows and a column nobody announced."""
    speller = Speller(rng, "xlsx", harsh)
    parts: tuple[tuple[str, Columns, Sequence[Row], dict[str, int], Damage], ...] = (
        ("Profile", PROFILE, tables.cases, set_aside("cases", tables.cases), Damage(no_key=2)),
        (
            "Beratungsgespräche",
            TALK,
            tables.conversations,
            set_aside("conversations", tables.conversations),
            Damage(no_key=2, repeats=6, date_at=2),
        ),
        (
            "Integrationspläne",
            PLAN,
            list(_plan_rows(tables.plans)),
            set_aside("goals", tables.goals),
            Damage(),
        ),
    )
    counts = []
    with Book(folder / FILE, day, large=len(tables.conversations) > LARGE) as book:
        for name, columns, rows, aside, bad in parts:
            count = TableCount(FILE, name, len(rows), set_aside=aside)
            header = [head for head, _, _ in columns]
            spelled = [_spell_cells(speller, columns, row) for row in rows]
            if harsh and name == "Profile":
                header.append("Interne Kennung")
                spelled = [[*cells, rng.choice(("A", "B", None))] for cells in spelled]
            if harsh:
                spelled = damage_rows(rng, spelled, bad, count)
            book.write_table(book.add_sheet(name), header, spelled)
            counts.append(count)
    return counts


def _plan_rows(plans: Sequence[Row]) -> Iterator[Row]:
    """One row per plan and goal, or one without goal."""
    for plan in plans:
        for goal in plan["goals"] or [dict.fromkeys(("area", "text", "due", "state", "reached"))]:
            measure = "Termin begleiten" if goal["text"] else None
            of_plan = {name: plan[name] for name in ("key", "clients", "concluded")}
            yield {**goal, **of_plan, "measure": measure}


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    cells: list[Cell] = []
    for _, name, kind in columns:
        if kind == "keys":
            cells.append("\n".join(row[name]))
        elif kind == "many:data_group":
            cells.append(", ".join(row[name]) or None)
        elif kind.startswith("many:"):
            separator = "\n" if speller.rng.random() < 0.4 else ", "
            cells.append(speller.spell_many(kind.removeprefix("many:"), row[name], separator))
        else:
            cells.append(speller.spell_cell(kind, row[name]))
    return cells
