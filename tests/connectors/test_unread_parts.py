"""What has the header of a wanted table and is not read is named, in every format of several parts."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from connectors.readers.open_file import open_tables
from connectors.tables.text_table import TextTable, UnreadPart, Wanted
from tests.conformance.fault_kinds import holds
from tests.connectors.reading import rows_of, wanted
from tests.connectors.written import html, linear_xml, xlsx, xml_2003

HEADER = ["Nr", "Datum", "Dauer"]
ROWS = [HEADER, ["1", "03.01.2024", "30"]]
TALKS = wanted(*HEADER, table="Gespräche", required=("Nr", "Datum"))
# A table of its key alone fits nearly everything.
DELETED = wanted("Nr", table="Gelöscht")
WRITERS = {
    "xlsx": ("t.xlsx", xlsx),
    "xml-2003": ("t.xls", xml_2003),
    "html": ("t.htm", html),
    "linear-xml": ("t.xml", linear_xml),
}


def unread(path: Path, *wants: Wanted) -> tuple[int, list[UnreadPart]]:
    """How many rows are read, and what else the file holds."""
    count, beside = 0, []
    for table in open_tables(path, path.name, wants):
        if isinstance(table, TextTable):
            count += len(rows_of(table)[0])
            beside = table.beside
    return count, [part for part in beside if part.fits]


@holds(4, "xlsx", "ods", "xml_2003", "html", "xml")
@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("title", ["Gespräche 2024", "alt", "Kopie"])
def test_a_part_of_another_name(tmp_path: Path, form: str, title: str) -> None:
    name, write = WRITERS[form]
    write(tmp_path / name, ROWS, ["Gespräche", title])
    assert unread(tmp_path / name, TALKS) == (1, [UnreadPart(title, "tabelle")])
    assert unread(tmp_path / name, TALKS, DELETED)[1] == [UnreadPart(title, "tabelle")]


@holds(4, "html", "xml", "xml_2003")
@pytest.mark.parametrize("form", ["html", "linear-xml", "xml-2003"])
def test_a_second_part_of_the_same_name(tmp_path: Path, form: str) -> None:
    name, write = WRITERS[form]
    write(tmp_path / name, ROWS, ["Gespräche", "Gespräche"])
    assert unread(tmp_path / name, TALKS) == (1, [UnreadPart("Gespräche", "tabelle")])


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([HEADER], id="only-a-header"),
        pytest.param([["Nr", "Name", "Ort"], ["1", "Tarhan", "Ulm"]], id="another-header"),
        pytest.param(
            [["Nr", "Datum", "Ort", "Raum", "Preis", "x"], list("123456")], id="two-of-six-columns"
        ),
    ],
)
def test_what_holds_no_row_of_the_table(tmp_path: Path, form: str, rows: list[list[str]]) -> None:
    name, write = WRITERS[form]
    write(tmp_path / name, ROWS, ["Gespräche"])
    whole = (tmp_path / name).read_bytes()
    write(tmp_path / name, rows, ["Anderes"])
    if form == "xlsx":
        write_both(tmp_path / name, rows)
    else:
        _join_parts(tmp_path / name, whole)
    assert unread(tmp_path / name, TALKS) == (1, [])
    assert unread(tmp_path / name, TALKS, DELETED)[1] == []


def write_both(path: Path, rows: list[list[str]], *, hidden: bool = False) -> None:
    with xlsxwriter.Workbook(str(path)) as book:
        for title, lines in (("Gespräche", ROWS), ("Anderes", rows)):
            sheet = book.add_worksheet(title)
            for row, cells in enumerate(lines):
                sheet.write_row(row, 0, cells)
        if hidden:
            sheet.hide()


def _join_parts(path: Path, first: bytes) -> None:
    """Puts the part of one file before that of another."""
    begin = {".xls": b"<Worksheet", ".htm": b"<table", ".xml": b"<ObjectType"}[path.suffix]
    end = {".xls": b"</Workbook", ".htm": b"</body", ".xml": b"</DMSContent"}[path.suffix]
    part = first[first.index(begin) : first.index(end)]
    path.write_bytes(path.read_bytes().replace(begin, part + begin, 1))


# Rows of a sheet that lacks the header of the table, and whether they may be rows of it.
DOUBTS = {
    "some-columns": ([["Nr", "Datum", "Ort"], ["7", "04.01.2024", "Ulm"]], True),
    "other-words": ([["Gespräch", "Datum", "Dauer", "Wo"], ["7", "04.01.2024", "5", "Ulm"]], True),
    "no-header": ([["7", "04.01.2024", "5", "Ulm"]], True),
    "only-a-header": ([["Nr", "Datum", "Ort"]], False),
    "a-legend": ([["Nr", "Bedeutung"], ["1", "ja"], ["2", "nein"]], False),
    "sums": ([["Dauer", "Summe"], ["30", "4"]], False),
    "words": (
        [["Bitte", "hier", "nichts", "eintragen"], ["Danke", "und", "viele", "Grüße"]],
        False,
    ),
}


@holds(4, "xlsx", "xml_2003", "html")
@pytest.mark.parametrize("form", ["xlsx", "xml-2003", "html"])
@pytest.mark.parametrize("case", DOUBTS)
def test_a_part_that_may_hold_rows(tmp_path: Path, form: str, case: str) -> None:
    rows, is_doubtful = DOUBTS[case]
    name, write = WRITERS[form]
    path = tmp_path / name
    want = wanted(*HEADER, table="Gespräche", required=HEADER)
    write(path, ROWS, ["Gespräche"])
    if form == "xlsx":
        write_both(path, rows)
    else:
        whole = path.read_bytes()
        write(path, rows, ["Anderes"])
        _join_parts(path, whole)
    tables = list(open_tables(path, path.name, [want]))
    beside = next(t.beside for t in tables if isinstance(t, TextTable) and rows_of(t))
    # The generator has ended, so the list is whole.
    assert [p.resembles for p in beside if p.title == "Anderes"] == (
        ["tabelle"] if is_doubtful else [None]
    )


def test_a_sheet_of_which_rows_begin_far_below(tmp_path: Path) -> None:
    write_both(tmp_path / "t.xlsx", [HEADER, *[["", "", ""]] * 80, ["7", "04.01.2024", "5"]])
    assert unread(tmp_path / "t.xlsx", TALKS) == (1, [UnreadPart("Anderes", "tabelle")])


def test_a_sheet_that_is_read_for_another_table(tmp_path: Path) -> None:
    write_both(tmp_path / "t.xlsx", ROWS)
    other = wanted(*HEADER, "Ort", table="Anderes", required=("Nr",))
    assert unread(tmp_path / "t.xlsx", TALKS, other) == (2, [])


def test_a_hidden_sheet_is_described_too(tmp_path: Path) -> None:
    write_both(tmp_path / "t.xlsx", ROWS, hidden=True)
    (table,) = open_tables(tmp_path / "t.xlsx", "t.xlsx", [TALKS])
    assert isinstance(table, TextTable)
    assert [n.rule for n in table.notices] == ["hidden_sheet"]
    assert table.beside == [UnreadPart("Anderes", TALKS.name, is_visible=False)]


def test_a_hidden_sheet_of_xml_2003_is_told(tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    xml_2003(path, ROWS, ["Gespräche", "Alt"])
    options = (
        '<WorksheetOptions xmlns="urn:schemas-microsoft-com:office:excel">'
        "<Visible>SheetHidden</Visible></WorksheetOptions></Worksheet></Workbook>"
    )
    path.write_text(path.read_text("utf-8").replace("</Worksheet></Workbook>", options), "utf-8")
    (table,) = open_tables(path, path.name, [TALKS])
    assert isinstance(table, TextTable)
    assert [(n.rule, "„Alt“" in n.message) for n in table.notices] == [("hidden_sheet", True)]
