"""Forms that other programs wrote, and what is rare in a workbook but allowed."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
import xlsxwriter

from connectors.documents.cell_place import Place
from connectors.forms.anchors import Entry
from connectors.forms.filled_form import FilledForm, fill_form
from connectors.forms.read_back import compare_cells
from connectors.forms.sheet_index import list_children
from tests.forms.official_form import (
    BOOK_PART,
    FORM,
    FORM_PART,
    changed_form,
    form_parts,
    pack,
    unpack,
)
from tests.forms.test_changed_forms import with_prefix

DAY = date(2025, 1, 31)
TALKS = Entry(FORM, ("Gespräche mit Einzelpersonen",), ("Anzahl",), 700)


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Übersicht 2024"
    for row in (["Kennzahl", 2023, 2024], ["Gespräche", 5, None], ["Pläne", None, None]):
        sheet.append(row)
    sheet["D2"] = "=B2+C2"
    sheet["C5"] = "=SUM(C2:C3)"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def by_xlsxwriter() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        chart = book.add_chartsheet("Bild")
        sheet = book.add_worksheet("Übersicht 2024")
        hidden = book.add_worksheet("verborgen")
        hidden.hide()
        hidden.write_formula("A1", "='Übersicht 2024'!C2*2")
        sheet.write_row("A1", ["Kennzahl", 2023, 2024])
        sheet.write_row("A2", ["Gespräche", 5])
        sheet.write("A3", "Pläne")
        sheet.write_formula("D2", "=B2+C2")
        sheet.write_formula("C5", "=SUM(C2:C3)")
        figure = book.add_chart({"type": "column"})
        figure.add_series({"values": "='Übersicht 2024'!$C$2:$C$3"})
        chart.set_chart(figure)
    return buffer.getvalue()


@pytest.mark.parametrize("make", [by_openpyxl, by_xlsxwriter])
def test_forms_of_other_programs(make: Callable[[], bytes]) -> None:
    form, sheet = make(), "Übersicht 2024"
    entries = [
        Entry(sheet, ("Gespräche",), ("2024",), 43240),
        Entry(sheet, ("Pläne",), ("2024",), 1326),
    ]
    filled = fill_form(form, entries, DAY)
    values = {
        place: value for (name, place), value in filled.formulas.computed.items() if name == sheet
    }
    assert values == {Place(2, 4): 43245, Place(5, 3): 44566}
    if make is by_xlsxwriter:
        # A sheet that depends on a filled one shows its new value, too.
        assert filled.formulas.computed["verborgen", Place(1, 1)] == 86480
    assert compare_cells(form, filled.content, filled.cells, filled.formulas) == []
    again = openpyxl.load_workbook(io.BytesIO(filled.content), data_only=True)[sheet]
    assert (again["C2"].value, again["D2"].value, again["C5"].value) == (43240, 43245, 44566)


BOOKS: dict[str, Callable[[str], str]] = {
    "no settings": lambda xml: xml.replace('<calcPr calcId="191029"/>', ""),
    "settings and old request": lambda xml: xml.replace(
        "<calcPr ", "<calcPr calcMode='manual' fullCalcOnLoad='0' "
    ),
    "open element": lambda xml: xml.replace(
        '<calcPr calcId="191029"/>', '<calcPr calcId="191029"></calcPr>'
    ),
    "prefix, no settings": lambda xml: with_prefix(xml.replace('<calcPr calcId="191029"/>', "")),
    "extension of a view": lambda xml: xml.replace('<calcPr calcId="191029"/>', "").replace(
        'windowHeight="9000"/>', 'windowHeight="9000"><extLst/></workbookView>'
    ),
    "named in a comment": lambda xml: xml.replace("<sheets>", "<!-- <calcPr/> --><sheets>"),
}


@pytest.mark.parametrize("name", BOOKS)
def test_the_request_to_calculate_stands_where_it_belongs(name: str) -> None:
    parts = form_parts()
    before = BOOKS[name](parts[BOOK_PART].decode()).encode()
    after = unpack(fill_form(pack({**parts, BOOK_PART: before}), [TALKS], DAY).content)[BOOK_PART]
    children = [child for child, _, _ in list_children(after)[1]]
    assert children == ["workbookPr", "bookViews", "sheets", "definedNames", "calcPr"]
    (span,) = [after[a:b] for child, a, b in list_children(after)[1] if child == "calcPr"]
    assert span.count(b"fullCalcOnLoad") == 1 and b' fullCalcOnLoad="1"' in span
    assert (b"calcMode='manual'" in span) == (name == "settings and old request")


def value_at(filled: FilledForm, place: Place) -> object:
    return filled.formulas.computed[FORM, place]


def test_a_what_if_table_is_told_and_shows_no_old_result() -> None:
    form = changed_form(
        ('<f t="array" ref="E10">SUM(C7:C8*{2;1})</f>', '<f t="dataTable" ref="E10:E11" r1="C7"/>')
    )
    filled = fill_form(form, [TALKS], DAY)
    assert (FORM, Place(10, 5)) in filled.formulas.unknown
    assert '<c r="E10"><f t="dataTable"' in unpack(filled.content)[FORM_PART].decode()


def test_days_of_a_workbook_that_counts_from_1904() -> None:
    form = changed_form(("<workbookPr ", '<workbookPr date1904="1" '), part=BOOK_PART)
    von = Entry(FORM, ("Zeitraum von",), (), date(2024, 1, 1), "C2")
    filled = fill_form(form, [von], DAY)
    assert filled.cells == {(FORM, Place(2, 3)): (date(2024, 1, 1) - date(1904, 1, 1)).days}
    assert compare_cells(form, filled.content, filled.cells, filled.formulas) == []
    again = openpyxl.load_workbook(io.BytesIO(filled.content))[FORM]
    assert again["C2"].value.date() == date(2024, 1, 1)


def test_a_day_is_written_as_text_where_the_cell_shows_no_days() -> None:
    kreis = Entry(FORM, ("Kreis (Name)",), (), date(2024, 1, 1), "C18")
    filled = fill_form(pack(form_parts()), [kreis], DAY)
    assert filled.cells == {(FORM, Place(18, 3)): "01.01.2024"}


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Gespra\u0308che mit\u00a0Einzel\u00adpersonen", "Gespräche mit Einzelpersonen"),
        ("Gespräche_x000D_\nmit Einzelpersonen :", "Gespräche mit  Einzelpersonen:"),
        ("\u200bGespräche mit Einzelpersonen\ufeff", "Gespräche mit Einzelpersonen"),
    ],
)
def test_labels_are_compared_as_people_read_them(written: str, asked: str) -> None:
    form = changed_form(("Gespräche mit Einzelpersonen:", written), part="xl/sharedStrings.xml")
    filled = fill_form(form, [Entry(FORM, (asked,), ("Anzahl:",), 3)], DAY)
    assert filled.cells == {(FORM, Place(7, 3)): 3}


@pytest.mark.parametrize("text", ["_x0041_", "a\x07b", "  zwei\nZeilen ", "<&>\"'", "𝔄"])
def test_any_text_is_read_back(text: str) -> None:
    form = pack(form_parts())
    filled = fill_form(form, [Entry(FORM, ("Kreis (Name)",), (), text, "C18")], DAY)
    assert compare_cells(form, filled.content, filled.cells, filled.formulas) == []


def test_names_of_parts_differ_by_case_and_code() -> None:
    parts = form_parts()
    relations = parts["xl/_rels/workbook.xml.rels"].decode()
    relations = relations.replace("worksheets/sheet1.xml", "Worksheets/Sheet%31.XML")
    form = pack({**parts, "xl/_rels/workbook.xml.rels": relations.encode()})
    assert fill_form(form, [TALKS], DAY).cells == {(FORM, Place(7, 3)): 700}


def test_a_sheet_is_found_however_its_accents_are_written() -> None:
    form = changed_form((f'name="{FORM}"', 'name="Auswertung Zeitra\u0308ume"'), part=BOOK_PART)
    assert [str(place) for _, place in fill_form(form, [TALKS], DAY).cells] == ["C7"]
