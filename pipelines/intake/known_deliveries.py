"""Tells which deliveries need not be loaded: those known already, and those that came too late."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, select

from warehouse.ledger.effective_loads import list_effective
from warehouse.loading.loader import IncomingDelivery
from warehouse.schema import delivery, load
from warehouse.schema.states import DeliveryState


def reason_to_skip(
    connection: Connection, arrival: IncomingDelivery
) -> tuple[DeliveryState, str] | None:
    """State and message of a delivery that is known already, taken back, or older than what is loaded.

    What was loaded is read from the loads, not from the delivery's state: read with another
    mapping, a loaded delivery may have been held or have failed since.
    """
    if find_state(connection, arrival) == DeliveryState.UNDONE:
        return DeliveryState.KNOWN, ""
    loads = list_effective(connection, arrival.source)
    if not loads:
        return None
    last = loads[-1]
    if last.delivered_on > arrival.delivered_on:
        return _judge_older(connection, arrival, last.delivered_on)
    # An export may be replaced by another of the same day and come back: only the one loaded last
    # is known.
    is_last = (last.delivery_id, last.mapping_hash) == (arrival.delivery_id, arrival.mapping_hash)
    loaded = (DeliveryState.LOADED, DeliveryState.INCOMPLETE)
    if is_last and find_state(connection, arrival) in loaded:
        return DeliveryState.KNOWN, ""
    return None


def _judge_older(
    connection: Connection, arrival: IncomingDelivery, loaded_on: date
) -> tuple[DeliveryState, str]:
    """A delivery older than the loaded one fails when it is first seen, and is known afterwards.

    Reported once only, because a message every night would hide what is new. A changed mapping
    does not load it anew either: only the newest delivery is read with it.
    """
    loads = select(load.c.number).where(load.c.source == arrival.source)
    loaded = connection.execute(loads.where(load.c.delivery_id == arrival.delivery_id)).first()
    if loaded is not None or find_state(connection, arrival) is not None:
        return DeliveryState.KNOWN, ""
    return DeliveryState.FAILED, (
        f"Die Lieferung vom {arrival.delivered_on:%d.%m.%Y} ist älter als die geladene vom "
        f"{loaded_on:%d.%m.%Y} und wurde nicht geladen; sie liegt im Eingang bereit. "
        "Bitte prüfen, ob das Datum des Ordners stimmt."
    )


def find_state(connection: Connection, arrival: IncomingDelivery) -> str | None:
    """The state of the delivery in the ledger; None where it was never seen."""
    states = select(delivery.c.state).where(delivery.c.delivery_id == arrival.delivery_id)
    state: str | None = connection.execute(states).scalar()
    return state
