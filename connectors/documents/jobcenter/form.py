"""Renders the Jobcenter form: a PDF per person with the same data attached as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from connectors.documents.jobcenter.value_text import Value, plain_value, value_text
from connectors.documents.typst_pdf import render_pdf

# The version of the attached JSON; its schema is form.schema.json, with a page in docs/.
VERSION = 3
TITLES: Mapping[str, str] = {
    "stammdaten": "Angaben zur Person",
    "aufenthalt": "Aufenthalt und Erwerbstätigkeit",
    "sprache": "Sprachkenntnisse und Kurse",
    "schule_ausbildung": "Schule, Ausbildung und Anerkennung",
    "beruf": "Berufserfahrung und Berufswunsch",
    "ziele_arbeit": "Vereinbarte Ziele in den Bereichen Sprache und Arbeit",
}
PERSON = "stammdaten"


@dataclass(frozen=True)
class FormField:
    """One value of the form with its German label; ``kept``: the person's systems have the field.

    Without a value it is "nicht erfasst", or "im Fachverfahren nicht geführt" if not kept.
    """

    name: str
    label: str
    value: Value
    kept: bool = True


@dataclass(frozen=True)
class FormRow:
    """One of several entries, such as a language; ``source`` is named where systems differ."""

    fields: Sequence[FormField]
    source: str = ""


@dataclass(frozen=True)
class FormList:
    """Entries of one kind; ``columns`` are its fields without values."""

    name: str
    label: str
    columns: Sequence[FormField]
    rows: Sequence[FormRow]


@dataclass(frozen=True)
class FormSection:
    """A granted data group (a key of ``TITLES``): its single values and its lists."""

    group: str
    fields: Sequence[FormField]
    lists: Sequence[FormList] = ()


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
class Contact:
    """Whom to ask: the counsellor (empty if not recorded) and how the office is reached."""

    counsellor: str
    office: str
    address: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class JobcenterForm:
    """One form; ``number`` is an opaque id, also used as file name.

    ``sections`` hold granted data groups only, each covered by a consent; that of the person is
    among them. ``checkpoint`` is the state of the ledger that the recipient keeps as a witness.
    """

    number: str
    district: str
    sender: str
    recipient: str
    sent_on: date
    consents: Sequence[ConsentReference]
    sections: Sequence[FormSection]
    contacts: Sequence[Contact] = ()
    checkpoint: str = ""


def form_data(form: JobcenterForm) -> dict[str, object]:
    """The form as JSON data (form.schema.json), which the PDF prints and which is attached to it.

    ``consents`` are numbered from 1, each section names the numbers of its consents, and
    ``purpose`` is null where the purposes differ. Raises ValueError for a data group that is
    unknown, repeated or without consent (the message names it), for a consent without section, and
    for a form of nobody knows whom.
    """
    _check_groups(form)
    purposes = {consent.purpose for consent in form.consents}
    consents = list(enumerate(form.consents, 1))
    sections = sorted(form.sections, key=lambda section: list(TITLES).index(section.group))
    return {
        "form": "Datenübermittlung an das Jobcenter mit Einwilligung",
        "version": VERSION,
        "number": form.number,
        "person": name_person(form),
        "district": form.district,
        "sender": form.sender,
        "contacts": [asdict(contact) for contact in form.contacts],
        "recipient": form.recipient,
        "sent_on": form.sent_on.isoformat(),
        "purpose": purposes.pop() if len(purposes) == 1 else None,
        "consents": [_consent_data(number, consent) for number, consent in consents],
        "sections": [_section_data(section, consents) for section in sections],
        "not_released": _list_not_released(form),
        "checkpoint": form.checkpoint,
    }


def render_form(form: JobcenterForm) -> bytes:
    """Renders the PDF (PDF/A-3a and PDF/UA-1, tagged, German); the same form gives the same bytes.

    Characters that the built-in fonts lack (Ethiopic, Chinese …) are printed as □ with a note, and
    kept in the JSON. Every letter of DIN 91379 is printed.
    """
    data = form_data(form)
    return render_pdf("jobcenter/form.typ", data, form.sent_on, form.number, many=True)


def name_person(form: JobcenterForm) -> dict[str, str]:
    """Who the form is about: name, birth date and customer number, empty where not recorded.

    Raises ValueError if there is neither a name nor a number.
    """
    known = {field.name: value_text(field.value) for field in _list_person_fields(form)}
    names = [known.get(key, "") for key in ("last_name", "first_name")]
    who = {
        "name": ", ".join(filter(None, names)),
        "birth_date": known.get("birth_date", ""),
        "jobcenter_number": known.get("jobcenter_number", ""),
    }
    if not who["name"] and not who["jobcenter_number"]:
        raise ValueError("a form that cannot be assigned to a person")
    return who


def _list_person_fields(form: JobcenterForm) -> Iterator[FormField]:
    for section in form.sections:
        if section.group == PERSON:
            yield from section.fields


def _list_not_released(form: JobcenterForm) -> list[dict[str, str]]:
    released = {section.group for section in form.sections}
    return [
        {"group": group, "title": title} for group, title in TITLES.items() if group not in released
    ]


def _check_groups(form: JobcenterForm) -> None:
    groups = [section.group for section in form.sections]
    _check_titles(groups)
    _check_granted(form, groups)
    if not all(consent.groups for consent in form.consents):
        raise ValueError("a consent on which no section rests")


def _check_titles(groups: Sequence[str]) -> None:
    if wrong := {group for group in groups if group not in TITLES or groups.count(group) > 1}:
        names = ", ".join(sorted(wrong))
        raise ValueError(f"data groups that the form does not know or has twice: {names}")


def _check_granted(form: JobcenterForm, groups: Sequence[str]) -> None:
    granted = {group for consent in form.consents for group in consent.groups}
    if wrong := granted.symmetric_difference(groups):
        names = ", ".join(sorted(wrong))
        raise ValueError(
            f"data groups with a section but no consent, or the other way round: {names}"
        )


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
        "fields": [_field_data(field) for field in section.fields],
        "lists": [_list_data(entries) for entries in section.lists],
    }


def _list_data(entries: FormList) -> dict[str, object]:
    return {
        "name": entries.name,
        "label": entries.label,
        "columns": [_field_data(column) for column in entries.columns],
        "rows": [
            {"source": row.source or None, "fields": [_field_data(field) for field in row.fields]}
            for row in entries.rows
            if any(value_text(field.value) for field in row.fields)
        ],
    }


def _field_data(field: FormField) -> dict[str, object]:
    text = value_text(field.value)
    absent = "not_recorded" if field.kept else "not_kept"
    return {
        "name": field.name,
        "label": field.label,
        "state": "stated" if text else absent,
        "value": plain_value(field.value) if text else None,
        "text": text,
    }
