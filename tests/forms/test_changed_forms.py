"""A form that is not the one the anchors were written for is named by part and cell; every spelling of XML is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.forms.anchors import Entry
from connectors.forms.filled_form import fill_form
from connectors.forms.read_back import compare_cells
from connectors.forms.template_problem import TemplateChanged
from connectors.tables.text_table import CannotRead
from tests.forms.official_form import (
    BOOK_PART,
    FORM,
    FORM_PART,
    HEAD,
    LIST_SHEET,
    MAIN,
    changed_form,
    form_parts,
    pack,
    unpack,
)

DAY = date(2025, 1, 31)
KINDER = Entry(FORM, ("Themen", "Kinder"), ("Anzahl",), 9987, "C11", "muster.yaml:7")
EINZELN = Entry(FORM, ("Gespräche mit Einzelpersonen",), ("Anzahl",), 7, None, "muster.yaml:8")
VON = Entry(FORM, ("Zeitraum von",), (), date(2024, 1, 1), "C2", "muster.yaml:9")

SHARED = "xl/sharedStrings.xml"
HEADS = (
    '<row r="5" spans="1:8"><c r="A5" s="1" t="s"><v>3</v></c><c r="C5" s="1" t="s"><v>4</v></c>'
)
AMOUNTS = '<c r="D5" t="s"><v>4</v></c>'
C7 = '<c r="C7" s="2"/>'


@pytest.mark.parametrize(
    ("part", "old", "new", "named"),
    [
        (SHARED, ">Kinder<", ">Kinder und Jugend<", f"({FORM}): no cell has the label 'Kinder'"),
        (SHARED, ">Anzahl<", ">Zahl<", "no cell has the label 'Anzahl'"),
        (BOOK_PART, f'"{FORM}"', '"Auswertung"', f"{BOOK_PART}: there is no sheet '{FORM}'"),
        (FORM_PART, C7, '<c r="C7" s="2"><f>1+1</f></c>', "!C7): the cell has a formula"),
        (FORM_PART, C7, '<c r="C7"/>', "!C7): the cell is protected"),
        (FORM_PART, C7, '<c r="C7" s="2" t="s"><v>4</v></c>', "!C7): the cell has a text"),
        (FORM_PART, 'ref="C2:D2"', 'ref="B7:C7"', "!C7): the cell is merged into B7:C7"),
        (FORM_PART, 'ref="C2:D2"', 'ref="C5:D5"', "merged over several columns (C5:D5)"),
        (FORM_PART, HEADS, HEADS + AMOUNTS, "mean several cells: C7, D7"),
        (FORM_PART, 'ref="E10"', 'ref="C7:E10"', "!C7): the cell has a formula"),
        (FORM_PART, '<c r="A3"', '<c r="D3"', "do not meet"),
    ],
    ids=[
        "row relabelled",
        "column relabelled",
        "sheet renamed",
        "formula",
        "protected",
        "text",
        "merged",
        "column spread",
        "column twice",
        "within an array",
        "label on the other side",
    ],
)
def test_a_change_is_named(part: str, old: str, new: str, named: str) -> None:
    entries = [KINDER, EINZELN, Entry(FORM, ("bis",), ("Anzahl",), 1)]
    with pytest.raises(TemplateChanged) as found:
        fill_form(changed_form((old, new), part=part), entries[: 3 if "meet" in named else 2], DAY)
    assert named in str(found.value)
    assert all(problem.part in form_parts() for problem in found.value.problems)


def test_a_moved_cell_is_named_where_its_place_is_known() -> None:
    moved = changed_form(('<row r="11"', '<row r="17"'), ('"A11"', '"A17"'), (HEADS, HEADS))
    with pytest.raises(TemplateChanged) as found:
        fill_form(moved, [KINDER], DAY)
    assert str(found.value) == (
        f"muster.yaml:7: {FORM_PART} ({FORM}!C17): the cell of row 'Kinder' and column 'Anzahl' has"
        " moved: it was C11; look at the form, then correct the mapping to 'cell: C17'"
    )
    with pytest.raises(TemplateChanged, match="'Zeitraum von' is not left of C2: it is at E2"):
        fill_form(changed_form(('<c r="A2"', '<c r="E2"')), [VON], DAY)


def test_all_reasons_are_named_at_once() -> None:
    changed = changed_form((">Kinder<", ">Jugend<"), (">Themen<", ">Was<"), part=SHARED)
    entries = [KINDER, EINZELN, EINZELN, Entry("Blatt 9", ("a",), ("b",), 1)]
    with pytest.raises(TemplateChanged) as found:
        fill_form(changed, entries, DAY)
    assert [p.what for p in found.value.problems] == [
        "no cell has the label 'Themen'",
        "two entries of the mapping mean this cell",
        "there is no sheet 'Blatt 9'",
    ]


def with_prefix(xml: str) -> str:
    """The same XML, its own elements with a prefix."""
    named = re.sub(r"<(/?)([A-Za-z]\w*)(?=[\s/>])", r"<\1x:\2", xml)
    return named.replace(f'xmlns="{MAIN}"', f'xmlns:x="{MAIN}"')


def without_places(xml: str) -> str:
    """The same XML up to row 3, where rows and cells state no place; gaps are filled."""
    full = xml.replace('<c r="C2" s="3"/>', '<c/><c s="3"/>').replace('<c r="D2"', "<c")
    return re.sub(r'(<row) r="[1-3]"|(<c) r="A[1-3]"', r"\1\2", full)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "prefixes": with_prefix,
    "no places": without_places,
    "byte order mark": lambda xml: "\ufeff" + xml,
    "line ends": lambda xml: xml.replace("><", ">\r\n<"),
    "single quotes": lambda xml: re.sub(r'(\w)="([^"\']*)"', r"\1='\2'", xml),
    "open elements": lambda xml: re.sub(r"<c ([^>]*)/>", r"<c \1></c >", xml),
    "comments": lambda xml: xml.replace("<row ", "<!-- a > b --><row "),
    "strict": lambda xml: xml.replace(MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"),
    "a row without cells": lambda xml: xml.replace(C7, "").replace(
        '<row r="18">', '<row r="17"/><row r="18">'
    ),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_the_sheet_is_filled(spelling: str) -> None:
    parts = form_parts()
    parts[FORM_PART] = SPELLINGS[spelling](parts[FORM_PART].decode()).encode()
    form = pack(parts)
    filled = fill_form(form, [KINDER, EINZELN, VON], DAY)
    assert [str(place) for _, place in filled.cells] == ["C11", "C7", "C2"]
    assert compare_cells(form, filled.content, filled.cells, filled.formulas) == []
    assert filled.formulas.unknown == []


def broken(**parts: bytes | None) -> bytes:
    names = {"sheet": FORM_PART, "book": BOOK_PART, "extra": "_xmlsignatures/sig1.xml"}
    changed = {**form_parts(), **{names[key]: v for key, v in parts.items() if v is not None}}
    return pack(changed)


DOCTYPE = b'<!DOCTYPE x [<!ENTITY a "b">]>'
BOMB = (
    HEAD + f'<worksheet xmlns="{MAIN}"><sheetData>' + " " * 40_000_000 + "</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", CannotRead),
        (b"PK\x03\x04 no archive", CannotRead),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), CannotRead),
        (broken(sheet=b"<worksheet"), CannotRead),
        (broken(sheet=DOCTYPE + b"<worksheet/>"), CannotRead),
        (broken(book=DOCTYPE + form_parts()[BOOK_PART].split(b"?>", 1)[1]), CannotRead),
        (broken(book=b"<workbook/>"), CannotRead),
        (broken(sheet=form_parts()[FORM_PART].decode().encode("utf-16")), CannotRead),
        (broken(sheet=BOMB.encode()), CannotRead),
        (broken(extra=b"<Signature/>"), TemplateChanged),
    ],
    ids=[
        "empty",
        "no archive",
        "password",
        "cut off",
        "document type",
        "document type of the book",
        "no sheets",
        "wide characters",
        "inflated",
        "signed",
    ],
)
def test_what_cannot_be_filled_safely_is_refused(content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        fill_form(content, [KINDER], DAY)


@settings(max_examples=60, deadline=None)
@given(
    present=st.sets(st.tuples(st.integers(2, 9), st.integers(2, 6)), max_size=20),
    wanted=st.dictionaries(
        st.tuples(st.integers(2, 9), st.integers(2, 6)),
        st.integers(0, 99_999) | st.sampled_from(["x", " ä & <b> ", "]]>"]),
        max_size=12,
    ),
)
def test_any_cells_of_any_rows(
    present: set[tuple[int, int]], wanted: dict[tuple[int, int], int | str]
) -> None:
    def cell(place: str, text: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'

    heads = "".join(cell(f"{'ABCDEF'[c - 1]}1", f"Spalte {c}") for c in range(2, 7))
    rows = [f'<row r="1">{heads}</row>']
    for r in range(2, 10):
        inside = "".join(
            f'<c r="{"ABCDEF"[c - 1]}{r}"><v>1</v></c>' for c in range(2, 7) if (r, c) in present
        )
        rows.append(f'<row r="{r}">{cell(f"A{r}", f"Zeile {r}")}{inside}</row>')
    sheet = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    form = pack({**form_parts(), "xl/worksheets/sheet2.xml": sheet.encode()})
    entries = [
        Entry("Listen & Werte", (f"Zeile {r}",), (f"Spalte {c}",), value)
        for (r, c), value in wanted.items()
    ]
    filled = fill_form(form, entries, DAY)
    assert {(p.row, p.column): v for (_, p), v in filled.cells.items()} == wanted
    assert compare_cells(form, filled.content, filled.cells, filled.formulas) == []


def test_rows_that_do_not_exist_are_made() -> None:
    empty = f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'
    from connectors.documents.cell_place import Place
    from connectors.forms.cell_bytes import replace_cells, splice_bytes
    from connectors.forms.sheet_index import index_sheet

    sheet = index_sheet(empty.encode())
    made = splice_bytes(
        sheet.content, replace_cells(sheet, {Place(3, 2): 5, Place(1, 27): 1.5, Place(3, 1): "x"})
    )
    assert made.decode().split("sheetData")[1] == (
        '><row r="1"><c r="AA1"><v>1.5</v></c></row><row r="3"><c r="A3" t="inlineStr"><is><t>x</t>'
        '</is></c><c r="B3"><v>5</v></c></row></'
    )
    again = index_sheet(made)
    between = splice_bytes(made, replace_cells(again, {Place(2, 1): 7, Place(9, 1): 8}))
    assert re.findall(r'<row r="(\d)"', between.decode()) == ["1", "2", "3", "9"]
    assert LIST_SHEET.count("<row") == len(index_sheet(LIST_SHEET.encode()).rows)
    assert unpack(pack({"a": between}))["a"] == between
