"""The consent form says what the gate can let out, and all that the law asks for, in every language there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from pypdf import PdfReader

from mappings import consent_texts, recipient_fields
from mappings.consent_texts import SECTIONS, NoTranslation, list_languages, load_consent_texts
from mappings.problems import YamlProblems
from mappings.yaml_file import read_model
from pipelines.consents.consent_form import write_consent_form
from pipelines.consents.statements import NotWritten
from tests.consents.office import JOBCENTER, Office

TERMS = recipient_fields.load_handover("jobcenter")


def read_pages(file: Path) -> list[str]:
    """The text of every page, without line breaks."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(file).pages]


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_form_names_all_that_can_go_out(tmp_path: Path, language: str) -> None:
    office = Office(tmp_path)
    with office.open() as hub:
        file = write_consent_form(hub, "jobcenter", tmp_path / "form.pdf", language)
    signed, explained = read_pages(file)
    for wording in (*TERMS.purposes.values(), JOBCENTER, "Musterkreis", "Staatsangehörigkeit"):
        assert wording in signed
    for said in ("freiwillig", "jederzeit widerrufen", "§ 203 StGB", "Sorgeberechtigte", "beide"):
        assert said in signed
    texts = load_consent_texts("leicht" if language == "de" else language, TERMS)
    for section in texts.sections.values():
        assert section.title in explained
    assert "{" not in signed + explained
    root = PdfReader(file).trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("de", True)


@pytest.mark.parametrize("language", list_languages())
def test_a_language_says_everything(language: str) -> None:
    texts = load_consent_texts(language, TERMS)
    assert texts.sections.keys() == set(SECTIONS)
    names = {
        f"{e}.{f}" for entities in TERMS.groups.values() for e, fs in entities.items() for f in fs
    }
    assert names <= texts.fields.keys()


def test_what_is_not_translated_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(tmp_path)
    with office.open() as hub, pytest.raises(NotWritten, match="no consent form in 'uk'"):
        write_consent_form(hub, "jobcenter", tmp_path / "form.pdf", "uk")
    text = (consent_texts.FOLDER / "en.yaml").read_text("utf-8")
    less = text.replace("  beruf: Work\n", "").replace("  goal.title: goal\n", "")
    (tmp_path / "uk.yaml").write_text(less.replace("language: en", "language: uk"), "utf-8")
    monkeypatch.setattr(consent_texts, "FOLDER", tmp_path)
    with pytest.raises(NoTranslation, match=r"lacks: data group beruf, field goal\.title"):
        load_consent_texts("uk", TERMS)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("goal: [area, title", "goal: [area, measure, title", "does not belong"),
        ("goal_areas: [sprache,", "goal_areas: [gesundheit,", "class special"),
        ("    goal: [area,", "    conversation_topic: [topic]\n    goal: [area,", "topic"),
    ],
)
def test_a_special_field_cannot_be_named(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = (recipient_fields.FOLDER / "jobcenter.yaml").read_text("utf-8")
    assert old in text
    file = tmp_path / "jobcenter.yaml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(YamlProblems, match=told):
        read_model(file, recipient_fields.RecipientFields)
