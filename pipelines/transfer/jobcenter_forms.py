"""Fills the Jobcenter's forms from the warehouse, with the fields released by the consent gate."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from mappings import code_lists
from mappings.recipient_fields import RecipientFields
from pipelines.config.models import OfficerDecision
from pipelines.failures import describe_place
from pipelines.intake.delivery_errors import ends_run
from pipelines.transfer.decision import Decision, Record
from warehouse.gates.consent import select_released
from warehouse.schema import ENTITIES

if TYPE_CHECKING:
    from connectors.documents.jobcenter.form import (
        ConsentReference,
        FormField,
        FormSection,
        JobcenterForm,
    )

log = logging.getLogger(__name__)

Entries = dict[Record, dict[str, list[Sequence["FormField"]]]]


@dataclass(frozen=True)
class Consent:
    """A consent that releases something, as the form refers to it, with the groups it grants."""

    groups: frozenset[str]
    key: str
    basis: str
    purpose: str | None
    given_on: date | None
    valid_until: date | None
    confidentiality_released: bool | None
    by_hand: bool = False


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
    not_printed: list[Record],
) -> Iterator[tuple[JobcenterForm, bytes]]:
    """Yields the form of each record released, with the bytes of its PDF.

    Records whose form cannot be set are added to ``not_printed``; an error of the disk or the
    warehouse, which would meet all of them, is raised.
    """
    from connectors.documents.jobcenter.form import render_form

    entries = _collect_entries(connection, decision, terms, sender)
    for record in decision.released:
        own = entries.get(record, {})
        try:
            form = _build_form(decision, record, own, terms, consents[record], sender)
            content = render_form(form)
        except Exception as error:
            if ends_run(error):
                raise
            # The text of the error may hold what stands on the form.
            log.warning("form %s: %s", decision.form_number(record), describe_place(error))
            not_printed.append(record)
        else:
            yield form, content


def _build_form(
    decision: Decision,
    record: Record,
    entries: Mapping[str, list[Sequence[FormField]]],
    terms: RecipientFields,
    consents: Sequence[Consent],
    sender: Sender,
) -> JobcenterForm:
    from connectors.documents.jobcenter.form import JobcenterForm

    groups, ground = decision.released[record], decision.ground
    granting = [consent for consent in consents if not consent.groups.isdisjoint(groups)]
    return JobcenterForm(
        number=decision.form_number(record),
        district=sender.name,
        sender=sender.carriers.get(record[0], sender.name),
        recipient=decision.gate.recipient,
        sent_on=decision.gate.on,
        consents=[_consent_reference(one, groups, terms, ground) for one in granting],
        sections=[_form_section(group, entries.get(group, []), terms) for group in groups],
    )


def _collect_entries(
    connection: Connection, decision: Decision, terms: RecipientFields, sender: Sender
) -> Entries:
    """The entries of each record by group.

    Entities that occur once per person share one entry; others (a language, a goal) have one each.
    """
    entries: Entries = {}
    for group, entities in terms.groups.items():
        first = next(iter(entities))
        for entity, fields in entities.items():
            joined = _occurs_once(entity) and _occurs_once(first)
            rows = select_released(decision.gate, group, entity, fields, terms.goal_areas)
            for source, person_key, *values in connection.execute(rows):
                entry = _form_fields(entity, fields, values, sender)
                own = entries.setdefault((source, person_key), {}).setdefault(group, [])
                _add_entry(own, entry, joined=joined)
    return entries


def _add_entry(entries: list[Sequence[FormField]], entry: list[FormField], *, joined: bool) -> None:
    if entries and joined:
        entries[0] = [*entries[0], *entry]
    else:
        entries.append(entry)


def _form_section(
    group: str, rows: list[Sequence[FormField]], terms: RecipientFields
) -> FormSection:
    from connectors.documents.jobcenter.form import FormField, FormSection

    if rows:
        return FormSection(group, rows)
    entity, fields = next(iter(terms.groups[group].items()))
    columns = ENTITIES[entity].table.columns
    return FormSection(group, [[FormField(f, columns[f].info["label"], None) for f in fields]])


def _occurs_once(entity: str) -> bool:
    return not ENTITIES[entity].each and not ENTITIES[entity].is_record


def _form_fields(
    entity: str, names: Sequence[str], values: Sequence[Any], sender: Sender
) -> list[FormField]:
    from connectors.documents.jobcenter.form import FormField

    infos = [ENTITIES[entity].table.columns[name].info for name in names]
    return [
        FormField(name, info["label"], _label_value(value, info["codes"], sender))
        for name, info, value in zip(names, infos, values, strict=True)
    ]


def _label_value(value: Any, codes: str | None, sender: Sender) -> Any:
    """The German name of a code; values without a code list, and unknown codes, as they are."""
    if value is None or not codes:
        return value
    is_own = codes == "municipality"
    labels = sender.municipalities if is_own else code_lists.load_code_list(codes).labels
    return labels.get(value, value)


def _consent_reference(
    consent: Consent,
    released: Sequence[str],
    terms: RecipientFields,
    ground: OfficerDecision | None,
) -> ConsentReference:
    from connectors.documents.jobcenter.form import ConsentReference

    if consent.by_hand:
        reference, form = consent.key, "Einwilligung, von der Beratung von Hand erfasst"
    elif consent.basis == "form":
        reference, form = consent.key, "unterschriebene Einwilligung"
    else:
        reference = "eigene Freigabe im Fachverfahren"
        form = f"Freigabe durch die Person im Fachverfahren{_describe_ground(ground)}"
    return ConsentReference(
        reference=reference,
        purpose=consent.purpose or terms.title,
        groups=[group for group in released if group in consent.groups],
        given_on=consent.given_on,
        valid_until=consent.valid_until,
        form=form,
        confidentiality_released=consent.confidentiality_released,
    )


def _describe_ground(ground: OfficerDecision | None) -> str:
    """By whose decision a release that names neither recipient nor purpose counts for this one."""
    if ground is None:
        return ""
    return (
        "; Empfänger und Zweck nach der Entscheidung der oder des Datenschutzbeauftragten vom "
        f"{ground.decided_on:%d.%m.%Y} ({ground.reference})"
    )
