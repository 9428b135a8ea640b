"""Asks FIT-Connect what became of the parcels submitted there, and notes it.

Only what is signed and about what was sent counts; the signed token is kept as the receipt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from connectors.dispatch.fit_connect.delivery_service import DeliveryService
from connectors.dispatch.fit_connect.event_log import DeliveryEvent, LoggedEvent, read_events
from connectors.dispatch.fit_connect.messages import refuse_dispatch
from connectors.dispatch.refusal import CannotDispatch
from pipelines.hub import Hub
from pipelines.submission.kept_receipts import keep_content
from pipelines.transfer.begun_submission import BegunSubmission, read_begun
from pipelines.transfer.delivery_access import reach_service
from pipelines.transfer.parcels import Event, ListedParcel, ParcelKey, list_parcels, note_event

ASKED_STATES = frozenset({Event.ANNOUNCED, Event.PLACED, Event.HANDED_OVER})
STEPS = {
    DeliveryEvent.SUBMITTED: (Event.PLACED, Event.HANDED_OVER),
    DeliveryEvent.ACCEPTED: (Event.RECEIVED,),
    DeliveryEvent.REJECTED: (Event.REJECTED,),
}
Problem = tuple[str | None, str | None]
NO_REASON = "ohne Angabe von Gründen"
NOT_CONFIGURED = (
    "Für den Empfänger ist FIT-Connect nicht mehr eingerichtet; was aus der Sendung wurde, ist"
    " nicht abgefragt. Bitte hand_over wieder eintragen oder den Verlauf von Hand vermerken."
)


@dataclass(frozen=True)
class AskedParcel:
    """A parcel after its event log was read; ``problem``: why nothing more is known of it.

    ``rule`` is the code of the problem.
    """

    parcel: ListedParcel
    rule: str | None
    problem: str | None


def ask_parcels(hub: Hub) -> list[AskedParcel]:
    """Reads the event log of each submitted parcel without an answer; one's problem stops none."""
    problems = {key: _ask_one(hub, key, begun) for key, begun in _list_waiting(hub)}
    return [
        AskedParcel(parcel, *problems[parcel.key])
        for parcel in list_parcels(hub)
        if parcel.key in problems
    ]


def _list_waiting(hub: Hub) -> list[tuple[ParcelKey, BegunSubmission]]:
    waiting = [parcel.key for parcel in list_parcels(hub) if parcel.state in ASKED_STATES]
    with hub.store.read() as connection:
        begun = read_begun(connection)
    return [(key, begun[key]) for key in waiting if key in begun]


def _ask_one(hub: Hub, key: ParcelKey, begun: BegunSubmission) -> Problem:
    recipient = hub.config.recipients.get(key.recipient)
    to = recipient.hand_over.to if recipient else None
    if to is None or to.fit_connect is None:
        return "not_configured", NOT_CONFIGURED
    try:
        with closing(reach_service(hub, key.recipient, to.fit_connect)) as service:
            note_log(hub, key, begun, service)
    except CannotDispatch as error:
        return error.rule, error.message
    return None, None


def note_log(hub: Hub, key: ParcelKey, begun: BegunSubmission, service: DeliveryService) -> None:
    """Notes what the event log says; raises CannotDispatch, also where nothing is confirmed yet."""
    if begun.destination != service.destination.destination_id:
        raise refuse_dispatch("other_destination")
    events = read_events(service, begun.sent)
    if all(one.event is not DeliveryEvent.SUBMITTED for one in events):
        raise refuse_dispatch("not_confirmed")
    for step, one in _list_steps(events):
        reason = (one.reason or NO_REASON) if step is Event.REJECTED else None
        kept = keep_content(hub, one.token.encode(), ".jwt")
        note_event(hub, key, step, reason, _find_day(hub, one), kept)


def _list_steps(events: list[LoggedEvent]) -> Iterator[tuple[Event, LoggedEvent]]:
    for event, steps in STEPS.items():
        for one in events:
            if one.event is event:
                yield from ((step, one) for step in steps)


def _find_day(hub: Hub, one: LoggedEvent) -> date:
    return one.at.astimezone(ZoneInfo(hub.config.schedule.timezone)).date()
