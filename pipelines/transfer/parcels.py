"""Lists the parcels of the ledger and notes what became of each: placed, handed over, received.

A transfer that was killed between the ledger and its place is unfinished. Made again on the same
day it is finished; on any other day it can only be withdrawn, as its consents may have ended.
"""

from __future__ import annotations

import getpass
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, func, select

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from warehouse.ledger.clock import read_clock
from warehouse.ledger.entered_rows import insert_entered
from warehouse.ledger.state_order import explain_wrong_step
from warehouse.schema import transmission, transmission_event


class Event(StrEnum):
    """What becomes of a parcel whose forms are in the ledger.

    ANNOUNCED: a service gave it an id, and it may have been submitted.
    """

    ANNOUNCED = "announced"
    PLACED = "placed"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


UNFINISHED = "unfinished"
OPEN_STATES = frozenset({UNFINISHED, Event.ANNOUNCED})
ARRIVED_STATES = frozenset({Event.PLACED, Event.HANDED_OVER, Event.RECEIVED})
# Which events may follow a state. What was received may still turn out not to be usable.
FOLLOWING: Mapping[str, frozenset[Event]] = {
    UNFINISHED: frozenset({Event.ANNOUNCED, Event.PLACED, Event.WITHDRAWN}),
    Event.ANNOUNCED: frozenset({Event.PLACED, Event.WITHDRAWN}),
    Event.WITHDRAWN: frozenset({Event.ANNOUNCED, Event.PLACED}),
    Event.PLACED: frozenset({Event.HANDED_OVER, Event.RECEIVED, Event.REJECTED, Event.WITHDRAWN}),
    Event.HANDED_OVER: frozenset({Event.RECEIVED, Event.REJECTED}),
    Event.RECEIVED: frozenset({Event.REJECTED}),
    Event.REJECTED: frozenset(),
}


class NoSuchParcel(Failure):
    """No parcel has this number, or it is in its place and cannot be withdrawn here."""

    kind = Kind.WRONG_CALL


class NotFollowing(Failure):
    """A parcel cannot come to this state from the one it is in."""


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
    """A parcel of the ledger; ``state``: unfinished, or its last event, with its reason."""

    number: str
    recipient: str
    sent_on: date
    load: int
    forms: int
    state: str
    reason: str | None

    @property
    def key(self) -> ParcelKey:
        """Recipient, day and load."""
        return ParcelKey(self.recipient, self.sent_on, self.load)


@dataclass(frozen=True)
class ParcelEvent:
    """What became of a parcel, and when; ``receipt_sha256`` of a kept file."""

    event: Event
    event_at: datetime
    happened_on: date | None
    reason: str | None
    made_by: str | None
    receipt_sha256: str | None


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
    c, events = transmission.c, read_events(connection)
    columns = (c.recipient, c.sent_on, c.load_number, c.source, c.source_key)
    rows = connection.execute(select(*columns).order_by(c.sent_on, c.recipient, *columns[3:]))
    return [
        HandedOver(row.recipient, row.sent_on, (row.source, row.source_key))
        for row in rows
        if not _is_withdrawn(events.get(ParcelKey(*row[:3])))
    ]


def _is_withdrawn(last: ParcelEvent | None) -> bool:
    return last is not None and last.event is Event.WITHDRAWN


def withdraw_parcel(hub: Hub, number: str, reason: str) -> ListedParcel:
    """Notes that a parcel was never handed over; raises NoSuchParcel."""
    open_parcels = [p for p in list_parcels(hub) if p.state in (*OPEN_STATES, Event.PLACED)]
    for parcel in open_parcels:
        if parcel.number == number:
            note_event(hub, parcel.key, Event.WITHDRAWN, reason)
            return parcel
    known = ", ".join(parcel.number for parcel in open_parcels) or "none"
    raise NoSuchParcel(f"no parcel '{number}' waits to be handed over; these do: {known}")


