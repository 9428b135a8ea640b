"""The Jobcenter form, read back: what is printed, what is attached, what is not there."""

from __future__ import annotations

import io
import json
import re
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from connectors.documents.jobcenter.form import (
    TITLES,
    FormField,
    FormRow,
    FormSection,
    form_data,
    render_form,
)
from connectors.documents.jobcenter.value_text import value_text
from connectors.documents.typst_pdf import NotPrinted, render_pdf
from tests.documents.din_91379 import list_din_91379
from tests.documents.simulated_documents import form, form_of_two_consents


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def attached(pdf: bytes) -> Any:
    (content,) = PdfReader(io.BytesIO(pdf)).attachments["daten.json"]
    return json.loads(content)


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return render_form(form())


def test_it_is_tagged_german_archivable(pdf: bytes) -> None:
    root: Any = PdfReader(io.BytesIO(pdf)).trailer["/Root"]
    assert root["/Lang"] in ("de", "de-DE")
    assert root["/MarkInfo"]["/Marked"]
    assert root["/StructTreeRoot"]["/K"]
    metadata = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part[>=\"]+1", metadata)
    assert re.search(r"pdfaid:part[>=\"]+3", metadata) and re.search(
        r"pdfaid:conformance[>=\"]+A", metadata
    )


def test_the_head_says_who_why_and_on_what_ground(pdf: bytes) -> None:
    text = " ".join(text_of(pdf).split())
    for expected in (
        "Datenübermittlung an das Jobcenter mit Einwilligung",
        "Landkreis Musterkreis",
        "Jobcenter Musterkreis",
        "01.08.2025",
        "E-2041",
        "Zweck Vermittlung in Arbeit und Ausbildung",
        "Rösler, Anna · Landratsamt Musterkreis · Schlossplatz 1, 79999 Musterstadt · Telefon 07999 123-0",
        "14.03.2025",
        "13.03.2026",
        "§ 78 SGB X",
        "jederzeit",
        "Seite 1 von",
        "Unterschrift",
    ):
        assert expected in text, expected


def test_all_granted_groups_are_printed_in_fixed_order(pdf: bytes) -> None:
    text = text_of(pdf)
    places = [text.rindex(title) for title in TITLES.values()]
    assert places == sorted(places)


def test_who_it_is_stands_before_all_else(pdf: bytes) -> None:
    text = " ".join(text_of(pdf).split())
    assert text.index("Şahin, Łucja geboren am 17.05.1991") < text.index("Jobcenter Musterkreis")
    assert attached(pdf)["person"] == {
        "name": "Şahin, Łucja",
        "birth_date": "17.05.1991",
        "jobcenter_number": "",
    }


NUMBER = FormField("jobcenter_number", "Kundennummer", "617A123456")


def test_a_customer_number_stands_for_a_name_that_is_not_recorded() -> None:
    number = FormSection("stammdaten", [NUMBER])
    made = replace(form(groups=["stammdaten"]), sections=[number])
    assert "Kundennummer 617A123456" in text_of(render_form(made))


@pytest.mark.parametrize(
    "sections",
    [[FormSection("stammdaten", [FormField("last_name", "Familienname", " ")])], []],
    ids=["no name", "not released"],
)
def test_a_form_of_nobody_knows_whom_is_not_made(sections: list[FormSection]) -> None:
    made = form(groups=["stammdaten", "beruf"])
    others = [section for section in made.sections if section.group == "beruf"]
    groups = [section.group for section in [*sections, *others]]
    consents = [replace(made.consents[0], groups=groups)]
    with pytest.raises(ValueError, match="cannot be assigned"):
        form_data(replace(made, sections=[*sections, *others], consents=consents))


@pytest.mark.parametrize("granted", [["stammdaten", "sprache"], ["stammdaten", "ziele_arbeit"]])
def test_of_what_is_not_granted_only_that_is_said(granted: list[str]) -> None:
    whole, made = form(), form(groups=granted)
    pdf = render_form(made)
    text, data = " ".join(text_of(pdf).split()), attached(pdf)
    held_back = [group for group in TITLES if group not in granted]
    titles = " · ".join(TITLES[group] for group in held_back)
    assert f"Nicht freigegeben {titles} Einwilligung" in text
    assert [group["group"] for group in data["not_released"]] == held_back
    assert {section["group"] for section in data["sections"]} == set(granted)
    assert [set(consent["groups"]) for consent in data["consents"]] == [set(granted)]
    plain = json.dumps(data, ensure_ascii=False)
    values = [value for part in whole.sections if part.group in held_back for value in texts(part)]
    assert len(values) > 5
    assert not [value for value in values if value in text or value in plain]


