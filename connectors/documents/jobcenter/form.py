"""Renders the Jobcenter form: a PDF per person with the same data attached as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

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
    """One value of the form with its German label; None is printed as "keine Angabe"."""

    name: str
    label: str
    value: Value


@dataclass(frozen=True)
class FormSection:
    """A granted data group (a key of ``TITLES``) with its entries, such as one per language."""

    group: str
    entries: Sequence[Sequence[FormField]]


@dataclass(frozen=True)
class ConsentReference:
    """One consent behind a form.

    ``groups`` are the data groups of this form that it covers (keys of ``TITLES``). ``given_on`` is
    None if the system stores no day, ``valid_until`` if it is valid until revoked. ``form`` is how
    it was given. ``confidentiality_released`` is None if the system does not store it.
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
    """One form; ``number`` is an opaque id, also used as file name.

    ``sections`` hold granted data groups only, each covered by a consent. ``checkpoint`` is the
    state of the ledger that the recipient keeps as a witness.
    """

    number: str
    district: str
    sender: str
    recipient: str
    sent_on: date
    consents: Sequence[ConsentReference]
    sections: Sequence[FormSection]
    contact: str = ""
    checkpoint: str = ""


def form_data(form: JobcenterForm) -> dict[str, object]:
    """The form as JSON data, which the PDF prints and which is attached to it.

    ``consents`` are numbered from 1, each section names the numbers of its consents, and
    ``purpose`` is null where the purposes differ. Raises ValueError for a data group that is
    unknown, repeated or without consent (the message names it), and for a consent without section.
    """
    _check_groups(form)
    purposes = {consent.purpose for consent in form.consents}
    consents = list(enumerate(form.consents, 1))
    sections = sorted(form.sections, key=lambda section: list(TITLES).index(section.group))
    return {
        "form": "Datenübermittlung an das Jobcenter mit Einwilligung",
        "version": 2,
        "number": form.number,
        "district": form.district,
        "sender": form.sender,
        "contact": form.contact,
        "checkpoint": form.checkpoint,
        "recipient": form.recipient,
        "sent_on": form.sent_on.isoformat(),
        "purpose": purposes.pop() if len(purposes) == 1 else None,
        "consents": [_consent_data(number, consent) for number, consent in consents],
        "sections": [_section_data(section, consents) for section in sections],
    }


def render_form(form: JobcenterForm) -> bytes:
    """Renders the PDF (PDF/A-3a and PDF/UA-1, tagged, German); the same form gives the same bytes.

    Characters that the built-in fonts lack (Ethiopic, Chinese …) are printed as □ with a note, and
    kept in the JSON.
    """
    return render_pdf("jobcenter/form.typ", form_data(form), form.sent_on, form.number)


def _check_groups(form: JobcenterForm) -> None:
    groups = [section.group for section in form.sections]
    if wrong := {group for group in groups if group not in TITLES or groups.count(group) > 1}:
        names = ", ".join(sorted(wrong))
        raise ValueError(f"data groups that the form does not know or has twice: {names}")
    granted = {group for consent in form.consents for group in consent.groups}
    if wrong := granted.symmetric_difference(groups):
        names = ", ".join(sorted(wrong))
        raise ValueError(
            f"data groups with a section but no consent, or the other way round: {names}"
        )
    if not all(consent.groups for consent in form.consents):
        raise ValueError("a consent on which no section rests")


def _consent_data(number: int, consent: ConsentReference) -> dict[str, object]:
    return {
        "number": number,
        **asdict(consent),
        "groups": [group for group in TITLES if group in consent.groups],
        "given_on": consent.given_on.isoformat() if consent.given_on else None,
        "valid_until": consent.valid_until.isoformat() if consent.valid_until else None,
    }


def _section_data(
    section: FormSection, consents: Sequence[tuple[int, ConsentReference]]
) -> dict[str, object]:
    return {
        "group": section.group,
        "title": TITLES[section.group],
        "consents": [number for number, consent in consents if section.group in consent.groups],
        "entries": [[_field_data(field) for field in entry] for entry in section.entries],
    }


def _field_data(field: FormField) -> dict[str, object]:
    return {
        "name": field.name,
        "label": field.label,
        "value": _plain_value(field.value),
        "text": _value_text(field.value),
    }


def _plain_value(value: Value) -> object:
    """The value for machines: ISO dates, decimals as text, lists as lists."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case None | str() | int():
            return value
        case _:
            return list(value)


def _value_text(value: Value) -> str:
    """The value as printed, "keine Angabe" if there is none."""
    match value:
        case None:
            return NOTHING_STATED
        case bool():
            return "ja" if value else "nein"
        case date():
            return day_text(value)
        case int():
            return number_text(value)
        case Decimal():
            return number_text(value, max(0, -int(value.as_tuple().exponent)))
        case str():
            return value.strip() or NOTHING_STATED
        case _:
            return ", ".join(filter(str.strip, value)).strip() or NOTHING_STATED
