"""Records every form of a parcel: row and entry of the ledger, and who received what of a person."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, func, select

from mappings.recipient_fields import RecipientFields
from pipelines.transfer.parcels import (
    ARRIVED_STATES,
    Event,
    ListedParcel,
    ParcelEvent,
    ParcelKey,
    find_parcel,
    read_events,
    read_histories,
)
from pipelines.transfer.sent_fields import (
    Field,
    list_fields,
    name_field,
    read_values,
    seal_values,
)
from warehouse.ledger.checkpoint import Checkpoint
from warehouse.ledger.clock import read_clock
from warehouse.ledger.entered_rows import insert_entered, read_contents
from warehouse.ledger.entries import Record, lock_ledger, read_checkpoint
from warehouse.schema import transmission

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.transfer.decision import Decision
    from pipelines.transfer.jobcenter_forms import Consent


@dataclass(frozen=True)
class SentForm:
    """A form that a recipient has, or that waits in a parcel not yet placed.

    ``fields``: the fields sent, each with the keyed hash of its values by ``seal_key``, None where
    it was empty; None for the whole where the ledger does not know them.
    """

    transmission_id: str
    recipient: str
    sent_on: date
    load: int
    number: str
    record: Record
    groups: Sequence[str]
    consents: Sequence[str]
    sha256: str
    seal_key: bytes = b""
    fields: Mapping[str, str | None] | None = None

    @property
    def parcel(self) -> ParcelKey:
        """The parcel it went with."""
        return ParcelKey(self.recipient, self.sent_on, self.load)

    def list_shown(self) -> list[str]:
        """The fields that had a value; all where none had, or nobody knows."""
        fields = self.fields or {}
        return [name for name, seal in fields.items() if seal] or list(fields)


def read_parcel_checkpoint(connection: Connection, key: ParcelKey) -> Checkpoint:
    """The checkpoint that the forms of a parcel print: that of before, if it was made before."""
    c = transmission.c
    known = connection.execute(select(func.min(c.tree_size)).where(*_of_parcel(key))).scalar_one()
    return read_checkpoint(connection, known)


def _of_parcel(key: ParcelKey) -> list[Any]:
    c = transmission.c
    return [c.recipient == key.recipient, c.sent_on == key.sent_on, c.load_number == key.load]


def write_transmissions(
    connection: Connection,
    decision: Decision,
    terms: RecipientFields,
    consents: Mapping[Record, Sequence[Consent]],
    files: Mapping[str, str],
    tree_size: int,
) -> Checkpoint:
    """Records the forms among ``files`` (name → SHA-256) that are not known yet.

    Returns the checkpoint after the parcel, which its covering letter prints.
    """
    gate, first = decision.gate, lock_ledger(connection)
    key = ParcelKey(decision.key, gate.on, gate.known_at.load)
    new = _leave_known(connection, list(_list_rows(decision, consents, files, tree_size)))
    if new:
        sealed = _seal_forms(connection, decision, terms, new)
        after = {"letter_size": first + len(new)}
        insert_entered(connection, transmission, [row | after for row in new], sealed)
    return read_checkpoint(connection, _read_letter_size(connection, key))


def _read_letter_size(connection: Connection, key: ParcelKey) -> int | None:
    last = select(func.max(transmission.c.letter_size)).where(*_of_parcel(key))
    size: int | None = connection.execute(last).scalar_one()
    return size


def _leave_known(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that were not written yet."""
    known = set(connection.execute(select(transmission.c.transmission_id)).scalars())
    return [row for row in rows if row["transmission_id"] not in known]


def _list_rows(
    decision: Decision,
    consents: Mapping[Record, Sequence[Consent]],
    files: Mapping[str, str],
    tree_size: int,
) -> Iterator[dict[str, Any]]:
    same = _describe_transfer(decision, tree_size)
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
            "form_number": number,
        }


def _name_row(number: str, sha256: str, record: Record) -> str:
    """The id of a row: a form may be of several records."""
    return hashlib.sha256("\x1f".join([number, sha256, *record]).encode()).hexdigest()


