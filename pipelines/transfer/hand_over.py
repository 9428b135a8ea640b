"""Makes the parcel of forms for a recipient and records every form in the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from connectors.dispatch.refusal import CannotDispatch
from mappings import recipient_fields
from mappings.recipient_fields import RecipientFields
from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.transfer.decision import Decision, NotToday, Record, Transfer
from pipelines.transfer.jobcenter_forms import Consent, render_forms
from pipelines.transfer.named_persons import refuse_unnamed
from pipelines.transfer.own_form import read_own_form
from pipelines.transfer.parcels import Event, ParcelKey, note_event
from pipelines.transfer.sender import Sender, describe_sender
from pipelines.transfer.sending_policy import decide_sending
from pipelines.transfer.stale_sources import note_stale
from pipelines.transfer.transmissions import read_parcel_checkpoint, write_transmissions
from pipelines.transfer.way_out import NotSealed, WayOut, choose_way
from warehouse.gates.consent import judge_consents
from warehouse.gates.known_consents import (
    match_consent,
    match_judged,
    select_consents,
    select_groups,
)
from warehouse.gates.question import FORM_NOT_SET, Gate

if TYPE_CHECKING:
    from connectors.documents.jobcenter.form import JobcenterForm
    from connectors.documents.jobcenter.parcel import (
        CoveringLetter,
        Manifest,
        ManifestEntry,
        PackageFile,
    )


@dataclass(frozen=True)
class Parcel(Transfer):
    """A transfer whose forms were made; ``files`` are all in the folder but the manifest.

    ``not_printed``: the persons whose form could not be set; they are among the refused. Without a
    ``folder`` nothing was to be sent, and no parcel was made.
    """

    folder: Path | None
    manifest: str | None
    files: Sequence[str]
    not_printed: Sequence[str]


class ChangedSince(Failure):
    """A delivery came or was loaded while the forms were made; it may hold a withdrawal."""


def hand_over(hub: Hub, decision: Decision, out: Path | None = None) -> Parcel:
    """Makes the forms of everyone released as a parcel, writes the ledger, and hands it over.

    ``out`` None: where the configuration says. Making the same parcel again changes nothing, and
    goes on where it was stopped. A form that cannot be set, or that nobody could be told by, holds
    back nobody else. Raises NotToday, ChangedSince, NoWayOut, NotSealed, NotSent, NotConfirmed,
    WarehouseBusy during a run, and FileExistsError where another parcel lies in its place.
    """
    from connectors.documents.jobcenter.parcel import MANIFEST

    decision = decision.for_forms()
    _check_today(hub, decision.gate)
    key = _name_parcel(decision)
    named, not_printed = refuse_unnamed(hub, decision), list[Record]()
    if out is None and not named.released and hub.config.recipients[decision.key].hand_over.to:
        # A letter without a form is nothing to carry to a server, and no parcel of the ledger.
        return Parcel(
            **vars(named.as_answer()), folder=None, manifest=None, files=(), not_printed=()
        )
    with closing(choose_way(hub, key, out)) as way:
        files = _place_forms(hub, decision, named, way, not_printed)
        _note_way(hub, key, way)
    answer = named.without(not_printed, FORM_NOT_SET).as_answer()
    persons = list(dict.fromkeys(map(decision.name_person, not_printed)))
    return Parcel(
        **vars(answer), folder=way.folder, manifest=MANIFEST, files=files, not_printed=persons
    )


def _name_parcel(decision: Decision) -> ParcelKey:
    return ParcelKey(decision.key, decision.gate.on, decision.gate.known_at.load)


def _check_today(hub: Hub, gate: Gate) -> None:
    if gate.looks_back or gate.on != hub.today:
        raise NotToday("forms are made for today only; another day only looks back: add --dry-run")


def _note_way(hub: Hub, key: ParcelKey, way: WayOut) -> None:
    """Notes that a parcel is in its place, and handed over where the other side has it."""
    note_event(hub, key, Event.PLACED, way.note)
    if way.confirm():
        note_event(hub, key, Event.HANDED_OVER)


def _place_forms(
    hub: Hub, decision: Decision, named: Decision, way: WayOut, not_printed: list[Record]
) -> Sequence[str]:
    """Makes the forms and hands the parcel over; no run loads anything meanwhile.

    Returns the files beside the manifest.
    """
    terms = recipient_fields.load_handover(hub.config.recipients[decision.key].kind)
    sender, render = describe_sender(hub), read_own_form(hub, decision.key, terms)
    letter = _covering_letter(hub, decision, sender)
    with hub.store.read() as connection, ExitStack() as waiting, ExitStack() as opened:
        consents = _effective_consents(connection, decision.gate)
        before = read_parcel_checkpoint(connection, _name_parcel(decision))
        turn = _LedgerTurn(hub, decision, terms, consents, before.size, waiting, opened)
        packed = _package_files(
            render_forms(
                connection, named, terms, consents, sender, not_printed, before.text, render
            )
        )
        files = _write_parcel(way, packed, letter, turn)
        way.send(files)
        return files


def _write_parcel(
    way: WayOut, packed: Iterable[PackageFile], letter: CoveringLetter, turn: _LedgerTurn
) -> Sequence[str]:
    from connectors.documents.jobcenter.parcel import write_package

    try:
        placed = write_package(way.folder, packed, letter, turn.keep, way.seal, turn.enter)
    except CannotDispatch as error:
        raise NotSealed(error.message) from None
    return placed.files


@dataclass(frozen=True)
class _LedgerTurn:
    """Enters a parcel into the ledger; others wait until the parcel is in its place."""

    hub: Hub
    decision: Decision
    terms: RecipientFields
    consents: dict[Record, list[Consent]]
    tree_size: int
    waiting: ExitStack
    opened: ExitStack

    def enter(self, files: Sequence[ManifestEntry]) -> str:
        """Writes the forms, kept with ``keep``; the checkpoint after them for the letter."""
        self.waiting.enter_context(self.hub.store.lock_run())
        _check_unchanged(self.hub, self.decision)
        ledger = self.opened.enter_context(self.hub.store.transaction())
        note_stale(ledger, self.decision)
        sums = {file.name: file.sha256 for file in files}
        parts = (self.decision, self.terms, self.consents, sums, self.tree_size)
        return write_transmissions(ledger, *parts).text

    def keep(self, parcel: Manifest) -> None:
        """Keeps what was entered: no parcel may be in place that the ledger does not know."""
        self.opened.close()


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
        number=_name_parcel(decision).number,
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
    known, groups = select_consents(gate, "known"), select_groups(gate)
    about = (
        known.c.source_key,
        known.c.basis,
        known.c.purpose,
        known.c.given_on,
        known.c.valid_until,
        known.c.confidentiality_released,
        known.c.by_hand,
    )
    return (
        select(judged.c.source, judged.c.person_key, groups.c.data_group, *about)
        .join_from(judged, known, match_judged(known, judged))
        .join(groups, match_consent(groups, judged, "consent_key"))
        .where(judged.c.reason.is_(None))
        .order_by(known.c.source, known.c.source_key)
    )


def _check_unchanged(hub: Hub, decision: Decision) -> None:
    on, allowed = decision.gate.on, decision.allowed
    now = decide_sending(hub, decision.key, on, settle_seconds=0, allow_stale=allowed).for_forms()
    is_newest = now.gate.known_at.load == decision.gate.known_at.load
    # Also without a load somebody may have taken back a decision, and a person is doubtful again.
    if not is_newest or (now.stale, now.released) != (decision.stale, decision.released):
        raise ChangedSince(
            "a delivery came or was loaded while the forms were made, and may hold a withdrawal; "
            "nothing was handed over. Please run the transfer again"
        )
