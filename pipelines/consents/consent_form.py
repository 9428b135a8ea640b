"""Makes the consent form of a recipient from what may be consented to, in German and one more language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from connectors.documents.atomic_file import write_atomically
from connectors.documents.consent.consent_form import (
    ConsentForm,
    FormPart,
    FormText,
    render_consent_form,
)
from mappings import recipient_fields
from mappings.consent_texts import (
    SECTIONS,
    SIGNED,
    ConsentTexts,
    NoTranslation,
    Section,
    load_consent_texts,
)
from mappings.engine.clean import clean_line
from mappings.recipient_fields import RecipientFields
from pipelines.consents.statements import NotWritten
from pipelines.hub import Hub

# The page that explains the German form to everybody is in plain language.
PLAIN = "leicht"
# Plain German is German to a screen reader.
_TAGS = {PLAIN: "de"}


def write_consent_form(hub: Hub, recipient: str, out: Path, language: str = SIGNED) -> Path:
    """Writes the form as a PDF: the German pages, then those of the language, or in plain German.

    Raises NotWritten where there is no text in that language, or a part of it is missing.
    """
    terms = recipient_fields.load_handover(hub.config.recipients[recipient].kind)
    languages = (SIGNED, PLAIN if language == SIGNED else language)
    names = _list_names(hub, recipient)
    texts = _load_texts(languages, terms)
    form = ConsentForm(
        terms.form_version,
        names["recipient"],
        names["district"],
        hub.today,
        [_fill_text(one, terms, names) for one in texts],
    )
    write_atomically(out, render_consent_form(form))
    return out


def _list_names(hub: Hub, recipient: str) -> dict[str, str]:
    """What the texts name, by its name in them."""
    return {
        "recipient": clean_line(hub.config.recipients[recipient].name),
        "district": hub.config.district.name,
        "years": str(hub.config.consents.max_years),
    }


def _load_texts(languages: Iterable[str], terms: RecipientFields) -> list[ConsentTexts]:
    try:
        return [load_consent_texts(one, terms) for one in languages]
    except NoTranslation as error:
        raise NotWritten(str(error)) from None


def _fill_text(texts: ConsentTexts, terms: RecipientFields, names: Mapping[str, str]) -> FormText:
    sections = {name: texts.sections[name] for name in SECTIONS}
    chosen = {
        "purposes": [(texts.purposes[name].format(**names), "") for name in terms.purposes],
        "groups": [
            (texts.groups[group], _list_fields(texts, entities))
            for group, entities in terms.groups.items()
        ],
    }
    return FormText(
        _TAGS.get(texts.language, texts.language),
        texts.name,
        texts.title.format(**names),
        texts.person,
        [_fill_section(one, chosen.get(name, []), names) for name, one in sections.items()],
        texts.signatures,
    )


def _fill_section(
    section: Section, chosen: list[tuple[str, str]], names: Mapping[str, str]
) -> FormPart:
    choices = [*chosen, *((choice.format(**names), "") for choice in section.choices)]
    return FormPart(section.title, section.text.format(**names), choices, section.lines)


def _list_fields(texts: ConsentTexts, entities: Mapping[str, list[str]]) -> str:
    """The fields of a data group in words, each once."""
    words = (
        texts.fields[f"{entity}.{name}"] for entity, names in entities.items() for name in names
    )
    return ", ".join(dict.fromkeys(words))
