"""enaio's linear XML export ("LOL"), one file per object type; only the layout, the rows come from snapshot.py.

The header says `encoding="UTF8"`, which is no legal name, because that is what the system writes.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from examples.errors import Damage, TableCount, damage_rows, set_aside
from examples.quirks import Cell, Speller
from examples.snapshot import Row, Tables

Columns = tuple[tuple[str, str, str], ...]
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
    ("Person", 262145, "FOLDER", "cases", PERSON, Damage(key_at=1, no_key=2)),
    (
        "Beratung",
        262146,
        "DOCUMENT",
        "conversations",
        TALK,
        Damage(key_at=1, no_key=2, repeats=6, date_at=2),
    ),
    ("Integrationsplan", 262147, "DOCUMENT", "plans", PLAN, Damage(key_at=1)),
    ("Ziel", 262148, "DOCUMENT", "goals", GOAL, Damage(key_at=1)),
    ("Einwilligung", 262149, "DOCUMENT", "consents", CONSENT, Damage(key_at=1)),
)


def write_export(
    folder: Path, day: date, tables: Tables, rng: random.Random, harsh: bool
) -> list[TableCount]:
    """Five XML files in `folder`; with `harsh` they hold bad rows too."""
    speller, counts = Speller(rng, "xml", harsh), []
    for number, (name, type_id, base, kind, columns, bad) in enumerate(FILES, start=1):
        rows: list[Row] = getattr(tables, kind)
        count = TableCount(f"{name}.xml", name, len(rows), set_aside=set_aside(kind, rows))
        spelled = [
            [number * 1_000_000 + place, *_spell_cells(speller, columns, row)]
            for place, row in enumerate(rows, start=1)
        ]
        if harsh:
            spelled = damage_rows(rng, spelled, bad, count)
        counts.append(count)
        (folder / count.file).write_bytes(
            _xml_text(name, type_id, base, columns, spelled).encode("utf-8")
        )
    return counts


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    cells: list[Cell] = []
    for _, name, kind in columns:
        if kind == "keys":
            cells.append("|".join(row[name]))
        elif kind.startswith("many:"):
            cells.append(speller.spell_many(kind.removeprefix("many:"), row[name], "|"))
        else:
            cells.append(speller.spell_cell(kind, row[name]))
    return cells


def _xml_text(
    name: str, type_id: int, base: str, columns: Columns, rows: Sequence[Sequence[Cell]]
) -> str:
    heads = "".join(
        f'<Column object="{name}" name={quoteattr(head)} type="{"DATE" if kind == "date" else "TEXT"}"'
        f' ostype="{"D" if kind == "date" else "X"}" dbname="feld{place}" system="0"/>'
        for place, (head, _, kind) in enumerate(columns, start=1)
    )
    body = "\n".join(
        f'<Row id="{row[0]}">'
        + "".join(
            "<Value/>" if cell is None else f"<Value>{escape(str(cell))}</Value>"
            for cell in row[1:]
        )
        + "<Value/></Row>"
        for row in rows
    )
    return (
        '<?xml version="1.0" encoding="UTF8" ?>\n'
        f'<DMSContent format="LOL"><Archive name="Fluechtlinge" id="7">'
        f'<ObjectType name="{name}" id="{type_id}" type="{base}">\n'
        f'<Rowset><Columns>{heads}<Column name="@FILES"/></Columns>\n'
        f"<Rows>{body}\n</Rows></Rowset></ObjectType></Archive></DMSContent>\n"
    )
