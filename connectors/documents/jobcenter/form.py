"""The Jobcenter form: a PDF per person with the same data as JSON inside. Who may get what is not decided here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.documents.german_format import day_text, number_text
from connectors.documents.typst_pdf import render_pdf

Value = str | int | Decimal | bool | date | Sequence[str] | None
NOTHING_STATED = "keine Angabe"
TITLES: Mapping[str, str] = {
    "stammdaten": "Angaben zur Person",
    "aufenthalt": "Aufenthalt und Erwerbstätigkeit",
    "sprache": "Sprachkenntnisse",
    "schule_ausbildung": "Schule, Ausbildung und Studium",
    "beruf": "Berufserfahrung",
    "ziele_arbeit": "Vereinbarte Ziele in den Bereichen Sprache und Arbeit",
}


@dataclass(frozen=True)
class FormField:
    """One value of the form: our name for it, its German label, the value itself (None prints "keine Angabe")."""

    name: str
    label: str
    value: Value


@dataclass(frozen=True)
class FormSection:
    """A granted data group (a key of ``TITLES``) with its entries: one for the person, one per language …"""

    group: str
    entries: Sequence[Sequence[FormField]]


@dataclass(frozen=True)
class ConsentReference:
    """One consent behind a form: its purpose, the data groups of this form that rest on it (keys of ``TITLES``), its reference, when
    (None: the system keeps no day) and how given, until when (None: until revoked).

    ``confidentiality_released`` is None where the person's own release keeps no such mark.
    """

    reference: str
    purpose: str
    groups: Sequence[str]
    given_on: date | None
    valid_until: date | None
    form: str
    confidentiality_released: bool | None


@dataclass(frozen=True)
class JobcenterForm:
    """One form: ``number`` is an opaque id (also the file's name), sections hold granted data groups only, each with a consent."""

    number: str
    district: str
    sender: str
    recipient: str
    sent_on: date
    consents: Sequence[ConsentReference]
    sections: Sequence[FormSection]
    contact: str = ""


def form_data(form: JobcenterForm) -> dict[str, object]:
    """Give the form as plain JSON data, which is both what the PDF prints and what is attached to it.

    ``consents`` are numbered from 1, each section names the numbers it rests on, and ``purpose`` is null where the purposes differ.
    Raises ValueError for a data group that is unknown, there twice or without consent (the message names it), and for a consent on
    which no section rests.
    """
    _check_groups(form)
    purposes = {consent.purpose for consent in form.consents}
    return {
        "form": "Datenübermittlung an das Jobcenter mit Einwilligung",
        "version": 2,
        "number": form.number,
        "district": form.district,
        "sender": form.sender,
        "contact": form.contact,
        "recipient": form.recipient,
        "sent_on": form.sent_on.isoformat(),
        "purpose": purposes.pop() if len(purposes) == 1 else None,
        "consents": [
            _consent_data(place, consent) for place, consent in enumerate(form.consents, 1)
        ],
        "sections": [
            _section_data(s, form.consents)
            for s in sorted(form.sections, key=lambda s: list(TITLES).index(s.group))
        ],
    }


def render_form(form: JobcenterForm, fonts: Path | None = None) -> bytes:
    """Make the PDF (PDF/A-3a and PDF/UA-1, tagged, German); the same form gives the same bytes.

    ``fonts`` is a folder of further fonts for scripts that the built-in ones lack (Ethiopic, Chinese …); characters
    that no font has are printed as □ with a note, and stay whole in the attached JSON.
    """
    return render_pdf("jobcenter/form.typ", form_data(form), form.sent_on, form.number, fonts)


def _check_groups(form: JobcenterForm) -> None:
    groups = [section.group for section in form.sections]
    if wrong := [group for group in groups if group not in TITLES or groups.count(group) > 1]:
        raise ValueError(
            f"data groups that the form does not know or has twice: {', '.join(sorted(set(wrong)))}"
        )
    granted = {group for consent in form.consents for group in consent.groups}
    if wrong := sorted(granted.symmetric_difference(groups)):
        raise ValueError(
            f"data groups with a section but no consent, or the other way round: {', '.join(wrong)}"
        )
    if not all(consent.groups for consent in form.consents):
        raise ValueError("a consent on which no section rests")


def _consent_data(place: int, consent: ConsentReference) -> dict[str, object]:
    return {
        "number": place,
        "reference": consent.reference,
        "purpose": consent.purpose,
        "groups": [group for group in TITLES if group in consent.groups],
        "given_on": consent.given_on.isoformat() if consent.given_on else None,
        "valid_until": consent.valid_until.isoformat() if consent.valid_until else None,
        "form": consent.form,
        "confidentiality_released": consent.confidentiality_released,
    }


def _section_data(section: FormSection, consents: Sequence[ConsentReference]) -> dict[str, object]:
    return {
        "group": section.group,
        "title": TITLES[section.group],
        "consents": [
            place for place, consent in enumerate(consents, 1) if section.group in consent.groups
        ],
        "entries": [[_field_data(item) for item in entry] for entry in section.entries],
    }


def _field_data(item: FormField) -> dict[str, object]:
    return {
        "name": item.name,
        "label": item.label,
        "value": _plain_value(item.value),
        "text": _value_text(item.value),
    }


def _plain_value(value: Value) -> object:
    """Give the value for machines: ISO dates, decimals as text, lists as lists."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int):
        return value
    return list(value)


def _value_text(value: Value) -> str:
    """Give the value as people read it, "keine Angabe" where there is none."""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, int | Decimal):
        digits = 0 if isinstance(value, int) else max(0, -int(value.as_tuple().exponent))
        return number_text(value, digits)
    text = (
        value
        if value is None or isinstance(value, str)
        else ", ".join(part for part in value if part.strip())
    )
    return text.strip() if text and text.strip() else NOTHING_STATED
