"""What is told of an xlsx sheet beside its values is the same however its XML is spelled, as far as the standard lets it be."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.readers.spreadsheet import marks
from connectors.readers.spreadsheet.marks import walked_marks
from connectors.tables.text_table import Notice
from tests.connectors.reading import Rows, one_table, refusal, wanted

KB = wanted("K", "B", "C", required=("K",))
Change = Callable[[str], str]
ROWS = """<row r="1"><c r="A1" t="inlineStr"><is><t>K</t></is></c><c r="B1" t="inlineStr"><is><t>B</t></is></c>\
<c r="C1" t="inlineStr"><is><t>C</t></is></c></row>\
<row r="2" spans="1:3"><c r="A2" s="1"><v>1067</v></c><c r="B2"><v>5</v></c><c r="C2" s="1"><v>7</v></c></row>\
<row r="3" hidden="1"><c r="A3" s="1"><v>89073</v></c><c r="B3" t="e"><v>#N/A</v></c><c r="C3" s="2"><v>7</v></c></row>\
<row r="4"><c r="A4" s="2"><v>4</v></c><c r="B4"><f>1+1</f></c><c r="C4" t="str"><f>""</f><v></v></c></row>\
<row r="5" hidden="true"><c r="A5"><v>5</v></c><c r="B5"><f>1+1</f><v/></c><c r="C5" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>"""


def prefixed(text: str) -> str:
    return re.sub(r"<(/?)(?=\w)", r"<\1x:", text)


def without_places(text: str) -> str:
    return re.sub(r'(<(?:row|c)) r="\w+"', r"\1", text)


def places_last(text: str) -> str:
    return re.sub(r'(<(?:row|c))( r="\w+")([^>]*?)(/?)>', r"\1\3\2\4>", text)


SPELLINGS: dict[str, Change] = {
    "prefixes": prefixed,
    "no places": without_places,
    "no places of rows": lambda text: re.sub(r'<row r="\w+"', "<row", text),
    "one cell without its place": lambda text: text.replace(' r="C5"', ""),
    "no places, prefixes": lambda text: prefixed(without_places(text)),
    "single quotes": lambda text: re.sub(r'="(\w+)"', r"='\1'", text),
    "other order": places_last,
    "other order, single quotes": lambda text: re.sub(r'="(\w+)"', r"='\1'", places_last(text)),
    "blanks": lambda text: re.sub(r'(\w)="(\w+)"', r'\1 = "\2"', text),
    "blank before the value": lambda text: text.replace('hidden="', 'hidden= "'),
    "line ends": lambda text: re.sub(r'<(row|c) r="', r'<\1\n\tr="', text),
    "blank in the end": lambda text: text.replace("</f>", "</f >").replace("</c>", "</c >").replace("</row>", "</row\n>"),
    "small letters": lambda text: re.sub(r' r="([A-C])', lambda m: f' r="{m.group(1).lower()}', text),
    "comments": lambda text: text.replace("</row>", '<!-- <row r="9" hidden="1"> --></row>'),
    "blank in the value": lambda text: text.replace("<v/>", "<v ></v >"),
    "one row in a prefix": lambda text: re.sub(r'<(row r="3".*?)</row>', r"<x:\1</x:row>", text),
    "one cell in a prefix that looks usual": lambda text: re.sub(r'<c (r="B4"(?:[^>]*[^/>])?>.*?)</c>', r"<c:c \1</c:c>", text),
}  # fmt: skip

# Spellings in which a cell has its place from those before it only.
UNPLACED = {"no places", "no places, prefixes", "one cell without its place"}


def workbook(folder: Path, rows: str, change: Change = str) -> Path:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    names = f'xmlns="{space}" xmlns:x="{space}" xmlns:c="{space}"'
    inner = change(f"<sheetData>{rows}</sheetData>")
    sheet = f'<?xml version="1.0" encoding="UTF-8"?><worksheet {names}><dimension ref="A1:C5"/>{inner}<pageMargins left="0.7"/></worksheet>'
    plain = BytesIO()
    with xlsxwriter.Workbook(plain, {"in_memory": True}) as book:
        made = book.add_worksheet("S")
        made.write_number(0, 0, 1, book.add_format({"num_format": '"D-"00000'}))
        made.write_number(0, 1, 1, book.add_format({"num_format": "#,##0"}))
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(folder / "t.xlsx", "w") as target:
        for entry in source.infolist():
            target.writestr(
                entry, sheet if entry.filename.endswith("sheet1.xml") else source.read(entry)
            )
    return folder / "t.xlsx"


def told(path: Path) -> tuple[Rows, list[Notice]]:
    table, rows, _ = one_table(path, KB)
    return rows, table.notices


def test_the_usual_spelling_goes_the_fast_way(tmp_path: Path) -> None:
    with patch.object(marks, "walked_marks") as slow:
        rows, notices = told(workbook(tmp_path, ROWS))
    assert not slow.called
    assert [list(cells.values()) for _, cells in rows] == [
        ["01067", "5", "00007"],
        ["89073", "", "7"],
        ["4", "", ""],
        ["5", "", ""],
    ]
    assert [(n.rule, n.row, n.column) for n in notices] == [
        ("hidden_rows", 3, None),
        ("formula_without_value", 4, "B"),
        ("formula_without_value", 5, "B"),
        ("error_value", 3, "B"),
        ("error_value", 5, "C"),
    ]
    assert notices[0].message.startswith("2 Zeilen")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_unusual_spelling_tells_the_same(spelling: str, tmp_path: Path) -> None:
    usual = told(workbook(tmp_path, ROWS))
    assert SPELLINGS[spelling](ROWS) != ROWS
    with patch.object(marks, "walked_marks", wraps=walked_marks) as slow:
        assert told(workbook(tmp_path, ROWS, SPELLINGS[spelling])) == usual
    assert slow.called


CELLS = (
    "", ' s="1"><v>7</v>', ' s="2"><v>7</v>', ' t="e"><v>#N/A</v>', "><f>1+1</f>", "><f>1+1</f><v></v>", '><f a="b"/>', ' s="1"/',
    ' t="str"><f>1</f><v/>', ' t="str"><f>1</f>', "><f>1</f>\n<v>8</v>", ' t="inlineStr"><is><t>x=1</t></is>',
)  # fmt: skip
ROW = st.tuples(
    st.sampled_from(["", ' hidden="1"', ' hidden="0"', ' spans="1:3"']),
    st.lists(st.sampled_from(CELLS), max_size=3),
)
SHEET = st.lists(ROW, max_size=6)


@settings(max_examples=150, deadline=None)
@given(sheet=SHEET, spelling=st.sampled_from(sorted(SPELLINGS)))
def test_any_sheet_has_the_same_marks_in_any_spelling(
    tmp_path_factory, sheet: list[tuple[str, list[str]]], spelling: str
) -> None:
    rows = ROWS.partition("</row>")[0] + "</row>"
    for number, (attributes, cells) in enumerate(sheet, 2):
        inner = (
            f'<c r="{letter}{number}"{cell}{">" if cell.endswith("/") else "</c>"}'
            for letter, cell in zip("ABC", cells, strict=False)
            if cell
        )
        rows += f'<row r="{number}"{attributes}>{"".join(inner)}</row>'
    # A cell that is left out can only be told by places.
    if spelling in UNPLACED and any("" in cells for _, cells in sheet):
        spelling = "other order"
    folder = tmp_path_factory.mktemp("xlsx")
    usual = told(workbook(folder, rows))
    assert told(workbook(folder, rows, SPELLINGS[spelling])) == usual


@pytest.mark.parametrize("blanks", [0, 2**20 - 700, 2**20 - 350, 2**20 - 20, 2**23 + 5])
def test_marks_wherever_the_sheet_is_cut(blanks: int, tmp_path: Path) -> None:
    assert told(
        workbook(
            tmp_path, ROWS, lambda text: text.replace('<row r="2"', " " * blanks + '<row r="2"')
        )
    ) == told(workbook(tmp_path, ROWS))


@pytest.mark.parametrize("empty", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>"])
def test_a_sheet_without_rows(empty: str, tmp_path: Path) -> None:
    assert refusal(workbook(tmp_path, "", lambda _: empty), KB).rule != "broken_file"


def test_a_workbook_of_the_strict_form(tmp_path: Path) -> None:
    usual = told(workbook(tmp_path, ROWS))
    strict = tmp_path / "s.xlsx"
    with zipfile.ZipFile(tmp_path / "t.xlsx") as source, zipfile.ZipFile(strict, "w") as target:
        for entry in source.infolist():
            content = source.read(entry).replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/",
                b"http://purl.oclc.org/ooxml/officeDocument/",
            )
            target.writestr(entry, content)
    assert told(strict) == usual


@pytest.mark.parametrize(
    "renamed", [("sheet1.xml", "Sheet1.XML"), ("xl/", "XL/"), ("/", "\\"), ("styles", "Styles")]
)
def test_entries_are_found_however_their_names_are_written(
    renamed: tuple[str, str], tmp_path: Path
) -> None:
    usual = told(workbook(tmp_path, ROWS))
    other = tmp_path / "n.xlsx"
    with zipfile.ZipFile(tmp_path / "t.xlsx") as source, zipfile.ZipFile(other, "w") as target:
        for entry in source.infolist():
            kept = entry.filename in ("[Content_Types].xml", "_rels/.rels")
            target.writestr(
                entry.filename if kept else entry.filename.replace(*renamed), source.read(entry)
            )
    assert told(other) == usual