def texts(section: FormSection) -> list[str]:
    """What is printed of a section, but what may stand elsewhere on the form."""
    fields = [*section.fields]
    for entries in section.lists:
        fields += [field for row in entries.rows for field in row.fields]
    return [text for field in fields if len(text := value_text(field.value)) > 2]


def test_three_things_are_not_one(pdf: bytes) -> None:
    text = " ".join(text_of(pdf).split())
    assert "Nicht erfasst: Telefon Im Fachverfahren nicht geführt: Familienstand" in text
    assert "Im Fachverfahren nicht geführt: Anerkennung" in text and "keine Angabe" not in text
    assert "Nicht freigegeben" not in text
    fields = attached(pdf)["sections"][0]["fields"]
    assert {field["name"]: field["state"] for field in fields} | {
        "last_name": "stated",
        "phone": "not_recorded",
        "marital_status": "not_kept",
    } == {field["name"]: field["state"] for field in fields}


def test_entries_that_contradict_each_other_name_their_source() -> None:
    (entries,) = form().sections[1].lists
    rows = [replace(row, source=source) for row, source in zip(entries.rows, "AB", strict=True)]
    section = FormSection("sprache", [], [replace(entries, rows=rows)])
    made = form(groups=["stammdaten", "sprache"])
    two = replace(made, sections=[made.sections[-1], section])
    text = " ".join(text_of(render_form(two)).split())
    assert "Zertifikat laut Deutsch B1 telc A Arabisch Erstsprache nicht erfasst B" in text


def test_an_entry_that_says_nothing_is_none() -> None:
    made = form(groups=["stammdaten", "sprache"])
    (entries,) = (part for section in made.sections for part in section.lists)
    empty = FormSection("sprache", [], [replace(entries, rows=[FormRow(entries.columns, "A")])])
    text = text_of(render_form(replace(made, sections=[made.sections[-1], empty])))
    assert "Nicht erfasst: Sprachkenntnis\n" in text and "laut" not in text


def test_one_consent_stands_in_the_head_and_needs_no_numbers(pdf: bytes) -> None:
    text, data = " ".join(text_of(pdf).split()), attached(pdf)
    assert text.count("Vermittlung in Arbeit") == 1
    assert "Einwilligung 1" not in text and "Zweck:" not in text
    assert data["purpose"] == data["consents"][0]["purpose"]


def test_the_state_of_the_ledger_is_in_print_data_and_metadata() -> None:
    pdf = render_form(replace(form(), checkpoint="117 · 3f9a"))
    assert "Prüfstand 117 · 3f9a" in text_of(pdf)
    assert attached(pdf)["checkpoint"] == "117 · 3f9a"
    metadata = PdfReader(io.BytesIO(pdf)).metadata
    assert metadata and "117 · 3f9a" in metadata["/Keywords"]


def test_all_of_din_91379_is_printed_and_can_be_copied() -> None:
    letters = list_din_91379()
    fields = [FormField("occupations", "Tätigkeiten", " ".join(letters))]
    made = form(groups=["stammdaten", "beruf"])
    made = replace(made, sections=[made.sections[-1], FormSection("beruf", fields)])
    pdf = render_form(made)
    assert "□" not in text_of(pdf)
    plain = unicodedata.normalize("NFD", "".join(text_of(pdf).split()) + actual_text(pdf))
    # Below a double macron each of the two letters is one of its own.
    parts = [part for letter in letters for part in re.split("(?<=\u035f)", letter)]
    assert [x for x in parts if unicodedata.normalize("NFD", x).strip() not in plain] == []


def actual_text(pdf: bytes) -> str:
    """What a reader copies in place of letters with combining signs; pypdf does not look at it."""
    pages = [page.get_contents() for page in PdfReader(io.BytesIO(pdf)).pages]
    content = b"".join(page.get_data() for page in pages if page is not None)
    written = re.findall(rb"/ActualText<FEFF([0-9A-F]+)>", content)
    return " ".join(bytes.fromhex(text.decode()).decode("utf-16-be") for text in written)


def test_several_consents_are_kept_apart() -> None:
    pdf = render_form(form_of_two_consents())
    text, data = " ".join(text_of(pdf).split()), attached(pdf)
    work, course = (
        "Zweck: Arbeitsvermittlung; Einwilligung 1 (E-A)",
        "Zweck: Sprachkurs; Einwilligung 2 (E-B)",
    )
    for expected in (
        f"Angaben zur Person {work} Familienname",
        f"Erwerbstätigkeit {course} Aufenthaltsstatus",
        f"Kurse {work} {course} Sprache",
        "13.03.2026",
        "bis zum Widerruf",
        "nicht gesondert vermerkt",
    ):
        assert expected in text, expected
    assert {section["group"]: section["consents"] for section in data["sections"]} == {
        "stammdaten": [1],
        "aufenthalt": [2],
        "sprache": [1, 2],
    }
    assert data["purpose"] is None and "Zweck " not in text.partition("Einwilligungen")[0]


