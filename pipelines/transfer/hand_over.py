"""Handing over to a recipient: who may be told what (the gate decides), a form per record, a parcel, a line in the ledger."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, insert, select

from mappings import code_lists, recipient_fields
from pipelines.hub import Hub
from pipelines.intake.run import red_sources
from pipelines.transfer.jobcenter_forms import Consent, Sender, render_forms
from warehouse.as_of import Moment
from warehouse.gates.consent import (
    REASONS,
    STALE,
    Gate,
    judge_consents,
    select_grants,
    select_refusals,
)
from warehouse.schema import consent, consent_data_group, person_link, transmission

if TYPE_CHECKING:
    from connectors.documents.jobcenter.parcel import Manifest

Record = tuple[str, str]


@dataclass(frozen=True)
class ReleasedForm:
    """A form that may go out: for whom, with which data groups, under which names in the parcel."""

    person: str
    records: Sequence[str]
    groups: Sequence[str]
    files: Sequence[str]


@dataclass(frozen=True)
class RefusedRecord:
    """A record of which nothing may go out; ``reason`` is the first of the ``reasons``."""

    person: str
    records: Sequence[str]
    reason: str
    reasons: Sequence[str]


@dataclass(frozen=True)
class Transfer:
    """Who may be handed to a recipient on a day, as known at a load, and who not and why."""

    recipient: str
    on: date
    load: int
    released: Sequence[ReleasedForm]
    refused: Sequence[RefusedRecord]


@dataclass(frozen=True)
class Parcel(Transfer):
    """A transfer whose forms were made: ``files`` are all in the folder, the manifest aside."""

    folder: Path
    manifest: str
    files: Sequence[str]


@dataclass(frozen=True)
class Decision:
    """What the gate said for one day: per record the groups that may go out, or the reasons why nothing may.

    ``stale``: sources whose newest delivery is not wholly in the warehouse, with the message; a revocation may stand in it, so
    nothing of them goes out.
    """

    gate: Gate
    key: str
    persons: dict[Record, str]
    stale: dict[str, str]
    released: dict[Record, tuple[str, ...]]
    refused: dict[Record, tuple[str, ...]]

    def as_answer(self) -> Transfer:
        """The decision by person."""
        out = [
            ReleasedForm(self._person_id(r), [":".join(r)], groups, [f"{self.form_number(r)}.pdf"])
            for r, groups in self.released.items()
        ]
        kept = [
            RefusedRecord(self._person_id(r), [":".join(r)], reasons[0], reasons)
            for r, reasons in self.refused.items()
        ]
        return Transfer(self.key, self.gate.on, self.gate.known_at.load, out, kept)

    def form_number(self, record: Record) -> str:
        """The form's number: always the same for the same record, recipient and day, and telling nothing of the person."""
        text = "\x1f".join([self.key, self.gate.on.isoformat(), *record])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _person_id(self, record: Record) -> str:
        return self.persons.get(record, ":".join(record))


def decide_transfer(hub: Hub, recipient: str, on: date, as_of: Moment | None = None) -> Decision:
    """Asks the gate for every person, as known now (or as of a day or load)."""
    settings = hub.config.recipients[recipient]
    gate = Gate(settings.name, settings.kind, on, hub.known_at(as_of))
    with hub.store.read() as connection:
        released: dict[Record, set[str]] = {}
        for row in connection.execute(select_grants(gate)):
            released.setdefault((row.source, row.person_key), set()).add(row.data_group)
        refused: dict[Record, list[str]] = {}
        for row in connection.execute(select_refusals(gate)):
            refused.setdefault((row.source, row.person_key), []).append(row.reason)
        links = gate.known_at.select_rows(person_link)
        persons = {(r.source, r.source_key): r.person_id for r in connection.execute(select(links))}
    order = list(code_lists.load_code_list("data_group").labels)
    stale = red_sources(hub) if as_of is None else {}
    for record in [r for r in released if r[0] in stale]:
        del released[record]
        refused[record] = [STALE]
    return Decision(
        gate,
        recipient,
        persons,
        stale,
        {r: tuple(g for g in order if g in groups) for r, groups in sorted(released.items())},
        {r: tuple(x for x in REASONS if x in reasons) for r, reasons in sorted(refused.items())},
    )


