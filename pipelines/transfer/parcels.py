"""Lists the parcels of the ledger and what became of each: in its place, withdrawn, or unfinished.

A transfer that was killed between the ledger and its place is unfinished. Made again on the same
day it is finished; on any other day it can only be withdrawn, as its consents may have ended.
"""

from __future__ import annotations

import getpass
import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from warehouse.ledger.clock import read_clock
from warehouse.schema import transmission, transmission_event


class Event(StrEnum):
    """What becomes of a parcel whose forms are in the ledger."""

    PLACED = "placed"
    WITHDRAWN = "withdrawn"


UNFINISHED = "unfinished"


class NoSuchParcel(Failure):
    """No parcel has this number, or it is in its place and cannot be withdrawn here."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class ParcelKey:
    """A parcel: recipient, day, and the load its consents were known at."""

    recipient: str
    sent_on: date
    load: int

    @property
    def number(self) -> str:
        """The opaque number printed on the covering letter."""
        text = f"{self.recipient}\x1f{self.sent_on}\x1f{self.load}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class ListedParcel:
    """A parcel of the ledger: ``state`` is placed, withdrawn or unfinished."""

    number: str
    recipient: str
    sent_on: date
    load: int
    forms: int
    state: str
    reason: str | None


def list_parcels(hub: Hub) -> list[ListedParcel]:
    """All parcels of the ledger, oldest first."""
    with hub.store.read() as connection:
        return _read_parcels(connection)


@dataclass(frozen=True)
class HandedOver:
    """A form of a record that a recipient has, or that waits in a parcel not yet placed."""

    recipient: str
    sent_on: date
    record: tuple[str, str]


def list_handed_over(connection: Connection) -> list[HandedOver]:
    """The forms of all parcels that were not withdrawn, oldest first."""
    c, events = transmission.c, _read_events(connection)
    columns = (c.recipient, c.sent_on, c.load_number, c.source, c.source_key)
    rows = connection.execute(select(*columns).order_by(c.sent_on, c.recipient, *columns[3:]))
    return [
        HandedOver(row.recipient, row.sent_on, (row.source, row.source_key))
        for row in rows
        if events.get(ParcelKey(*row[:3]), ("", None))[0] != Event.WITHDRAWN
    ]


def withdraw_parcel(hub: Hub, number: str, reason: str) -> ListedParcel:
    """Notes that an unfinished parcel was never handed over; raises NoSuchParcel."""
    unfinished = [p for p in list_parcels(hub) if p.state == UNFINISHED]
    for parcel in unfinished:
        if parcel.number == number:
            key = ParcelKey(parcel.recipient, parcel.sent_on, parcel.load)
            note_event(hub, key, Event.WITHDRAWN, reason)
            return parcel
    known = ", ".join(parcel.number for parcel in unfinished) or "none"
    raise NoSuchParcel(f"no unfinished parcel has the number '{number}'; unfinished: {known}")


def note_event(hub: Hub, key: ParcelKey, event: Event, reason: str | None = None) -> None:
    """Writes what became of a parcel, unless its last event says so already."""
    with hub.store.transaction() as connection:
        last = _read_events(connection).get(key)
        if last is not None and last[0] == event:
            return
        values = {
            "recipient": key.recipient,
            "sent_on": key.sent_on,
            "load_number": key.load,
            "event_at": read_clock(),
            "event": event,
            "reason": reason,
            "made_by": getpass.getuser(),
        }
        connection.execute(insert(transmission_event).values(values))


def _read_parcels(connection: Connection) -> list[ListedParcel]:
    c = transmission.c
    counted = select(c.recipient, c.sent_on, c.load_number, func.count()).group_by(
        c.recipient, c.sent_on, c.load_number
    )
    events = _read_events(connection)
    found = []
    for recipient, sent_on, load, forms in connection.execute(
        counted.order_by(c.sent_on, c.recipient, c.load_number)
    ):
        key = ParcelKey(recipient, sent_on, load)
        state, reason = events.get(key, (UNFINISHED, None))
        found.append(ListedParcel(key.number, recipient, sent_on, load, forms, state, reason))
    return found


def _read_events(connection: Connection) -> dict[ParcelKey, tuple[str, str | None]]:
    """The last event of each parcel with its reason."""
    c = transmission_event.c
    columns = (c.recipient, c.sent_on, c.load_number, c.event, c.reason)
    rows = connection.execute(select(*columns).order_by(c.event_at))
    return {ParcelKey(*row[:3]): (row.event, row.reason) for row in rows}
