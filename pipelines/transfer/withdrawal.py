"""Withdraws a parcel that was never handed over: it lies in no pick-up place, nor at FIT-Connect."""

from __future__ import annotations

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.transfer.delivery_log import ask_parcels
from pipelines.transfer.parcels import Event, ListedParcel, list_parcels, withdraw_parcel


class MayBeSubmitted(Failure):
    """A parcel was announced to FIT-Connect, and was submitted or may still be."""

    kind = Kind.WRONG_CALL


class StillThere(Failure):
    """A parcel lies where its recipient takes it from, or may have it."""

    kind = Kind.WRONG_CALL


def withdraw_unsent(hub: Hub, number: str, reason: str) -> ListedParcel:
    """Notes that a parcel was never handed over; NoSuchParcel, MayBeSubmitted or StillThere.

    One that is in its folder has to be taken away from there before.
    One that was announced to FIT-Connect is withdrawn from the next day on, if the event log does
    not know it: the service then has deleted what was not submitted, and the log is not late.
    """
    parcel = next((one for one in list_parcels(hub) if one.number == number), None)
    if parcel is not None and parcel.state == Event.ANNOUNCED:
        _check_unsubmitted(hub, parcel)
    elif parcel is not None:
        _check_taken_away(hub, parcel)
    return withdraw_parcel(hub, number, reason)


def _check_taken_away(hub: Hub, parcel: ListedParcel) -> None:
    recipient = hub.config.recipients.get(parcel.recipient)
    to = recipient.hand_over.to if recipient else None
    if to is not None and to.folder is None and parcel.state == Event.PLACED:
        raise StillThere(
            f"parcel {parcel.number} is on its way to a server; run the transfer again, which "
            "finishes it, and take it back there"
        )
    folder = to.folder / parcel.number if to is not None and to.folder is not None else None
    if folder is not None and folder.exists():
        raise StillThere(
            f"parcel {parcel.number} lies in {folder}, where its recipient may take it; move it "
            "away, then withdraw it again"
        )


def _check_unsubmitted(hub: Hub, parcel: ListedParcel) -> None:
    if parcel.sent_on >= hub.today:
        raise MayBeSubmitted(
            f"parcel {parcel.number} was announced to FIT-Connect today; run the transfer again, "
            "which finishes it, or withdraw it tomorrow"
        )
    asked = next(one for one in ask_parcels(hub) if one.parcel.number == parcel.number)
    if asked.parcel.state != Event.ANNOUNCED:
        raise MayBeSubmitted(
            f"parcel {parcel.number} was submitted to FIT-Connect, and is {asked.parcel.state}"
        )
    if asked.rule != "not_confirmed":
        raise MayBeSubmitted(f"nobody knows whether it was submitted: {asked.problem}")
