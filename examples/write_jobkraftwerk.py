"""Writes Jobkraftwerk's workbook with three sheets and the header in row 1."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

from examples.errors import Damage, TableCount, add_unannounced_column, damage_rows
from examples.layout import Columns, Layout
from examples.quirks import Cell, Speller
from examples.sheets import Book
from examples.snapshot import Row, Tables

FILE: Final = "jobkraftwerk-export.xlsx"
LARGE: Final = 10_000
NO_GOAL: Final[Row] = dict.fromkeys(("area", "text", "due", "state", "reached"))
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


TABLES: Final = (
    Layout("Profile", "cases", PROFILE, Damage(no_key=2)),
    Layout("Beratungsgespräche", "conversations", TALK, Damage(no_key=2, repeats=6, date_at=2)),
    Layout("Integrationspläne", "goals", PLAN),
)


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes one workbook; with `harsh` it holds bad rows and an unannounced column."""
    speller = Speller(rng, "xlsx", harsh)
    with Book(folder / FILE, day, large=len(tables.conversations) > LARGE) as book:
        return [_write_sheet(book, layout, tables, speller) for layout in TABLES]


def _write_sheet(book: Book, layout: Layout, tables: Tables, speller: Speller) -> TableCount:
    is_plan = layout.kind == "goals"
    rows = list(_plan_rows(tables.plans)) if is_plan else getattr(tables, layout.kind)
    count, header = layout.count_table(FILE, rows), layout.heads
    spelled = [_spell_cells(speller, layout.columns, row) for row in rows]
    if speller.harsh and layout.kind == "cases":
        header.append("Interne Kennung")
        spelled = add_unannounced_column(speller.rng, spelled)
    spelled = damage_rows(speller, spelled, layout.damage, count)
    book.write_table(book.add_sheet(layout.name), header, spelled)
    return count


def _plan_rows(plans: Sequence[Row]) -> Iterator[Row]:
    """One row per plan and goal, or one without goal."""
    for plan in plans:
        of_plan = {name: plan[name] for name in ("key", "clients", "concluded")}
        for goal in plan["goals"] or [NO_GOAL]:
            measure = "Termin begleiten" if goal["text"] else None
            yield {**goal, **of_plan, "measure": measure}


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    return [_spell_cell(speller, kind, row[name]) for _, name, kind in columns]


def _spell_cell(speller: Speller, kind: str, value: Any) -> Cell:
    if kind == "keys":
        return "\n".join(value)
    if kind == "many:data_group":
        return ", ".join(value) or None
    if kind.startswith("many:"):
        separator = "\n" if speller.rng.random() < 0.4 else ", "
        return speller.spell_many(kind.removeprefix("many:"), value, separator)
    return speller.spell_cell(kind, value)
