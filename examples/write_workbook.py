"""The municipal workbooks: preamble, header in row 5, `Summe`, hidden list; one file per municipality, layout only."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from examples.district import BY_SOURCE, MUNICIPALITIES
from examples.errors import Damage, TableCount, damage_rows, set_aside
from examples.labels import REFERRALS, TOPICS
from examples.quirks import Cell, Speller
from examples.sheets import Book
from examples.snapshot import Row, Tables

HEADER_ROW: Final = 4
Columns = tuple[tuple[str, str, str], ...]
USUAL: Final = {"sex": {"männlich": "m", "weiblich": "w", "divers": "d"}}
TOPIC_HEADS: Final = {"Gesellschaftliche Teilhabe": "Teilhabe", "Anderes Thema": "Sonstiges"}
CLIENT: Final[Columns] = (
    ("Klienten-Nr.", "key", "key"),
    ("Nachname", "last", "text"),
    ("Vorname", "first", "text"),
    ("Geburtsdatum", "born", "date"),
    ("Geschlecht", "sex", "sex"),
    ("Staatsangehörigkeit", "nationality", "nationality"),
    ("Familienstand", "marital", "marital"),
    ("Aufenthaltsstatus", "residence", "residence"),
    ("Einreise", "entered", "date"),
    ("Zuweisung AU", "assigned", "date"),
    ("Unterbringung", "housing", "housing"),
    ("Betreuung von", "begin", "date"),
    ("Betreuung bis", "end", "date"),
    ("Integrationsmanager/in", "staff", "key"),
    ("Integrationskurs", "course", "cross"),
)
TALK: Final[Columns] = (
    ("Gesprächs-Nr.", "key", "key"),
    ("Klienten-Nr.", "clients", "keys"),
    ("Datum", "day", "date"),
    ("Dauer (Min.)", "minutes", "number"),
    ("Familie", "setting", "family"),
    *((TOPIC_HEADS.get(topic, topic), topic, "topic_cross") for topic in TOPICS),
    ("Weiterleitung an", "referrals", "first:referral"),
    ("Integrationsmanager/in", "staff", "key"),
    ("Bemerkung", "note", "note"),
)


def write_export(
    folder: Path, day: date, tables: Tables, rng: random.Random, harsh: bool
) -> list[TableCount]:
    """One workbook per municipality in `folder`; with `harsh` they hold bad rows and a column nobody announced."""
    counts: list[TableCount] = []
    for ags in BY_SOURCE["workbook"].municipalities:
        clients = [row for row in tables.cases if row["ags"] == ags]
        talks = [row for row in tables.conversations if row["ags"] == ags]
        if clients:
            counts += _write_book(folder, day, MUNICIPALITIES[ags].name, clients, talks, rng, harsh)
    return counts


def _write_book(
    folder: Path,
    day: date,
    place: str,
    clients: list[Row],
    talks: list[Row],
    rng: random.Random,
    harsh: bool,
) -> list[TableCount]:
    file, speller = f"{place}.xlsx", Speller(rng, "xlsx", harsh, USUAL)
    preamble = (
        ("Gemeinde:", place),
        ("Stand:", f"{day:%d.%m.%Y}"),
        ("Bearbeitung:", clients[0]["staff"]),
    )
    counts = []
    with Book(folder / file, day) as book:
        for name, kind, columns, rows in (
            ("Klienten", "cases", CLIENT, clients),
            ("Gespräche", "conversations", TALK, talks),
        ):
            header = ["Lfd.", *(head for head, _, _ in columns)]
            spelled = [[None, *_spell_cells(speller, columns, row)] for row in rows]
            count = TableCount(file, name, len(rows), set_aside=set_aside(kind, rows))
            if harsh and name == "Klienten":
                header.append("Farbe")
                spelled = [[*cells, rng.choice(("A", "B", None))] for cells in spelled]
            if harsh:
                dated = 3 if name == "Gespräche" else None
                spelled = damage_rows(
                    rng, spelled, Damage(key_at=1, no_key=2, date_at=dated), count
                )
            _number_rows(spelled)
            sheet = book.add_sheet(name)
            for at, line in enumerate(preamble):
                sheet.write_row(at, 0, line)
            last = book.write_table(sheet, header, spelled, HEADER_ROW)
            sheet.write_string(last, 0, "Summe")
            minutes = [row[4] for row in spelled if isinstance(row[4], int)]
            sheet.write_number(
                last, *((4, sum(minutes)) if name == "Gespräche" else (2, len(spelled)))
            )
            counts.append(count)
        lists = book.add_sheet("Listen", hidden=True)
        lists.write_column(0, 0, ["Ja", "Nein", "x", *REFERRALS])
    return counts


def _number_rows(rows: Sequence[list[Cell]]) -> None:
    """Fills `Lfd.` by place; a repeat is the same list and so keeps the number of the row it repeats."""
    for place, row in enumerate(rows, start=1):
        if row[0] is None:
            row[0] = place


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    rng, cells = speller.rng, list[Cell]()
    for _, name, kind in columns:
        if kind == "topic_cross":
            cells.append(_spell_cross(rng, name in row["topics"]))
        elif kind == "cross":
            cells.append(_spell_cross(rng, row[name]))
        elif kind == "family":
            cells.append(rng.choice(("Ja", "x")) if row[name] == "Familie" else "Nein")
        elif kind == "keys":
            cells.append(", ".join(row[name]))
        elif kind == "first:referral":
            cells.append(speller.spell_cell("referral", row[name][0]) if row[name] else None)
        else:
            cells.append(speller.spell_cell(kind, row[name]))
    return cells


def _spell_cross(rng: random.Random, yes: bool) -> str | None:
    return (
        rng.choice(("x", "x", "X", "Ja"))
        if yes
        else rng.choice(("Nein", None, None, None, None, None))
    )
