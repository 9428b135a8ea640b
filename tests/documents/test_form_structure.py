"""Form and covering letter for a screen reader: what PDF/UA-1 (Matterhorn protocol) asks that can be read from the file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from datetime import date

import pytest

from connectors.documents.jobcenter.form import render_form
from connectors.documents.jobcenter.parcel import CoveringLetter, IndexEntry, render_letter
from tests.documents.form_structure import Element, TaggedPdf, metadata_of
from tests.documents.simulated_documents import form, form_of_two_consents

# Of ISO 32000-1, 14.8.4; anything else would need a role map.
STANDARD = {
    *(
        "/Document",
        "/Part",
        "/Art",
        "/Sect",
        "/Div",
        "/P",
        "/H1",
        "/H2",
        "/H3",
        "/L",
        "/LI",
        "/Lbl",
        "/LBody",
    ),
    *(
        "/Table",
        "/TR",
        "/TH",
        "/TD",
        "/THead",
        "/TBody",
        "/TFoot",
        "/Span",
        "/Figure",
        "/Strong",
        "/Em",
        "/Link",
    ),
}
LETTER = CoveringLetter("s-1", "Kreis", "Kreis", "Jobcenter", date(2025, 8, 1), "Schloss 1, 7 M")
INDEX = [IndexEntry(f"f-{n}", f"Name {n}", "01.01.1990") for n in range(60)]
MAKERS: dict[str, Callable[[], bytes]] = {
    "covering letter": lambda: render_letter(LETTER, 60, INDEX, ["Arbeit", "Sprache"]),
    "one consent": lambda: render_form(form()),
    "two consents": lambda: render_form(form_of_two_consents()),
}


@pytest.fixture(scope="module", params=MAKERS)
def pdf(request: pytest.FixtureRequest) -> TaggedPdf:
    return TaggedPdf(MAKERS[request.param](), request.param)


def of_kind(pdf: TaggedPdf, *kinds: str) -> list[Element]:
    return [element for element in pdf.walk() if element.kind in kinds]


def test_it_says_that_it_is_tagged_german_and_has_a_title(pdf: TaggedPdf) -> None:
    assert pdf.root["/MarkInfo"] == {"/Marked": True, "/Suspects": False}
    assert pdf.root["/Lang"] in ("de", "de-DE")
    assert pdf.root["/ViewerPreferences"]["/DisplayDocTitle"]
    xmp = metadata_of(pdf)
    assert re.search(r"pdfuaid:part[>=\"]+1", xmp) and "<dc:title>" in xmp
    assert re.search(r"pdfaid:part[>=\"]+3", xmp)
    assert re.search(r"pdfaid:conformance[>=\"]+A", xmp)


def test_nothing_is_shown_that_is_neither_tagged_nor_an_artifact(pdf: TaggedPdf) -> None:
    assert pdf.unmarked() == []


def test_all_that_is_marked_is_in_the_tree_once(pdf: TaggedPdf) -> None:
    in_tree = [mark for element in pdf.walk() for mark in element.marks]
    assert len(in_tree) == len(set(in_tree)) > 40
    assert set(in_tree) == pdf.marked()


def test_elements_are_of_the_standard_and_headings_skip_no_level(pdf: TaggedPdf) -> None:
    kinds = [element.kind for element in pdf.walk()]
    assert set(kinds) <= STANDARD or pdf.root["/StructTreeRoot"].get("/RoleMap")
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1 and levels.count(1) == 1 and len(levels) > 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_every_label_is_a_head_and_every_value_names_its_own(pdf: TaggedPdf) -> None:
    tables = of_kind(pdf, "/Table")
    assert len(tables) >= 2
    for table in tables:
        heads = [element for element in table.walk() if element.kind == "/TH"]
        values = [element for element in table.walk() if element.kind == "/TD"]
        assert all(head.attributes["/Scope"] in ("/Column", "/Row") for head in heads)
        known = {head.attributes["/ID"] for head in heads}
        named = [set(value.attributes["/Headers"]) for value in values]
        assert len(known) == len(heads) and values
        assert all(len(names) == 1 and names <= known for names in named)


def test_rows_of_a_table_are_equally_wide(pdf: TaggedPdf) -> None:
    for table in of_kind(pdf, "/Table"):
        rows = [element for element in table.walk() if element.kind == "/TR"]
        widths = {
            sum(int(cell.attributes.get("/ColSpan", 1)) for cell in row.children) for row in rows
        }
        assert len(widths) == 1


def test_pictures_have_a_text_and_tabs_follow_the_structure(pdf: TaggedPdf) -> None:
    assert of_kind(pdf, "/Figure") == []
    assert all(page.get("/Tabs", "/S") == "/S" for page in pdf.reader.pages)


def test_fonts_are_embedded_and_say_which_letters_they_hold(pdf: TaggedPdf) -> None:
    fonts = {
        reference.idnum: reference.get_object()
        for page in pdf.reader.pages
        for reference in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    for font in fonts.values():
        assert "/ToUnicode" in font
        for below in font.get("/DescendantFonts", [font]):
            descriptor = below.get_object()["/FontDescriptor"]
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & descriptor.keys()


def test_the_attachment_is_named_and_described(pdf: TaggedPdf) -> None:
    if "covering" in pdf.name:
        assert "/AF" not in pdf.root
        return
    (file,) = (part.get_object() for part in pdf.root["/AF"])
    assert file["/AFRelationship"] == "/Data" and "maschinenlesbar" in file["/Desc"]
    assert file["/F"] == file["/UF"] == "daten.json"
