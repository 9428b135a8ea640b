"""A district's own form: filled by the names of its fields, read back, with the data attached; what does not fit is refused."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter

from connectors.documents.jobcenter.form import FormField, FormSection, form_data
from connectors.documents.jobcenter.own_form import OwnForm, TemplateProblem
from mappings.form_fields import read_form_fields
from mappings.problems import YamlProblems
from mappings.recipient_fields import load_handover
from tests.documents.form_template import BOX, make_template
from tests.documents.simulated_documents import form

FIELDS = {
    "Name": "stammdaten.last_name",
    "Geboren": "stammdaten.birth_date",
    "Sprache 1": "sprache.language_level.1.language",
    "Sprache 2": "sprache.language_level.2.level",
    "Nummer": "number",
    BOX: "sprache.integration_course",
}
TEMPLATE = make_template()


def read(pdf: bytes) -> dict[str, Any]:
    fields = PdfReader(io.BytesIO(pdf)).get_fields() or {}
    return {name: field.get("/V", "") for name, field in fields.items()}


def test_fields_are_filled_and_the_rest_stays_empty() -> None:
    pdf = OwnForm(TEMPLATE, FIELDS).fill(replace(form(), checkpoint="7 · ab"))
    assert read(pdf) == {
        "Name": "Şahin",
        "Geboren": "17.05.1991",
        "Sprache 1": "Deutsch",
        "Sprache 2": "Erstsprache",
        "Kurz": "",
        "Nummer": "f-000001",
        BOX: "/Ja",
    }
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.metadata and "7 · ab" in reader.metadata["/Keywords"]
    (content,) = reader.attachments["daten.json"]
    assert json.loads(content) == form_data(replace(form(), checkpoint="7 · ab"))


def test_what_is_not_granted_is_not_on_it() -> None:
    made = form(groups=["stammdaten", "beruf"])
    pdf = OwnForm(TEMPLATE, FIELDS).fill(made)
    values = read(pdf)
    assert (values["Sprache 1"], values[BOX], values["Name"]) == ("", "/Off", "Şahin")
    assert b"Erstsprache" not in pdf


def test_the_same_form_gives_the_same_bytes_and_the_template_stays_as_it_is() -> None:
    own, before = OwnForm(TEMPLATE, FIELDS), bytes(TEMPLATE)
    assert own.fill(form()) == own.fill(form()) and before == TEMPLATE


def test_a_value_longer_than_its_field_is_refused_and_not_quoted() -> None:
    with pytest.raises(TemplateProblem, match="„Kurz“") as stopped:
        OwnForm(TEMPLATE, {"Kurz": "stammdaten.last_name"}).fill(form())
    assert "Şahin" not in str(stopped.value)


def plain_pdf() -> bytes:
    writer, buffer = PdfWriter(), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("template", "fields", "message"),
    [
        (TEMPLATE, {"Nmae": "number"}, "„Nmae“"),
        (plain_pdf(), {}, "ohne Formularfelder"),
        (b"no pdf", {}, "kein lesbares PDF"),
    ],
    ids=["field", "no form", "no pdf"],
)
def test_a_template_that_does_not_fit_is_refused(
    template: bytes, fields: dict[str, str], message: str
) -> None:
    with pytest.raises(TemplateProblem, match=message):
        OwnForm(template, fields).check()


def test_a_form_of_nobody_is_not_filled() -> None:
    section = FormSection("stammdaten", [FormField("last_name", "Familienname", None)])
    with pytest.raises(ValueError, match="cannot be assigned"):
        OwnForm(TEMPLATE, FIELDS).fill(replace(form(groups=["stammdaten"]), sections=[section]))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("Name: stammdaten.last_nam", "did you mean 'stammdaten.last_name'"),
        ("Name: person.last_name", "a form has no 'person.last_name'"),
        ("Name: sprache.language_level.language", "a form has no"),
        ("Name: gesundheit.diagnose", "a form has no"),
        ("", "the file is empty"),
        ("Name: [", "y.yaml"),
    ],
)
def test_mistakes_in_the_mapping_are_named(tmp_path: Path, written: str, message: str) -> None:
    (tmp_path / "y.yaml").write_text(written, "utf-8")
    with pytest.raises(YamlProblems, match=message.replace(".", r"\.")):
        read_form_fields(tmp_path / "y.yaml", load_handover("jobcenter"))


def test_the_mapping_is_read(tmp_path: Path) -> None:
    lines = "".join(f"{name}: {path}\n" for name, path in FIELDS.items())
    (tmp_path / "y.yaml").write_text(lines, "utf-8")
    assert read_form_fields(tmp_path / "y.yaml", load_handover("jobcenter")) == FIELDS
