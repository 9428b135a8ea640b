"""The Jobcenter's forms out of the warehouse: for each data group the granted fields, selected through the gate, with German labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from mappings import code_lists
from mappings.recipient_fields import RecipientFields
from warehouse.gates.consent import select_released
from warehouse.schema import ENTITIES

if TYPE_CHECKING:
    from connectors.documents.jobcenter.form import (
        ConsentReference,
        FormField,
        FormSection,
        JobcenterForm,
    )
    from pipelines.transfer.hand_over import Decision

Record = tuple[str, str]
Entries = dict[Record, dict[str, list[Sequence["FormField"]]]]


@dataclass(frozen=True)
class Consent:
    """A consent that lets something out, as the form refers to it, with the data groups it grants."""

    groups: frozenset[str]
    key: str
    basis: str
    purpose: str | None
    given_on: date | None
    valid_until: date | None
    confidentiality_released: bool | None


@dataclass(frozen=True)
class Sender:
    """Who hands over: the district's name, its carriers by source, its municipalities by AGS."""

    name: str
    carriers: Mapping[str, str]
    municipalities: Mapping[str, str]


def render_forms(
    connection: Connection,
    decision: Decision,
    terms: RecipientFields,
    consents: Mapping[Record, Sequence[Consent]],
    sender: Sender,
) -> Iterator[tuple[JobcenterForm, bytes]]:
    """The form of each record released, with the bytes of its PDF, one at a time."""
    from connectors.documents.jobcenter.form import JobcenterForm, render_form

    entries = _collect_entries(connection, decision, terms, sender)
    for record, groups in decision.released.items():
        form = JobcenterForm(
            number=decision.form_number(record),
            district=sender.name,
            sender=sender.carriers.get(record[0], sender.name),
            recipient=decision.gate.recipient,
            sent_on=decision.gate.on,
            consents=[
                _consent_reference(c, groups, terms)
                for c in consents[record]
                if not c.groups.isdisjoint(groups)
            ],
            sections=[
                _form_section(group, entries.get(record, {}).get(group, []), terms)
                for group in groups
            ],
        )
        yield form, render_form(form)


def _collect_entries(
    connection: Connection, decision: Decision, terms: RecipientFields, sender: Sender
) -> Entries:
    """What stands once for a person is one entry of its group; what may stand several times (a language, a goal) one each."""
    entries: Entries = {}
    for group, entities in terms.groups.items():
        first = next(iter(entities))
        for entity, fields in entities.items():
            for source, person_key, *values in connection.execute(
                select_released(decision.gate, group, entity, fields, terms.goal_areas)
            ):
                row = [
                    _form_field(entity, f, v, sender) for f, v in zip(fields, values, strict=True)
                ]
                rows = entries.setdefault((source, person_key), {}).setdefault(group, [])
                if rows and _occurs_once(entity) and _occurs_once(first):
                    rows[0] = [*rows[0], *row]
                else:
                    rows.append(row)
    return entries


def _form_section(
    group: str, rows: list[Sequence[FormField]], terms: RecipientFields
) -> FormSection:
    from connectors.documents.jobcenter.form import FormField, FormSection

    if not rows:
        entity, fields = next(iter(terms.groups[group].items()))
        rows = [
            [FormField(f, ENTITIES[entity].table.columns[f].info["label"], None) for f in fields]
        ]
    return FormSection(group, rows)


def _occurs_once(entity: str) -> bool:
    return not ENTITIES[entity].each and not ENTITIES[entity].is_record


def _form_field(entity: str, name: str, value: Any, sender: Sender) -> FormField:
    from connectors.documents.jobcenter.form import FormField

    info = ENTITIES[entity].table.columns[name].info
    codes = info["codes"]
    if value is not None and codes:
        labels = (
            sender.municipalities
            if codes == "municipality"
            else code_lists.load_code_list(codes).labels
        )
        value = labels.get(value, value)
    return FormField(name, info["label"], value)


def _consent_reference(
    consent: Consent, released: Sequence[str], terms: RecipientFields
) -> ConsentReference:
    from connectors.documents.jobcenter.form import ConsentReference

    signed = consent.basis == "form"
    return ConsentReference(
        reference=consent.key if signed else "eigene Freigabe im Fachverfahren",
        purpose=consent.purpose or terms.title,
        groups=[group for group in released if group in consent.groups],
        given_on=consent.given_on,
        valid_until=consent.valid_until,
        form="unterschriebene Einwilligung"
        if signed
        else "Freigabe durch die Person im Fachverfahren",
        confidentiality_released=consent.confidentiality_released,
    )
