"""Fills the Jobcenter's forms from the warehouse, with the fields released by the consent gate."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from mappings.recipient_fields import RecipientFields
from pipelines.config.models import OfficerDecision
from pipelines.failures import describe_place
from pipelines.intake.delivery_errors import ends_run
from pipelines.transfer.case_facts import CaseFacts, rank_records, read_cases
from pipelines.transfer.decision import Decision, PersonRelease, Record
from pipelines.transfer.person_sections import PersonSections, Said, read_released
from pipelines.transfer.sender import Sender

if TYPE_CHECKING:
    from connectors.documents.jobcenter.form import ConsentReference, Contact, JobcenterForm

log = logging.getLogger(__name__)

# Fewer forms are set before threads would have started.
_WORTH_THREADS = 16
Renderer = Callable[["JobcenterForm"], bytes]
Made = tuple["JobcenterForm", bytes]
Attempt = Callable[[], Made]


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
class FormMaker:
    """All that the forms of a transfer are made of; ``checkpoint`` is printed on each of them."""

    decision: Decision
    terms: RecipientFields
    consents: Mapping[Record, Sequence[Consent]]
    sender: Sender
    said: Said
    cases: dict[Record, CaseFacts]
    checkpoint: str = ""

    def build(self, release: PersonRelease) -> JobcenterForm:
        """The form of one human being."""
        from connectors.documents.jobcenter.form import JobcenterForm

        records = rank_records(release.records, self.cases)
        parts = (self.said, self.decision, self.terms, self.sender)
        return JobcenterForm(
            number=release.number,
            district=self.sender.name,
            sender=self._name_carriers(records),
            recipient=self.decision.gate.recipient,
            sent_on=self.decision.gate.on,
            consents=self._refer_to_consents(release),
            sections=PersonSections(release, records, *parts).build(),
            contacts=self._list_contacts(records),
            checkpoint=self.checkpoint,
        )

    def _name_carrier(self, record: Record) -> str:
        return self.sender.find_office(record[0]).carrier

    def _name_carriers(self, records: Sequence[Record]) -> str:
        return " und ".join(dict.fromkeys(self._name_carrier(record) for record in records))

    def _list_contacts(self, records: Sequence[Record]) -> list[Contact]:
        return list(dict.fromkeys(self._find_contact(record) for record in records))

    def _find_contact(self, record: Record) -> Contact:
        from connectors.documents.jobcenter.form import Contact

        office, facts = self.sender.find_office(record[0]), self.cases.get(record, CaseFacts())
        reach = office.contact
        return Contact(facts.staff, office.carrier, reach.address, reach.phone, reach.email)

    def _refer_to_consents(self, release: PersonRelease) -> list[ConsentReference]:
        given = (consent for record in release.records for consent in self.consents[record])
        ground = self.decision.ground
        granting = [c for c in given if not c.groups.isdisjoint(release.groups)]
        references = [_refer_to_consent(c, release.groups, self.terms, ground) for c in granting]
        return [ref for n, ref in enumerate(references) if ref not in references[:n]]


def render_forms(
    connection: Connection,
    decision: Decision,
    terms: RecipientFields,
    consents: Mapping[Record, Sequence[Consent]],
    sender: Sender,
    not_printed: list[Record],
    checkpoint: str = "",
    render: Renderer | None = None,
) -> Iterator[tuple[JobcenterForm, bytes]]:
    """Yields the form of each human being released, with the bytes of its PDF.

    ``render`` None: the hub's own form. Records whose form cannot be set are added to
    ``not_printed``; an error of the disk or the warehouse, which would meet all of them, is raised.
    """
    from connectors.documents.jobcenter import form as own_form

    said = read_released(connection, decision, terms)
    cases = read_cases(connection, decision)
    maker = FormMaker(decision, terms, consents, sender, said, cases, checkpoint)
    draw = render or own_form.render_form

    def make(release: PersonRelease) -> tuple[JobcenterForm, bytes]:
        made = maker.build(release)
        return made, draw(made)

    for release, attempt in _try_each(make, decision.list_persons()):
        try:
            yield attempt()
        except Exception as error:
            if ends_run(error):
                raise
            _note_unset(release, error)
            not_printed.extend(release.records)


def _note_unset(release: PersonRelease, error: Exception) -> None:
    # The text of the error may hold what stands on the form.
    log.warning("form %s: %s", release.number, describe_place(error))


def _try_each(
    make: Callable[[PersonRelease], Made], releases: Sequence[PersonRelease]
) -> Iterator[tuple[PersonRelease, Attempt]]:
    """Each release with what makes its form or raises; many are made side by side, in order."""
    if len(releases) < _WORTH_THREADS:
        for release in releases:
            yield release, partial(make, release)
        return
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[tuple[PersonRelease, Future[Made]]] = deque()
        for release in releases:
            ahead.append((release, pool.submit(make, release)))
            # No more than a few are kept in memory.
            if len(ahead) > 4 * workers:
                done, future = ahead.popleft()
                yield done, future.result
        yield from ((done, future.result) for done, future in ahead)


def _refer_to_consent(
    consent: Consent,
    released: Sequence[str],
    terms: RecipientFields,
    ground: OfficerDecision | None,
) -> ConsentReference:
    from connectors.documents.jobcenter.form import ConsentReference

    reference, form = _name_reference(consent, ground)
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


def _name_reference(consent: Consent, ground: OfficerDecision | None) -> tuple[str, str]:
    """What a consent is found by, and in which form it was given."""
    if consent.by_hand:
        return consent.key, "Einwilligung, von der Beratung von Hand erfasst"
    if consent.basis == "form":
        return consent.key, "unterschriebene Einwilligung"
    form = f"Freigabe durch die Person im Fachverfahren{_describe_ground(ground)}"
    return "eigene Freigabe im Fachverfahren", form
