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

from examples.errors import Damage, TableCount, damage_rows
from examples.layout import Columns, Layout
from examples.quirks import Cell, Speller
from examples.snapshot import Row, Tables

PERSON: Final[Columns] = (
    ("Personennummer", "key", "key"),
    ("Nachname", "last", "text"),
    ("Vorname", "first", "text"),
    ("Geburtsdatum", "born", "date"),
    ("Geschlecht", "sex", "sex"),
    ("Staatsangehoerigkeit", "nationality", "nationality"),
    ("Familienstand", "marital", "marital"),
    ("Aufenthaltsstatus", "residence", "residence"),
    ("Einreisedatum", "entered", "date"),
    ("Zuweisung_AU", "assigned", "date"),
    ("Unterbringung", "housing", "housing"),
    ("Gemeinde", "place", "text"),
    ("Betreuung_von", "begin", "date"),
    ("Betreuung_bis", "end", "date"),
    ("Integrationsmanager", "staff", "key"),
    ("Team", "team", "key"),
)
TALK: Final[Columns] = (
    ("Beratungsnummer", "key", "key"),
    ("Datum", "day", "date"),
    ("Dauer_Minuten", "minutes", "number"),
    ("Gespraechsart", "kind", "kind"),
    ("Einzel_Familie", "setting", "setting"),
    ("Themen", "topics", "many:topic"),
    ("Weiterleitung", "referrals", "many:referral"),
    ("Kontaktweg", "channel", "channel"),
    ("Integrationsmanager", "staff", "key"),
    ("Personennummern", "clients", "keys"),
)
PLAN: Final[Columns] = (
    ("Plannummer", "key", "key"),
    ("Personennummern", "clients", "keys"),
    ("Abschlussdatum", "concluded", "date"),
    ("Status", "state", "plan_state"),
)
GOAL: Final[Columns] = (
    ("Zielnummer", "key", "key"),
    ("Plannummer", "owner", "key"),
    ("Bereich", "area", "topic"),
    ("Ziel", "text", "key"),
    ("Frist", "due", "date"),
    ("Status", "state", "goal_state"),
    ("Erreicht_am", "reached", "date"),
)
CONSENT: Final[Columns] = (
    ("Einwilligungsnummer", "key", "key"),
    ("Personennummer", "client", "key"),
    ("Empfaenger", "recipient", "key"),
    ("Zweck", "purpose", "key"),
    ("Datengruppen", "groups", "many:data_group"),
    ("Erteilt_am", "given", "date"),
    ("Gueltig_bis", "until", "date"),
    ("Widerrufen_am", "revoked", "date"),
    ("Schweigepflichtentbindung", "secrecy", "key"),
)
FILES: Final = (
    Layout("Person", "cases", PERSON, Damage(key_at=1, no_key=2)),
    Layout("Beratung", "conversations", TALK, Damage(key_at=1, no_key=2, repeats=6, date_at=2)),
    Layout("Integrationsplan", "plans", PLAN, Damage(key_at=1)),
    Layout("Ziel", "goals", GOAL, Damage(key_at=1)),
    Layout("Einwilligung", "consents", CONSENT, Damage(key_at=1)),
)
TYPE_ID: Final = 262_144


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes five XML files into `folder`; with `harsh` they hold bad rows too."""
    speller = Speller(rng, "xml", harsh)
    return [
        _write_file(folder, number, layout, tables, speller)
        for number, layout in enumerate(FILES, start=1)
    ]


def _write_file(
    folder: Path, number: int, layout: Layout, tables: Tables, speller: Speller
) -> TableCount:
    rows: list[Row] = getattr(tables, layout.kind)
    count = layout.count_table(f"{layout.name}.xml", rows)
    spelled = [
        [place, *_spell_cells(speller, layout.columns, row)]
        for place, row in enumerate(rows, start=number * 1_000_000 + 1)
    ]
    spelled = damage_rows(speller, spelled, layout.damage, count)
    (folder / count.file).write_bytes(_render_xml(layout, number, spelled).encode("utf-8"))
    return count


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    return [_spell_cell(speller, kind, row[name]) for _, name, kind in columns]


def _spell_cell(speller: Speller, kind: str, value: Any) -> Cell:
    if kind == "keys":
        return "|".join(value)
    if kind.startswith("many:"):
        return speller.spell_many(kind.removeprefix("many:"), value, "|")
    return speller.spell_cell(kind, value)


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
