"""What no mapping reads is looked into: sheets, files, lists; whether it may be about consents."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import TextTable
from pipelines.intake.dated_keys import list_columns, list_dated_rows
from pipelines.intake.delivery_tables import USUAL
from pipelines.intake.unread_consents import ConsentWatch
from pipelines.intake.wanted_tables import WantedTables
from tests.connectors.marked_rows import WRITERS
from tests.consents.office import CONSENT, MAPPING, PERSON, Situation, person, share_district
from tests.consents.office import form as form_of
from tests.mappings import small

FORMS = small.load(MAPPING.replace("RELEASE\n", ""))
PERSONS_ONLY = small.load(MAPPING.replace("RELEASE\n", "").partition("  Einwilligungen:")[0])
Sheet = tuple[str, Sequence[Sequence[str]], str]
WITHDRAWN = ("1", "20.07.2025")

SHEETS: dict[str, tuple[Sheet, bool]] = {
    "columns of a withdrawal": (("Nachtrag", [("Nr", "Widerrufen"), WITHDRAWN], "visible"), True),
    "a column named otherwise": (
        ("Nachtrag", [("Klient", "Widerruf am"), WITHDRAWN], "visible"),
        True,
    ),
    "hidden": (("Nachtrag", [("Nr", "Widerrufen"), WITHDRAWN], "veryHidden"), True),
    "hidden consents": (
        ("Alt", [CONSENT, tuple(form_of("z", "1", Widerrufen="20.07.2025").values())], "hidden"),
        True,
    ),
    "a sentence": (
        ("Tabelle2", [("Klient 1 hat seine Einwilligung widerrufen",)], "visible"),
        True,
    ),
    "a row far below": (
        ("Tabelle2", [*[("Kurs", "Ort")] * 60, ("Amal", "widerrufen")], "visible"),
        True,
    ),
    "a legend": (
        ("Legende", [("Spalte", "Bedeutung"), ("Widerrufen", "Tag des Widerrufs")], "visible"),
        False,
    ),
    "a hidden list of choices": (
        ("Listen", [("Status", "Art"), ("erteilt", "Brief"), ("widerrufen", "Fax")], "hidden"),
        False,
    ),
    "something else": (("Kurse", [("Kurs", "Storniert"), ("B1", "storniert")], "visible"), False),
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_beside_the_consents(tmp_path: Path, name: str) -> None:
    (title, rows, state), matters = SHEETS[name]
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Einwilligungen"
    for row in (CONSENT, tuple(form_of("a", "1").values())):
        book.active.append(row)
    sheet = book.create_sheet(title)
    sheet.sheet_state = state
    for row in rows:
        sheet.append(row)
    book.save(tmp_path / "Einwilligungen.xlsx")
    watch = ConsentWatch(FORMS)
    wanted = WantedTables(FORMS, watch.make_unread_watch()).find_in_file("Einwilligungen.xlsx")
    (table,) = open_tables(tmp_path / "Einwilligungen.xlsx", "Einwilligungen.xlsx", wanted)
    assert isinstance(table, TextTable)
    assert bool(watch.select_titles(table.beside)) is matters


def make_zip(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return packed.getvalue()


def make_tar() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("Nachtrag.csv"))
    return packed.getvalue()


def make_book(*rows: Sequence[str], hidden: bool = False) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet("Zweites")
    for row in rows:
        sheet.append(row)
    sheet.sheet_state = "hidden" if hidden else "visible"
    book.save(packed)
    return packed.getvalue()


BOOK = make_book(("Nr", "Kurs"), ("1", "B1"))
# A file that no table wants: its name and bytes, whether it matters beside consents, and whether
# also in a source that reads none.
FILES: dict[str, tuple[str, bytes, bool, bool]] = {
    "a zip by its bytes": ("Nachtrag.dat", make_zip("Einwilligungen.csv"), True, True),
    "a tar by its bytes": ("Nachtrag", make_tar(), True, True),
    "a part of an archive": ("Nachtrag.7z.001", b"7z", True, True),
    "a cut workbook": ("Nachtrag.xlsx", BOOK[:-200], True, True),
    "a binary workbook": ("Nachtrag.xlsb", b"PK\x03\x04 broken", True, True),
    "a database": ("Nachtrag.db", b"SQLite format 3\0", True, True),
    "a hidden sheet": (
        "Liste.xlsx",
        make_book(("Nr", "Widerruf"), WITHDRAWN, hidden=True),
        True,
        True,
    ),
    "a row of words": ("Notiz.csv", b"Nr;Notiz\n1;hat widerrufen\n", True, True),
    "a column of withdrawals": ("Liste.csv", b"Nr;Widerrufen am\n1;20.07.2025\n", True, True),
    "a mail": ("a.eml", b"Subject: Post\n\nKlient 1 hat die Einwilligung widerrufen\n", True, True),
    "an export of another kind": (
        "a.xml",
        b"<?xml version='1.0'?><m><Widerruf nr='1'/></m>",
        True,
        True,
    ),
    "a cell too long": ("a.csv", b"Nr;Widerrufen\n1;x\n" + b"x" * 2_000_000, True, True),
    "consents of others": ("Einwilligungen neu.csv", b"Nr;Datum\n", True, True),
    "a column that is its own affair": ("Liste.csv", b"Nr;Einwilligung Foto\n1;ja\n", True, False),
    "a column of bookings": ("Liste.csv", b"Nr;Storniert\n1;ja\n", True, False),
    "a file of times": ("Sperrzeiten.csv", b"Nr;Kurs\n1;B1\n", True, False),
    "another workbook": ("Kurse.xlsx", BOOK, False, False),
    "an empty file": ("leer.csv", b"", False, False),
    "a document": ("Handbuch.docx", make_zip("[Content_Types].xml"), False, False),
    "a scan": ("Scan.pdf", b"%PDF-1.7\0", False, False),
    "a picture": ("logo.gif", b"GIF89a\0\0", False, False),
    "a list of files": ("manifest.xml", b"<?xml version='1.0'?><m><f n='1'/></m>", False, False),
    "a log": ("export.log", b"31.07.2025 export ok\n", False, False),
    "a page": ("index.html", b"<html><body>Willkommen</body></html>", False, False),
    "an objection": ("Bescheide.csv", b"Nr;Stand\n1;Widerspruch eingelegt\n", False, False),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_no_table_wants(tmp_path: Path, name: str) -> None:
    file, content, with_consents, without = FILES[name]
    path = tmp_path / "landed"
    path.write_bytes(content)
    others = ConsentWatch(PERSONS_ONLY, hands_out=True)
    told = ConsentWatch(FORMS), others, ConsentWatch(PERSONS_ONLY)
    found = tuple(watch.watches_file(file, path, USUAL) for watch in told)
    assert found == (with_consents, without, False)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("Klient;Datum\n1;20.07.2025\n2;21.07.2025\n", [["1", "2"]]),
        ("z;1;;;;;20.07.2025;;\n", [["z"], ["1"]]),
        ("Klient;Letzter Kontakt\n1;20.07.2025\n", []),
        ("Klient;Datum;Ort;Wer\n1;20.07.2025;Ulm;x\n", []),
        ("Klient;Kurs\n1;B1\n", []),
        ("", []),
    ],
)
def test_lists_of_keys_and_unnamed_days(tmp_path: Path, text: str, keys: list[list[str]]) -> None:
    path = tmp_path / "landed"
    path.write_text(text, "utf-8")
    lists = list_dated_rows("Nachtrag.csv", path, USUAL)
    assert [column for rows in lists for column in list_columns(rows)] == keys


def read_persons(tmp_path: Path, text: str, columns: Sequence[str] = PERSON) -> list[str | None]:
    """The keys of the doubtful persons of a table, in a source that reads no consents."""
    path = tmp_path / "Klienten.csv"
    path.write_text(";".join(columns) + "\n" + text, "utf-8")
    watch = ConsentWatch(PERSONS_ONLY, hands_out=True)
    wanted = WantedTables(PERSONS_ONLY, watch.make_unread_watch()).find_in_file("Klienten.csv")
    (table,) = open_tables(path, "Klienten.csv", wanted)
    assert isinstance(table, TextTable)
    watched = watch.watch_table(table)
    list(watched.read_batches())
    return [doubt.person for doubt in watched.find_doubts()]


LINE = ";".join(person("1").values())


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        (f"{LINE};Einwilligung widerrufen am 20.07.2025\n", ["1"]),
        (f"{LINE}\n\nWiderrufe\nNr;Widerrufen\n1;20.07.2025\n", ["Widerrufe", "Nr"]),
        (f"{LINE}\nEnde: Widerruf von 1\n", ["Ende: Widerruf von 1"]),
        (f"{LINE};zu viel\n", []),
        (f"{LINE}\nEnde: 1 Klient\n", []),
        (LINE.replace("Amal", "Amal (Widerruf)") + "\n", ["1"]),
        (LINE.replace("Amal", "Amal (Widerspruch eingelegt)") + "\n", []),
    ],
)
def test_rows_of_persons_that_say_so(tmp_path: Path, text: str, doubtful: list[str]) -> None:
    assert read_persons(tmp_path, text) == doubtful


@pytest.mark.parametrize(
    ("column", "cell", "doubtful"),
    [
        ("Einwilligung widerrufen am", "20.07.2025", ["1"]),
        ("Widerrufen", "Nein", []),
        ("Einwilligung Foto", "nein", []),
        ("Einwilligung Foto", "widerrufen", ["1"]),
        ("Storniert", "x", []),
    ],
)
def test_columns_of_a_source_without_consents(
    tmp_path: Path, column: str, cell: str, doubtful: list[str]
) -> None:
    assert read_persons(tmp_path, f"{LINE};{cell}\n", (*PERSON, column)) == doubtful


# The notes by the number of the row, the cells that are struck in it, and who is not released.
SAID: dict[str, tuple[dict[int, str], list[int], set[str]]] = {
    "a note": ({1: "Einwilligung widerrufen"}, [], {"1"}),
    "another note": ({1: "per Brief"}, [], set()),
    "a struck row": ({}, [0, 1, 4], {"1"}),
    "one struck cell": ({}, [5], set()),
}


@pytest.mark.parametrize("table", ["Klienten", "Einwilligungen"])
@pytest.mark.parametrize("form", WRITERS)
def test_what_is_said_of_a_row_beside_its_cells(tmp_path: Path, form: str, table: str) -> None:
    persons = [person(key) for key in "12"]
    consents = [form_of(key, key) for key in "12"]
    columns, rows = {"Klienten": (PERSON, persons), "Einwilligungen": (CONSENT, consents)}[table]
    lines = [columns, *([row[column] for column in columns] for row in rows)]

    def mark(notes: dict[int, str], struck: list[int]) -> Situation:
        def write(folder: Path) -> None:
            (folder / f"{table}.csv").unlink()
            noted = {(row, 1): text for row, text in notes.items()}
            path = folder / f"{table}.{form}"
            WRITERS[form](path, table, lines, noted, [(1, column) for column in struck])

        return write

    situations = {title: mark(notes, struck) for title, (notes, struck, _) in SAID.items()}
    shared = share_district(tmp_path, situations, persons, consents)
    assert set(shared.states.values()) == {"loaded"}
    expected = {title: {"1", "2"} - refused for title, (*_, refused) in SAID.items()}
    assert shared.released == expected


def test_a_person_whose_struck_key_a_web_page_shows(tmp_path: Path) -> None:
    persons = [person(key) for key in "12"]

    def write(folder: Path) -> None:
        (folder / "Klienten.csv").unlink()
        first, second = ([row[column] for column in PERSON] for row in persons)
        struck = [f"<s>{text}</s>" if text else "" for text in first]
        rows = "".join(f"<tr><td>{'<td>'.join(cells)}" for cells in (PERSON, struck, second))
        table = f"<table><caption>Klienten</caption>{rows}</table>"
        (folder / "Klienten.html").write_text(f"<html><body>{table}</body></html>", "utf-8")

    consents = [form_of(key, key) for key in "12"]
    shared = share_district(tmp_path, {"struck": write}, persons, consents)
    assert shared.released == {"struck": {"2"}}


def test_a_hidden_sheet_of_an_xml_spreadsheet(tmp_path: Path) -> None:
    rows = (CONSENT, tuple(form_of("a", "1").values())), (("Nr", "Widerrufen"), WITHDRAWN)
    first, second = map(write_rows, rows)
    hidden = f"{second}<WorksheetOptions xmlns='urn:schemas-microsoft-com:office:excel'>"
    text = (
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        f'<Worksheet ss:Name="Einwilligungen">{first}</Worksheet><Worksheet ss:Name="Zwei">'
        f"{hidden}<Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"
    )
    (tmp_path / "Einwilligungen.xml").write_text(text, "utf-8")
    watch = ConsentWatch(FORMS)
    wanted = WantedTables(FORMS, watch.make_unread_watch()).find_in_file("Einwilligungen.xml")
    (table,) = open_tables(tmp_path / "Einwilligungen.xml", "Einwilligungen.xml", wanted)
    assert isinstance(table, TextTable) and watch.select_titles(table.beside) == ["Zwei"]


def write_rows(rows: Sequence[Sequence[str]]) -> str:
    cells = '<Cell><Data ss:Type="String">{}</Data></Cell>'
    lines = ("".join(cells.format(text) for text in row) for row in rows)
    return f"<Table>{''.join(f'<Row>{line}</Row>' for line in lines)}</Table>"
