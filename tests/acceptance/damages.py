"""Ways in which a delivery arrives damaged, and the state, words and rule that each must give. Taking it in stands with the tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook, load_workbook

Damage = Callable[[Path], None]


def edit(name: str, change: Callable[[bytes], bytes]) -> Damage:
    """Rewrites the bytes of one file."""

    def damage(folder: Path) -> None:
        content = (folder / name).read_bytes()
        changed = change(content)
        assert changed != content
        (folder / name).write_bytes(changed)

    return damage


def in_workbook(name: str, change: Callable[[Workbook], None]) -> Damage:
    def damage(folder: Path) -> None:
        book = load_workbook(folder / name)
        change(book)
        book.save(folder / name)

    return damage


def rename_sheet(book: Workbook) -> None:
    book["Gespräche"].title = "Gespraeche alt"


def rename_column(book: Workbook) -> None:
    book["Gespräche"].cell(5, 4, "Wann")


# source, damage, state, what the message says, rule
DAMAGES: dict[str, tuple[str, Damage, str, str, str]] = {
    "wrong sheet": (
        "workbook",
        in_workbook("Kleintannau.xlsx", rename_sheet),
        "incomplete",
        "„Gespräche“ fehlt",
        "sheet_missing",
    ),
    "missing column in a sheet": (
        "workbook",
        in_workbook("Kleintannau.xlsx", rename_column),
        "incomplete",
        "„Datum“",
        "column_missing",
    ),
    "missing column in a CSV": (
        "tau_office",
        edit("Kontakte.csv", lambda b: b.replace(b'"Datum"', b'"Wann"', 1)),
        "incomplete",
        "fehlen die Spalten „Datum“",
        "column_missing",
    ),
    "truncated xlsx": (
        "workbook",
        edit("Kleintannau.xlsx", lambda b: b[: len(b) // 2]),
        "failed",
        "unvollständig",
        "broken_file",
    ),
    "a byte that is no character": (
        "tau_office",
        edit("Klienten.csv", lambda b: b.replace(b"Switlana", b"Swit\x81ana")),
        "incomplete",
        "0x81",
        "encoding",
    ),
    "DOCTYPE": (
        "enaio_export",
        edit(
            "Person.xml",
            lambda b: b.replace(b"<DMSContent", b'<!DOCTYPE x [<!ENTITY a "b">]>\n<DMSContent', 1),
        ),
        "incomplete",
        "DOCTYPE",
        "doctype",
    ),
    "XML that breaks off": (
        "enaio_export",
        edit("Beratung.xml", lambda b: b[: b.index(b"B-4")]),
        "incomplete",
        "unvollständig oder beschädigt",
        "broken_file",
    ),
    "an empty file": (
        "tau_office",
        edit("Ziele.csv", lambda b: b""),
        "incomplete",
        "Die Datei ist leer",
        "empty_file",
    ),
    "a missing file": (
        "tau_office",
        lambda folder: (folder / "Kontakte.csv").unlink(),
        "incomplete",
        "Bisher Bekanntes bleibt stehen",
        "table_missing",
    ),
    "another format": (
        "tau_office",
        edit("Ziele.csv", lambda b: b"%PDF-1.7 nichts"),
        "incomplete",
        "ein PDF und keine Tabelle",
        "unknown_format",
    ),
}