def test_a_purpose_that_all_consents_share_stays_in_the_head() -> None:
    two = form_of_two_consents()
    same = replace(
        two, consents=[replace(consent, purpose="Arbeitsvermittlung") for consent in two.consents]
    )
    assert form_data(same)["purpose"] == "Arbeitsvermittlung"


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([["sprache"]], "stammdaten"),
        ([["sprache", "stammdaten", "beruf"]], "beruf"),
        ([["sprache", "stammdaten"], []], "no section"),
    ],
    ids=["no-consent", "no-section", "idle-consent"],
)
def test_sections_and_consents_must_belong_together(groups: list[list[str]], message: str) -> None:
    made = form(groups=["sprache", "stammdaten"])
    consents = [replace(made.consents[0], groups=own) for own in groups]
    with pytest.raises(ValueError, match=message):
        form_data(replace(made, consents=consents))


def test_the_attachment_is_the_same_data(pdf: bytes) -> None:
    assert attached(pdf) == form_data(form())


def test_values_are_german_in_print_and_plain_in_json(pdf: bytes) -> None:
    text = text_of(pdf)
    for expected in (
        "Şahin",
        "Łucja",
        "17.05.1991",
        "9,5",
        "ja",
        "nicht erfasst",
        "Elektroinstallateurin, Verkäuferin",
    ):
        assert expected in text, expected
    person = form_data(form())["sections"][0]["fields"]  # type: ignore[index]
    assert {item["name"]: item["value"] for item in person}["birth_date"] == "1991-05-17"
    assert {item["name"]: item["text"] for item in person}["phone"] == ""


MARKUP = [
    '#read("/etc/passwd")',
    "*x*",
    "$",
    "\\",
    "= Kopf",
    "#pagebreak()",
    "<label> @ref",
    "`x`",
    '"',
    "#sys.inputs",
]


@pytest.mark.parametrize("value", MARKUP, ids=range(len(MARKUP)))
def test_values_are_never_read_as_markup(value: str) -> None:
    text = text_of(render_form(form(name=f"{value},Vorname")))
    assert value in text
    assert "root:" not in text


@pytest.mark.parametrize(
    ("script", "name"),
    [("latin", "Ğışłīǫ́"), ("cyrillic", "Ярослав Ковальчук"), ("greek", "Νίκος")],
)
def test_letters_of_these_scripts_are_printed(script: str, name: str) -> None:
    pdf = render_form(form(name=f"{name},X"))
    assert "□" not in text_of(pdf)
    assert name[:3] in text_of(pdf)


def test_arabic_is_printed() -> None:
    assert "□" not in text_of(render_form(form(name="محمد,X")))


def test_a_letter_without_font_becomes_a_box_with_a_note_and_stays_whole_in_the_attachment() -> (
    None
):
    pdf = render_form(form(name="ትግርኛ \x01,X"))
    assert "□□□□" in text_of(pdf)
    assert "Einzelne Schriftzeichen kann dieses Blatt nicht darstellen" in text_of(pdf)
    assert "Sprachförderung" in text_of(pdf)
    assert "ትግርኛ" in json.dumps(attached(pdf), ensure_ascii=False)


def test_same_form_gives_the_same_bytes(pdf: bytes) -> None:
    assert render_form(form()) == pdf
    assert render_form(replace(form(), sent_on=date(2025, 8, 2))) != pdf


@pytest.mark.parametrize("groups", [["gesundheit"], ["beruf", "beruf"]], ids=["unknown", "twice"])
def test_a_group_the_form_does_not_know_is_refused(groups: list[str]) -> None:
    sections = [FormSection(group, [FormField("x", "X", "geheim")]) for group in groups]
    with pytest.raises(ValueError, match=groups[0]) as caught:
        render_form(replace(form(), sections=sections))
    assert "geheim" not in str(caught.value)


def test_a_failure_never_quotes_values() -> None:
    with pytest.raises(NotPrinted) as caught:
        render_pdf("jobcenter/form.typ", {"name": "Geheimname"}, date(2025, 8, 1), "f-1", many=True)
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    assert "Geheimname" not in repr(chain) and "f-1" in str(caught.value)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_can_be_printed_and_is_attached_whole(value: str) -> None:
    whole = form(groups=["stammdaten", "beruf"])
    section = FormSection("beruf", [FormField("job", "Beruf", value)])
    made = replace(whole, sections=[whole.sections[-1], section])
    assert attached(render_form(made)) == form_data(made)
