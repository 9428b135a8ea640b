"""Writes the municipal workbooks: preamble, header in row 5, `Summe` and a hidden list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any, Final

from xlsxwriter.worksheet import Worksheet  # type: ignore[import-untyped]

from examples.district import BY_SOURCE
from examples.errors import Damage, TableCount, add_unannounced_column, damage_rows
from examples.labels import REFERRALS, TOPICS
from examples.layout import Columns, Layout
from examples.quirks import Cell, Speller
from examples.sheets import Book
from examples.snapshot import Row, Tables

HEADER_ROW: Final = 4
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


CLIENTS: Final = Layout("Klienten", "cases", CLIENT, Damage(key_at=1, no_key=2))
TALKS: Final = Layout("Gespräche", "conversations", TALK, Damage(key_at=1, no_key=2, date_at=3))


def write_export(
    folder: Path, day: date, tables: Tables, rng: Random, harsh: bool
) -> list[TableCount]:
    """Writes a workbook per municipality; `harsh` adds bad rows and an unannounced column."""
    speller = Speller(rng, "xlsx", harsh, USUAL)
    counts: list[TableCount] = []
    for ags in BY_SOURCE["workbook"].municipalities:
        clients = [row for row in tables.cases if row["ags"] == ags]
        talks = [row for row in tables.conversations if row["ags"] == ags]
        if clients:
            counts += _write_book(folder, day, clients, talks, speller)
    return counts


def _write_book(
    folder: Path, day: date, clients: list[Row], talks: list[Row], speller: Speller
) -> list[TableCount]:
    place, file = clients[0]["place"], f"{clients[0]['place']}.xlsx"
    counts = [CLIENTS.count_table(file, clients), TALKS.count_table(file, talks)]
    preamble = {
        "Gemeinde:": place,
        "Stand:": f"{day:%d.%m.%Y}",
        "Bearbeitung:": clients[0]["staff"],
    }
    with Book(folder / file, day) as book:
        for layout, rows, count in zip((CLIENTS, TALKS), (clients, talks), counts, strict=True):
            header, spelled = _spell_table(layout, rows, speller)
            spelled = damage_rows(speller, spelled, layout.damage, count)
            _number_rows(spelled)
            sheet = book.add_sheet(layout.name)
            for at, line in enumerate(preamble.items()):
                sheet.write_row(at, 0, line)
            last = book.write_table(sheet, header, spelled, HEADER_ROW)
            _write_total(sheet, last, layout, spelled)
        lists = book.add_sheet("Listen", hidden=True)
        lists.write_column(0, 0, ["Ja", "Nein", "x", *REFERRALS])
    return counts


def _spell_table(
    layout: Layout, rows: list[Row], speller: Speller
) -> tuple[list[str], list[list[Cell]]]:
    """The header and the cells, with an empty cell for `Lfd.` in front."""
    header = ["Lfd.", *layout.heads]
    spelled = [[None, *_spell_cells(speller, layout.columns, row)] for row in rows]
    if speller.harsh and layout is CLIENTS:
        header.append("Farbe")
        spelled = add_unannounced_column(speller.rng, spelled)
    return header, spelled


def _write_total(sheet: Worksheet, at: int, layout: Layout, rows: list[list[Cell]]) -> None:
    """Writes the minutes of the conversations or the number of clients below the table."""
    sheet.write_string(at, 0, "Summe")
    if layout is TALKS:
        sheet.write_number(at, 4, sum(row[4] for row in rows if isinstance(row[4], int)))
    else:
        sheet.write_number(at, 2, len(rows))


def _number_rows(rows: Sequence[list[Cell]]) -> None:
    """Fills `Lfd.`; a repeat is the same list object and keeps the number of its original."""
    for place, row in enumerate(rows, start=1):
        if row[0] is None:
            row[0] = place


def _spell_cells(speller: Speller, columns: Columns, row: Row) -> list[Cell]:
    return [
        _spell_cross(speller.rng, name in row["topics"])
        if kind == "topic_cross"
        else _spell_cell(speller, kind, row[name])
        for _, name, kind in columns
    ]


def _spell_cell(speller: Speller, kind: str, value: Any) -> Cell:
    match kind:
        case "cross":
            return _spell_cross(speller.rng, value)
        case "family":
            return speller.rng.choice(("Ja", "x")) if value == "Familie" else "Nein"
        case "keys":
            return ", ".join(value)
        case "first:referral":
            return speller.spell_cell("referral", value[0]) if value else None
        case _:
            return speller.spell_cell(kind, value)


def _spell_cross(rng: Random, yes: bool) -> str | None:
    return rng.choice(("x", "x", "X", "Ja") if yes else ("Nein", None, None, None, None, None))
