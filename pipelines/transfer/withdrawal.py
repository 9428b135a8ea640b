"""Withdraws a parcel that was never handed over, which FIT-Connect is asked about first."""

from __future__ import annotations

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.transfer.delivery_log import ask_parcels
from pipelines.transfer.parcels import Event, ListedParcel, list_parcels, withdraw_parcel


class MayBeSubmitted(Failure):
    """A parcel was announced to FIT-Connect, and was submitted or may still be."""

    kind = Kind.WRONG_CALL


def withdraw_unsent(hub: Hub, number: str, reason: str) -> ListedParcel:
    """Notes that a parcel was never handed over; raises NoSuchParcel or MayBeSubmitted.

    One that was announced to FIT-Connect is withdrawn from the next day on, if the event log does
    not know it: the service then has deleted what was not submitted, and the log is not late.
    """
    parcel = _find_announced(hub, number)
    if parcel is not None:
        _check_unsubmitted(hub, parcel)
    return withdraw_parcel(hub, number, reason)


def _find_announced(hub: Hub, number: str) -> ListedParcel | None:
    announced = (parcel for parcel in list_parcels(hub) if parcel.state == Event.ANNOUNCED)
    return next((parcel for parcel in announced if parcel.number == number), None)


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