def _describe_transfer(decision: Decision, tree_size: int) -> dict[str, Any]:
    """What the rows of all its forms have in common."""
    return {
        "recipient": decision.key,
        "sent_on": decision.gate.on,
        "made_at": read_clock(),
        "load_number": decision.gate.known_at.load,
        "tree_size": tree_size,
    }


def _seal_forms(
    connection: Connection,
    decision: Decision,
    terms: RecipientFields,
    rows: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """What the entry of each form says beside its row: the fields, and the seals of their values."""
    values = read_values(connection, decision.gate, terms, decision.released)
    sealed = []
    for row in rows:
        record, key = (row["source"], row["source_key"]), secrets.token_bytes(32)
        fields = list_fields(terms, decision.released[record])
        seals = seal_fields(key, fields, values.get(record, {}))
        sealed.append({"seal_key": key.hex(), "fields": seals})
    return sealed


def seal_fields(
    key: bytes, fields: Sequence[Field], values: Mapping[Field, Sequence[Any]]
) -> dict[str, str | None]:
    """The fields by name, each with the seal of its values."""
    return {name_field(field): seal_values(key, values.get(field, ())) for field in fields}


def list_sent_forms(connection: Connection) -> list[SentForm]:
    """The forms of all parcels that were not withdrawn, oldest first."""
    events = read_events(connection)
    gone = {key for key, last in events.items() if last.event is Event.WITHDRAWN}
    return [form for form in read_forms(connection) if form.parcel not in gone]


def list_kept_forms(connection: Connection) -> list[SentForm]:
    """The forms that their recipients have, as far as anybody knows, oldest first."""
    events = read_events(connection)
    kept = {key for key, last in events.items() if last.event in ARRIVED_STATES}
    return [form for form in read_forms(connection) if form.parcel in kept]


def read_forms(connection: Connection) -> list[SentForm]:
    """All forms in the ledger, oldest first, with what their entries say."""
    c, entered = transmission.c, _read_entered(connection)
    rows = select(transmission).order_by(c.sent_on, c.made_at, c.transmission_id)
    return [
        _describe_form(row, entered.get(row["transmission_id"], {}))
        for row in connection.execute(rows).mappings()
    ]


@dataclass(frozen=True)
class ShownForm:
    """A form of a parcel as it is listed: nothing of its content."""

    number: str
    record: Record
    groups: Sequence[str]
    consents: Sequence[str]
    fields: Sequence[str]
    sha256: str


@dataclass(frozen=True)
class ShownParcel:
    """A parcel with its forms and what became of it."""

    parcel: ListedParcel
    forms: Sequence[ShownForm]
    events: Sequence[ParcelEvent]


def show_parcel(hub: Hub, number: str) -> ShownParcel:
    """The parcel of a number or its beginning; raises NoSuchParcel."""
    parcel = find_parcel(hub, number)
    with hub.store.read() as connection:
        forms = [
            ShownForm(f.number, f.record, f.groups, f.consents, list(f.fields or ()), f.sha256)
            for f in read_forms(connection)
            if f.parcel == parcel.key
        ]
        events = read_histories(connection).get(parcel.key, [])
    return ShownParcel(parcel, forms, events)


def list_recipients_of(connection: Connection, records: Collection[Record]) -> list[SentForm]:
    """Who received what of a person: the forms of these records, oldest first."""
    return [form for form in list_sent_forms(connection) if form.record in records]


def _read_entered(connection: Connection) -> dict[str, Mapping[str, Any]]:
    """The contents of the entries of transmissions, by the transmission's id."""
    contents = (content for _, content in read_contents(connection, transmission))
    return {content["row"]["transmission_id"]: content for content in contents}


def _describe_form(row: Mapping[Any, Any], entered: Mapping[str, Any]) -> SentForm:
    return SentForm(
        row["transmission_id"],
        row["recipient"],
        row["sent_on"],
        row["load_number"],
        row["form_number"] or "",
        (row["source"], row["source_key"]),
        json.loads(row["data_groups"]),
        json.loads(row["consent_keys"]),
        row["sha256"],
        bytes.fromhex(entered.get("seal_key", "")),
        entered.get("fields"),
    )
