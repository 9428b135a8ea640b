"""Accepting a delivery the guard held back: a person's decision, kept with reason, account and time. Loading it is the next run's."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, insert, or_, select
from sqlalchemy.exc import IntegrityError

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from warehouse.schema import acceptance, delivery, load
from warehouse.schema.states import DeliveryState


class NotHeld(Failure):
    """There is no held delivery of that name, more than one, or one that came too late; the text says which there are."""

    kind = Kind.WRONG_CALL


class AlreadyDecided(Failure):
    """The delivery is accepted already, or was not; the text says what stands."""

    kind = Kind.WRONG_CALL


def accept_delivery(hub: Hub, name: str, reason: str) -> tuple[str, str]:
    """Accepts the held delivery named by its id (at least 8 signs of it) or as source/date; returns source and date.

    NotHeld; Decided where someone has accepted it already: what was said then stays.
    """
    with hub.store.transaction() as connection:
        row = _find_held(connection, name)
        since = or_(
            load.c.delivered_on > row.delivered_on,
            and_(load.c.delivered_on == row.delivered_on, load.c.loaded_at >= row.seen_at),
        )
        other = (
            select(load.c.number, load.c.delivered_on)
            .where(load.c.source == row.source, since)
            .order_by(load.c.number.desc())
        )
        if newer := connection.execute(other.limit(1)).first():
            what = f"the delivery {row.source}/{row.delivered_on} was overtaken by that of {newer.delivered_on} (load {newer.number})"
            raise NotHeld(f"{what}; it would not be loaded any more")
        if stands := open_acceptance(connection, row.delivery_id, row.source, row.delivered_on):
            raise AlreadyDecided(
                f"{row.source}/{row.delivered_on} is accepted already, by {stands.accepted_by} on {stands.accepted_at:%Y-%m-%d %H:%M} UTC "
                f"('{stands.reason}'); the next run loads it. To say something else, take that back first: "
                f"drehscheibe accept {row.source}/{row.delivered_on} --undo"
            )
        connection.execute(delete(acceptance).where(acceptance.c.delivery_id == row.delivery_id))
        moment = datetime.now(UTC).replace(tzinfo=None)
        values = {
            "delivery_id": row.delivery_id,
            "reason": reason,
            "accepted_by": getpass.getuser(),
            "accepted_at": moment,
        }
        try:
            connection.execute(insert(acceptance).values(values))
        except IntegrityError:
            raise AlreadyDecided(
                f"{row.source}/{row.delivered_on} was accepted by someone else at this moment"
            ) from None
    return row.source, row.delivered_on.isoformat()


def undo_acceptance(hub: Hub, name: str) -> tuple[str, str]:
    """Takes an acceptance back that no run has used yet; returns source and date. NotHeld; Decided where there is none."""
    with hub.store.transaction() as connection:
        row = _find_held(connection, name)
        if open_acceptance(connection, row.delivery_id, row.source, row.delivered_on) is None:
            raise AlreadyDecided(
                f"{row.source}/{row.delivered_on} is not accepted; there is nothing to take back"
            )
        connection.execute(delete(acceptance).where(acceptance.c.delivery_id == row.delivery_id))
    return row.source, row.delivered_on.isoformat()


def open_acceptance(
    connection: Connection, delivery_id: str, source: str, delivered_on: date
) -> Row[Any] | None:
    """The acceptance of a delivery that still waits for its load."""
    # Loaded since, it has done its work: read by another mapping, or come back after another of its day, the delivery is judged anew.
    mine = and_(load.c.source == source, load.c.delivered_on >= delivered_on)
    since = exists().where(mine, load.c.loaded_at >= acceptance.c.accepted_at)
    return connection.execute(
        select(acceptance).where(acceptance.c.delivery_id == delivery_id, ~since)
    ).first()


def _find_held(connection: Connection, name: str) -> Row[Any]:
    source, _, day = name.partition("/")
    rows = connection.execute(select(delivery).where(delivery.c.state == DeliveryState.HELD)).all()
    found = [
        r
        for r in rows
        if (len(name) >= 8 and r.delivery_id.startswith(name))
        or (r.source, r.delivered_on.isoformat()) == (source, day)
    ]
    if len(found) != 1:
        held = (
            ", ".join(f"{r.delivery_id[:12]} ({r.source}/{r.delivered_on})" for r in rows) or "none"
        )
        raise NotHeld(f"no single held delivery is named '{name}'; held: {held}")
    return found[0]
