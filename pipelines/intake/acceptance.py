"""Records a person's decision on a delivery that was held back or that came too late.

A held delivery that is accepted is loaded by the next run. A delivery of changes that came after a
newer one is never loaded; accepting it says that nothing in it is missing. The decision is kept
with reason, account and time.
"""

from __future__ import annotations

import getpass
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, insert, or_, select
from sqlalchemy.exc import IntegrityError

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from warehouse.schema import acceptance, delivery, load
from warehouse.schema.states import DeliveryScope, DeliveryState


class NotHeld(Failure):
    """No single held delivery has that name, or a later load overtook it; the text lists them."""

    kind = Kind.WRONG_CALL


class AlreadyDecided(Failure):
    """The delivery is accepted already, or there is no acceptance to take back."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class DecidedDelivery:
    """The delivery that was accepted, or whose acceptance was taken back.

    ``state``: held (the next run loads it) or failed (it came too late and is left out).
    """

    source: str
    delivered_on: date
    state: DeliveryState


def accept_delivery(hub: Hub, name: str, reason: str) -> DecidedDelivery:
    """Accepts the held delivery named by its id (at least 8 characters of it) or source/date.

    Raises NotHeld, or AlreadyDecided where someone accepted it before: the first reason is kept.
    """
    with hub.store.transaction() as connection:
        held = _find_held(connection, name)
        if held.state == DeliveryState.HELD:
            _check_not_overtaken(connection, held)
        _check_undecided(connection, held)
        _delete_acceptance(connection, held)
        _insert_acceptance(connection, held, reason)
    return DecidedDelivery(held.source, held.delivered_on, DeliveryState(held.state))


def undo_acceptance(hub: Hub, name: str) -> DecidedDelivery:
    """Takes back an acceptance that no run has used yet; raises NotHeld or AlreadyDecided."""
    with hub.store.transaction() as connection:
        held = _find_held(connection, name)
        if not _find_acceptance(connection, held):
            raise AlreadyDecided(f"{_title(held)} is not accepted; there is nothing to take back")
        _delete_acceptance(connection, held)
    return DecidedDelivery(held.source, held.delivered_on, DeliveryState(held.state))


def open_acceptance(
    connection: Connection, delivery_id: str, source: str, delivered_on: date
) -> Row[Any] | None:
    """The acceptance of a delivery that has not been loaded since.

    A load uses the acceptance up: with another mapping, or when it comes back after another
    delivery of its day, the delivery is judged anew.
    """
    mine = and_(load.c.source == source, load.c.delivered_on >= delivered_on)
    since = exists().where(mine, load.c.loaded_at >= acceptance.c.accepted_at)
    return connection.execute(
        select(acceptance).where(acceptance.c.delivery_id == delivery_id, ~since)
    ).first()


def _find_held(connection: Connection, name: str) -> Row[Any]:
    c = delivery.c
    newer = exists().where(load.c.source == c.source, load.c.delivered_on > c.delivered_on)
    came_late = and_(c.state == DeliveryState.FAILED, c.scope == DeliveryScope.PARTIAL, newer)
    held = connection.execute(
        select(delivery).where(or_(c.state == DeliveryState.HELD, came_late))
    ).all()
    found = [row for row in held if _is_named(row, name)]
    if len(found) != 1:
        names = ", ".join(f"{row.delivery_id[:12]} ({_title(row)})" for row in held) or "none"
        raise NotHeld(f"no single held delivery is named '{name}'; held: {names}")
    return found[0]


def _is_named(held: Row[Any], name: str) -> bool:
    return name == _title(held) or (len(name) >= 8 and held.delivery_id.startswith(name))


def _title(held: Row[Any]) -> str:
    return f"{held.source}/{held.delivered_on}"


def _check_not_overtaken(connection: Connection, held: Row[Any]) -> None:
    same_day = and_(load.c.delivered_on == held.delivered_on, load.c.loaded_at >= held.seen_at)
    later = or_(load.c.delivered_on > held.delivered_on, same_day)
    loads = select(load.c.number, load.c.delivered_on).where(load.c.source == held.source, later)
    newer = connection.execute(loads.order_by(load.c.number.desc()).limit(1)).first()
    if newer:
        raise NotHeld(
            f"the delivery {_title(held)} was overtaken by that of {newer.delivered_on} "
            f"(load {newer.number}); it would not be loaded any more"
        )


def _check_undecided(connection: Connection, held: Row[Any]) -> None:
    if earlier := _find_acceptance(connection, held):
        raise AlreadyDecided(
            f"{_title(held)} is accepted already, by {earlier.accepted_by} "
            f"on {earlier.accepted_at:%Y-%m-%d %H:%M} UTC ('{earlier.reason}'); "
            "the next run loads it. To say something else, take that back first: "
            f"drehscheibe accept {_title(held)} --undo"
        )


def _find_acceptance(connection: Connection, held: Row[Any]) -> Row[Any] | None:
    return open_acceptance(connection, held.delivery_id, held.source, held.delivered_on)


def _delete_acceptance(connection: Connection, held: Row[Any]) -> None:
    connection.execute(delete(acceptance).where(acceptance.c.delivery_id == held.delivery_id))


def _insert_acceptance(connection: Connection, held: Row[Any], reason: str) -> None:
    values = {
        "delivery_id": held.delivery_id,
        "reason": reason,
        "accepted_by": getpass.getuser(),
        "accepted_at": datetime.now(UTC).replace(tzinfo=None),
    }
    try:
        connection.execute(insert(acceptance).values(values))
    except IntegrityError:
        text = f"{_title(held)} was accepted by someone else at this moment"
        raise AlreadyDecided(text) from None
