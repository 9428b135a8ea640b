"""Makes the parcel of forms for a recipient and records every form in the ledger."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, insert, select

from connectors.dispatch.refusal import CannotDispatch
from mappings import recipient_fields
from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.transfer.decision import Decision, NotToday, Record, Transfer, decide_transfer
from pipelines.transfer.jobcenter_forms import Consent, render_forms
from pipelines.transfer.named_persons import refuse_unnamed
from pipelines.transfer.own_form import read_own_form
from pipelines.transfer.parcels import Event, ParcelKey, note_event
from pipelines.transfer.sender import Sender, describe_sender
from pipelines.transfer.way_out import NotSealed, WayOut, choose_way
from warehouse.gates.consent import judge_consents
from warehouse.gates.question import FORM_NOT_SET, Gate
from warehouse.ledger.clock import read_clock
from warehouse.schema import consent, consent_data_group, transmission

if TYPE_CHECKING:
    from connectors.documents.jobcenter.form import JobcenterForm
    from connectors.documents.jobcenter.parcel import CoveringLetter, Manifest, PackageFile


@dataclass(frozen=True)
class Parcel(Transfer):
    """A transfer whose forms were made; ``files`` are all in the folder but the manifest.

    ``not_printed``: the persons whose form could not be set; they are among the refused.
    """

    folder: Path
    manifest: str
    files: Sequence[str]
    not_printed: Sequence[str]


class ChangedSince(Failure):
    """A delivery came or was loaded while the forms were made; it may hold a withdrawal."""


def hand_over(hub: Hub, decision: Decision, out: Path | None = None) -> Parcel:
    """Makes the forms of everyone released as a parcel, writes the ledger, and hands it over.

    ``out`` None: where the configuration says. Making the same parcel again changes nothing, and
    goes on where it was stopped. A form that cannot be set, or that nobody could be told by, holds
    back nobody else. Raises NotToday, ChangedSince, NoWayOut, NotSealed, NotSent, WarehouseBusy
    during a run, and FileExistsError where another parcel lies in its place.
    """
    from connectors.documents.jobcenter.parcel import MANIFEST

    gate = decision.gate
    if gate.looks_back or gate.on != hub.today:
        raise NotToday("forms are made for today only; another day only looks back: add --dry-run")
    key = ParcelKey(decision.key, gate.on, gate.known_at.load)
    way = choose_way(hub, decision.key, key.number, out)
    named, not_printed = refuse_unnamed(hub, decision), list[Record]()
    files = _place_forms(hub, decision, named, way, not_printed)
    note_event(hub, key, Event.PLACED)
    answer = named.without(not_printed, FORM_NOT_SET).as_answer()
    persons = list(dict.fromkeys(map(decision.name_person, not_printed)))
    return Parcel(
        **vars(answer), folder=way.folder, manifest=MANIFEST, files=files, not_printed=persons
    )


def _place_forms(
    hub: Hub, decision: Decision, named: Decision, way: WayOut, not_printed: list[Record]
) -> Sequence[str]:
    """Makes the forms and hands the parcel over; no run loads anything meanwhile.

    Returns the files beside the manifest.
    """
    from connectors.documents.jobcenter.parcel import write_package

    terms = recipient_fields.load_handover(hub.config.recipients[decision.key].kind)
    sender, render = describe_sender(hub), read_own_form(hub, decision.key, terms)
    letter = _covering_letter(hub, decision, sender)
    with hub.store.read() as connection, ExitStack() as turn:
        consents = _effective_consents(connection, decision.gate)
        forms = render_forms(connection, named, terms, consents, sender, not_printed, render=render)

        def record(parcel: Manifest) -> None:
            # The ledger is written first: no parcel may be in place that it does not know.
            turn.enter_context(hub.store.lock_run())
            _record_transfer(hub, decision, consents, parcel)

        try:
            placed = write_package(way.folder, _package_files(forms), letter, record, way.seal)
        except CannotDispatch as error:
            raise NotSealed(error.message) from None
        way.send(placed.files)
        return placed.files


def _package_files(forms: Iterable[tuple[JobcenterForm, bytes]]) -> Iterator[PackageFile]:
    from connectors.documents.jobcenter.form import name_person
    from connectors.documents.jobcenter.parcel import IndexEntry, PackageFile

    for form, content in forms:
        who = name_person(form)
        purposes = sorted({consent.purpose for consent in form.consents})
        entry = IndexEntry(form.number, who["name"] or who["jobcenter_number"], who["birth_date"])
        yield PackageFile(f"{form.number}.pdf", content, entry, purposes)


def _covering_letter(hub: Hub, decision: Decision, sender: Sender) -> CoveringLetter:
    from connectors.documents.jobcenter.parcel import CoveringLetter

    gate, reach = decision.gate, sender.contact
    return CoveringLetter(
        number=ParcelKey(decision.key, gate.on, gate.known_at.load).number,
        district=sender.name,
        sender=sender.name,
        recipient=gate.recipient,
        sent_on=gate.on,
        sender_address=reach.address,
        recipient_address=hub.config.recipients[decision.key].address,
        phone=reach.phone,
        email=reach.email,
    )


def _effective_consents(connection: Connection, gate: Gate) -> dict[Record, list[Consent]]:
    """The consents that release something, each with the groups it grants, by record."""
    found: dict[Record, dict[tuple[Any, ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    for source, person_key, group, *about in connection.execute(_select_effective(gate)):
        found[source, person_key][tuple(about)].add(group)
    return {
        record: [Consent(frozenset(groups), *about) for about, groups in consents.items()]
        for record, consents in found.items()
    }


def _select_effective(gate: Gate) -> Select[Any]:
    """Source, person key and data group, then the fields of the consent that grants it."""
    judged = judge_consents(gate).subquery("rows")
    known = gate.known_at.select_rows(consent)
    groups = gate.known_at.select_rows(consent_data_group)
    its_consent = known.c.source_key == judged.c.consent_key
    its_groups = groups.c.consent_key == judged.c.consent_key
    about = (
        known.c.source_key,
        known.c.basis,
        known.c.purpose,
        known.c.given_on,
        known.c.valid_until,
        known.c.confidentiality_released,
    )
    return (
        select(judged.c.source, judged.c.person_key, groups.c.data_group, *about)
        .join_from(judged, known, (known.c.source == judged.c.source) & its_consent)
        .join(groups, (groups.c.source == judged.c.source) & its_groups)
        .where(judged.c.reason.is_(None))
        .order_by(known.c.source, known.c.source_key)
    )


def _record_transfer(
    hub: Hub, decision: Decision, consents: dict[Record, list[Consent]], parcel: Manifest
) -> None:
    """Writes the ledger if everything is still as it was decided; nothing is in place yet."""
    _check_unchanged(hub, decision)
    with hub.store.transaction() as connection:
        _write_ledger(connection, decision, consents, {e.name: e.sha256 for e in parcel.files})


def _check_unchanged(hub: Hub, decision: Decision) -> None:
    now = decide_transfer(hub, decision.key, decision.gate.on, settle_seconds=0)
    is_newest = now.gate.known_at.load == decision.gate.known_at.load
    # Also without a load somebody may have taken back a decision, and a person is doubtful again.
    if not is_newest or (now.stale, now.released) != (decision.stale, decision.released):
        raise ChangedSince(
            "a delivery came or was loaded while the forms were made, and may hold a withdrawal; "
            "nothing was handed over. Please run the transfer again"
        )


def _write_ledger(
    connection: Connection,
    decision: Decision,
    consents: dict[Record, list[Consent]],
    files: dict[str, str],
) -> None:
    known = set(connection.execute(select(transmission.c.transmission_id)).scalars())
    rows = [
        row
        for row in _ledger_rows(decision, consents, files)
        if row["transmission_id"] not in known
    ]
    if rows:
        connection.execute(insert(transmission), rows)


def _ledger_rows(
    decision: Decision, consents: dict[Record, list[Consent]], files: dict[str, str]
) -> Iterator[dict[str, Any]]:
    gate = decision.gate
    same = {
        "recipient": decision.key,
        "sent_on": gate.on,
        "made_at": read_clock(),
        "load_number": gate.known_at.load,
    }
    for record, groups in decision.released.items():
        number = decision.form_number(record)
        sha256 = files.get(f"{number}.pdf")
        if sha256 is None:
            continue
        yield {
            "transmission_id": _name_row(number, sha256, record),
            **same,
            "source": record[0],
            "source_key": record[1],
            "consent_keys": json.dumps([granted.key for granted in consents[record]]),
            "data_groups": json.dumps(list(groups)),
            "sha256": sha256,
        }


def _name_row(number: str, sha256: str, record: Record) -> str:
    """The id of a row: a form may be of several records."""
    return hashlib.sha256("\x1f".join([number, sha256, *record]).encode()).hexdigest()
