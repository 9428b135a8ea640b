"""Reads the texts of the consent form, by language, and checks that each says all that has to be said."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from mappings import code_lists
from mappings.recipient_fields import RecipientFields
from mappings.yaml_file import read_model
from warehouse.schema import ENTITIES

FOLDER = Path(__file__).parent / "consent_texts"
SIGNED = "de"
# § 67b Abs. 2 SGB X and Art. 7 DSGVO ask for these; a text without one of them is refused.
SectionName = Literal[
    "who",
    "purposes",
    "groups",
    "direction",
    "voluntary",
    "withdrawal",
    "duration",
    "confidentiality",
    "never",
    "minors",
    "rights",
]
SECTIONS: tuple[SectionName, ...] = SectionName.__args__  # type: ignore[attr-defined]


class NoTranslation(LookupError):
    """There is no text in that language, or it lacks the wording of something."""


class Section(BaseModel, extra="forbid"):
    """A section of the form: ``choices`` are ticked, ``lines`` are filled in."""

    title: str
    text: str
    choices: list[str] = []
    lines: list[str] = []


class ConsentTexts(BaseModel, extra="forbid"):
    """The form in one language; names in braces (recipient, district, years) are filled in.

    ``purposes``, ``groups`` and ``fields`` (as ``entity.field``) have the wording of what stands in
    mappings/destinations; the German form takes it from there.
    """

    language: str
    name: str
    title: str
    person: list[str]
    sections: dict[SectionName, Section]
    signatures: list[str] = []
    purposes: dict[str, str] = {}
    groups: dict[str, str] = {}
    fields: dict[str, str] = {}


def list_languages() -> list[str]:
    """The languages in which there is a text."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


@cache
def _read_texts(language: str) -> ConsentTexts:
    return read_model(FOLDER / f"{language}.yaml", ConsentTexts)


def load_consent_texts(language: str, terms: RecipientFields) -> ConsentTexts:
    """The whole text in a language for a recipient; NoTranslation names what is missing."""
    known = list_languages()
    if language not in known:
        raise NoTranslation(
            f"there is no consent form in '{language}'; there is one in {', '.join(known)}. A "
            "translation is a file of its own in mappings/consent_texts; nothing is translated by itself"
        )
    texts = _read_texts(language)
    if language == SIGNED:
        texts = _take_wording(texts, terms)
    if missing := _list_missing(texts, terms):
        raise NoTranslation(f"the consent form in '{language}' lacks: {', '.join(missing)}")
    return texts


def _take_wording(texts: ConsentTexts, terms: RecipientFields) -> ConsentTexts:
    """The German text with the wording of purposes, groups and fields as the gate knows them."""
    labels = code_lists.load_code_list("data_group").labels
    fields = {
        name: ENTITIES[entity].table.columns[field].info["label"]
        for name, entity, field in _list_fields(terms)
    }
    wording = {"purposes": terms.purposes, "groups": dict(labels), "fields": fields}
    return texts.model_copy(update=wording)


def _list_fields(terms: RecipientFields) -> list[tuple[str, str, str]]:
    return [
        (f"{entity}.{field}", entity, field)
        for entities in terms.groups.values()
        for entity, fields in entities.items()
        for field in fields
    ]


def _list_missing(texts: ConsentTexts, terms: RecipientFields) -> Sequence[str]:
    """The sections and wordings that a text does not have."""
    asked: dict[str, tuple[Collection[str], Collection[str]]] = {
        "section": (SECTIONS, texts.sections),
        "purpose": (terms.purposes, texts.purposes),
        "data group": (terms.groups, texts.groups),
        "field": ([name for name, _, _ in _list_fields(terms)], texts.fields),
    }
    return [
        f"{kind} {name}"
        for kind, (names, known) in asked.items()
        for name in names
        if name not in known
    ]