def hand_over(hub: Hub, decision: Decision, out: Path) -> Parcel:
    """Makes the forms of everyone released, as a parcel in ``out``, and writes the ledger. The same parcel again changes nothing.

    FileExistsError where ``out`` already holds another parcel.
    """
    from connectors.documents.jobcenter.parcel import (
        MANIFEST,
        CoveringLetter,
        PackageFile,
        write_package,
    )

    terms = recipient_fields.load_handover(hub.config.recipients[decision.key].kind)
    sender = hub.config.district.name
    with hub.store.read() as connection:
        consents = _effective_consents(connection, decision.gate)
        made = render_forms(
            connection,
            decision,
            terms,
            consents,
            Sender(sender, _carrier_names(hub), hub.municipalities.labels),
        )
        files = (PackageFile(f"{form.number}.pdf", content) for form, content in made)
        number = hashlib.sha256(
            f"{decision.key}\x1f{decision.gate.on}\x1f{decision.gate.known_at.load}".encode()
        ).hexdigest()[:16]
        letter = CoveringLetter(
            number, sender, sender, decision.gate.recipient, decision.gate.on, terms.title
        )
        # The ledger comes first: no parcel may lie in its place that it does not know.
        manifest = write_package(
            out, files, letter, lambda parcel: _record_transfer(hub, decision, consents, parcel)
        )
    return Parcel(
        **vars(decision.as_answer()),
        folder=out,
        manifest=MANIFEST,
        files=[e.name for e in manifest.files],
    )


def _carrier_names(hub: Hub) -> dict[str, str]:
    """The carrier's name of each source that has one."""
    return {
        name: hub.config.carriers[s.carrier].name
        for name, s in hub.config.sources.items()
        if s.carrier
    }


def _effective_consents(connection: Connection, gate: Gate) -> dict[Record, list[Consent]]:
    """The consents that let something out, each with the groups it grants, by record."""
    rows, known, groups = (
        judge_consents(gate).subquery("rows"),
        gate.known_at.select_rows(consent),
        gate.known_at.select_rows(consent_data_group),
    )
    same = (known.c.source == rows.c.source) & (known.c.source_key == rows.c.consent_key)
    its = (groups.c.source == rows.c.source) & (groups.c.consent_key == rows.c.consent_key)
    columns = (
        known.c.source_key,
        known.c.basis,
        known.c.purpose,
        known.c.given_on,
        known.c.valid_until,
        known.c.confidentiality_released,
    )
    statement = select(rows.c.source, rows.c.person_key, groups.c.data_group, *columns).where(
        rows.c.reason.is_(None)
    )
    statement = statement.select_from(rows.join(known, same).join(groups, its)).order_by(
        known.c.source, known.c.source_key
    )
    found: dict[Record, dict[tuple[Any, ...], set[str]]] = {}
    for source, person_key, group, *about in connection.execute(statement):
        found.setdefault((source, person_key), {}).setdefault(tuple(about), set()).add(group)
    return {
        record: [Consent(frozenset(own), *about) for about, own in by.items()]
        for record, by in found.items()
    }


def _record_transfer(
    hub: Hub, decision: Decision, consents: dict[Record, list[Consent]], parcel: Manifest
) -> None:
    with hub.store.transaction() as connection:
        _write_ledger(connection, decision, consents, {e.name: e.sha256 for e in parcel.files})


def _write_ledger(
    connection: Connection,
    decision: Decision,
    consents: dict[Record, list[Consent]],
    files: dict[str, str],
) -> None:
    known = set(connection.execute(select(transmission.c.transmission_id)).scalars())
    rows = [r for r in _ledger_rows(decision, consents, files) if r["transmission_id"] not in known]
    if rows:
        connection.execute(insert(transmission), rows)


def _ledger_rows(
    decision: Decision, consents: dict[Record, list[Consent]], files: dict[str, str]
) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).replace(tzinfo=None)
    for record, groups in decision.released.items():
        sha256 = files[f"{decision.form_number(record)}.pdf"]
        yield {
            "transmission_id": hashlib.sha256(
                f"{decision.form_number(record)}{sha256}".encode()
            ).hexdigest(),
            "recipient": decision.key,
            "sent_on": decision.gate.on,
            "made_at": now,
            "load_number": decision.gate.known_at.load,
            "source": record[0],
            "source_key": record[1],
            "consent_keys": json.dumps([c.key for c in consents[record]]),
            "data_groups": json.dumps(list(groups)),
            "sha256": sha256,
        }
