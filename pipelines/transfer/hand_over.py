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

from sqlalchemy import Connection, Select, and_, insert, select

from mappings import recipient_fields
from pipelines.failures import Failure
from pipelines.hub import Hub
from pipelines.transfer.decision import Decision, NotToday, Record, Transfer, decide_transfer
from pipelines.transfer.jobcenter_forms import Consent, Sender, render_forms
from pipelines.transfer.parcels import Event, ParcelKey, note_event
from pipelines.transfer.stale_sources import note_stale
from warehouse.gates.consent import judge_consents
from warehouse.gates.known_consents import match_consent, select_consents, select_groups
from warehouse.gates.question import Gate
from warehouse.ledger.clock import read_clock
from warehouse.record_join import match_keys
from warehouse.schema import transmission

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


def hand_over(hub: Hub, decision: Decision, out: Path) -> Parcel:
    """Makes the forms of everyone released as a parcel in ``out`` and writes the ledger.

    Making the same parcel again changes nothing. A form that cannot be set holds back nobody else.
    Raises NotToday, ChangedSince, WarehouseBusy during a run, and FileExistsError where ``out``
    already holds another parcel.
    """
    from connectors.documents.jobcenter.parcel import MANIFEST

    decision, gate = decision.for_forms(), decision.gate
    if gate.looks_back or gate.on != hub.today:
        raise NotToday("forms are made for today only; another day only looks back: add --dry-run")
    not_printed: list[Record] = []
    manifest = _place_forms(hub, decision, out, not_printed)
    note_event(hub, ParcelKey(decision.key, gate.on, gate.known_at.load), Event.PLACED)
    names = [entry.name for entry in manifest.files]
    answer = decision.without(not_printed).as_answer()
    persons = [decision.persons.get(record, ":".join(record)) for record in not_printed]
    return Parcel(**vars(answer), folder=out, manifest=MANIFEST, files=names, not_printed=persons)


def _place_forms(hub: Hub, decision: Decision, out: Path, not_printed: list[Record]) -> Manifest:
    """Makes the forms and puts the parcel in place; no run loads anything meanwhile."""
    from connectors.documents.jobcenter.parcel import write_package

    terms = recipient_fields.load_handover(hub.config.recipients[decision.key].kind)
    sender = Sender(hub.config.district.name, _carrier_names(hub), hub.municipalities.labels)
    letter = _covering_letter(decision, sender.name, terms.title)
    with hub.store.read() as connection, ExitStack() as turn:
        consents = _effective_consents(connection, decision.gate)
        forms = render_forms(connection, decision, terms, consents, sender, not_printed)

        def record(parcel: Manifest) -> None:
            # The ledger is written first: no parcel may be in place that it does not know.
            turn.enter_context(hub.store.lock_run())
            _record_transfer(hub, decision, consents, parcel)

        return write_package(out, _package_files(forms), letter, record)


def _carrier_names(hub: Hub) -> dict[str, str]:
    """The carrier's name of each source that has one."""
    carriers = hub.config.carriers
    return {
        name: carriers[source.carrier].name
        for name, source in hub.config.sources.items()
        if source.carrier
    }


def _package_files(forms: Iterable[tuple[JobcenterForm, bytes]]) -> Iterator[PackageFile]:
    from connectors.documents.jobcenter.parcel import PackageFile

    return (PackageFile(f"{form.number}.pdf", content) for form, content in forms)


def _covering_letter(decision: Decision, district: str, purpose: str) -> CoveringLetter:
    from connectors.documents.jobcenter.parcel import CoveringLetter

    gate = decision.gate
    number = ParcelKey(decision.key, gate.on, gate.known_at.load).number
    return CoveringLetter(number, district, district, gate.recipient, gate.on, purpose)


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
    same_origin = known.c.by_hand == judged.c.by_hand
    its_consent = and_(match_keys(known, "source_key", judged, "consent_key"), same_origin)
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
        .join_from(judged, known, its_consent)
        .join(groups, match_consent(groups, judged, "consent_key"))
        .where(judged.c.reason.is_(None))
        .order_by(known.c.source, known.c.source_key)
    )


def _record_transfer(
    hub: Hub, decision: Decision, consents: dict[Record, list[Consent]], parcel: Manifest
) -> None:
    """Writes the ledger if everything is still as it was decided; nothing is in place yet."""
    _check_unchanged(hub, decision)
    with hub.store.transaction() as connection:
        note_stale(connection, decision)
        _write_ledger(connection, decision, consents, {e.name: e.sha256 for e in parcel.files})


def _check_unchanged(hub: Hub, decision: Decision) -> None:
    on, allowed = decision.gate.on, decision.allowed
    now = decide_transfer(hub, decision.key, on, settle_seconds=0, allow_stale=allowed).for_forms()
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
            "transmission_id": hashlib.sha256(f"{number}{sha256}".encode()).hexdigest(),
            **same,
            "source": record[0],
            "source_key": record[1],
            "consent_keys": json.dumps([granted.key for granted in consents[record]]),
            "data_groups": json.dumps(list(groups)),
            "sha256": sha256,
        }