def find_parcel(hub: Hub, number: str) -> ListedParcel:
    """The parcel of a number, or the only one whose number begins so; raises NoSuchParcel."""
    found = [p for p in list_parcels(hub) if number and p.number.startswith(number)]
    if len(found) == 1:
        return found[0]
    problem = "several parcels have numbers that begin so" if found else "no parcel has the number"
    raise NoSuchParcel(f"{problem}: '{number}'; drehscheibe transfer list shows them")


def advance_parcel(
    hub: Hub,
    number: str,
    event: Event,
    reason: str | None = None,
    happened_on: date | None = None,
    receipt_sha256: str | None = None,
) -> ListedParcel:
    """Notes what a recipient did with a parcel; raises NoSuchParcel or NotFollowing."""
    parcel = find_parcel(hub, number)
    _check_following(parcel, event)
    if happened_on is not None and not parcel.sent_on <= happened_on <= hub.today:
        raise NotFollowing(f"parcel {parcel.number} is of {parcel.sent_on}; --on is a day since")
    note_event(hub, parcel.key, event, reason, happened_on or hub.today, receipt_sha256)
    return replace(parcel, state=event, reason=reason)


def _check_following(parcel: ListedParcel, event: Event) -> None:
    name = f"parcel {parcel.number}"
    if problem := explain_wrong_step(name, parcel.state, event, FOLLOWING):
        raise NotFollowing(problem)


def note_event(
    hub: Hub,
    key: ParcelKey,
    event: Event,
    reason: str | None = None,
    happened_on: date | None = None,
    receipt_sha256: str | None = None,
    more: Mapping[str, Any] | None = None,
) -> bool:
    """Writes what became of a parcel; False where it has come further already.

    ``more``: what the entry in the ledger says beside the row.
    """
    with hub.store.transaction() as connection:
        last = read_events(connection).get(key)
        if event not in FOLLOWING[last.event if last else UNFINISHED]:
            return False
        values = {
            "recipient": key.recipient,
            "sent_on": key.sent_on,
            "load_number": key.load,
            "event_at": read_clock(),
            "event": event.value,
            "reason": reason,
            "made_by": getpass.getuser(),
            "happened_on": happened_on or hub.today,
            "receipt_sha256": receipt_sha256,
        }
        insert_entered(connection, transmission_event, [values], [more] if more else ())
        return True


def _read_parcels(connection: Connection) -> list[ListedParcel]:
    events, counted = read_events(connection), connection.execute(_count_forms())
    return [_describe_parcel(ParcelKey(*row[:3]), row[3], events) for row in counted]


def _count_forms() -> Select[Any]:
    """Recipient, day and load of each parcel with the number of its forms, oldest first."""
    c = transmission.c
    parcel = (c.recipient, c.sent_on, c.load_number)
    counted = select(*parcel, func.count(c.form_number.distinct())).group_by(*parcel)
    return counted.order_by(c.sent_on, c.recipient, c.load_number)


def _describe_parcel(
    key: ParcelKey, forms: int, events: Mapping[ParcelKey, ParcelEvent]
) -> ListedParcel:
    last = events.get(key)
    state, reason = (last.event, last.reason) if last else (UNFINISHED, None)
    return ListedParcel(key.number, key.recipient, key.sent_on, key.load, forms, state, reason)


def read_events(connection: Connection) -> dict[ParcelKey, ParcelEvent]:
    """The last event of each parcel."""
    return {key: events[-1] for key, events in read_histories(connection).items()}


def read_histories(connection: Connection) -> dict[ParcelKey, list[ParcelEvent]]:
    """All events of each parcel, oldest first."""
    found: dict[ParcelKey, list[ParcelEvent]] = defaultdict(list)
    for recipient, sent_on, load, event, *about in connection.execute(_select_events()):
        found[ParcelKey(recipient, sent_on, load)].append(ParcelEvent(Event(event), *about))
    return found


def _select_events() -> Select[Any]:
    c = transmission_event.c
    return select(
        c.recipient,
        c.sent_on,
        c.load_number,
        c.event,
        c.event_at,
        c.happened_on,
        c.reason,
        c.made_by,
        c.receipt_sha256,
    ).order_by(c.event_at)
