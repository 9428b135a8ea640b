"""Accepting a delivery the guard held back: a person's decision, kept with reason, account and time. Loading it is the next run's."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime

from sqlalchemy import and_, delete, insert, or_, select

from pipelines.hub import Hub
from warehouse.schema import acceptance, delivery, load


class NotHeld(Exception):
    """There is no held delivery of that name, more than one, or one that came too late; the text says which there are."""


def accept(hub: Hub, name: str, reason: str) -> tuple[str, str]:
    """Accepts the held delivery named by its id (at least 8 signs of it) or as source/date; returns source and date. NotHeld."""
    source, _, day = name.partition("/")
    with hub.store.transaction() as connection:
        rows = connection.execute(select(delivery).where(delivery.c.state == "held")).all()
        found = [
            r
            for r in rows
            if (len(name) >= 8 and r.delivery_id.startswith(name)) or (r.source, r.delivered_on.isoformat()) == (source, day)
        ]
        if len(found) != 1:
            held = ", ".join(f"{r.delivery_id[:12]} ({r.source}/{r.delivered_on})" for r in rows) or "none"
            raise NotHeld(f"no single held delivery is named '{name}'; held: {held}")
        row = found[0]
        since = or_(load.c.delivered_on > row.delivered_on, and_(load.c.delivered_on == row.delivered_on, load.c.loaded_at >= row.seen_at))
        other = select(load.c.number, load.c.delivered_on).where(load.c.source == row.source, since).order_by(load.c.number.desc())
        if newer := connection.execute(other.limit(1)).first():
            what = f"the delivery {row.source}/{row.delivered_on} was overtaken by that of {newer.delivered_on} (load {newer.number})"
            raise NotHeld(f"{what}; it would not be loaded any more")
        connection.execute(delete(acceptance).where(acceptance.c.delivery_id == row.delivery_id))
        moment = datetime.now(UTC).replace(tzinfo=None)
        values = {"delivery_id": row.delivery_id, "reason": reason, "accepted_by": getpass.getuser(), "accepted_at": moment}
        connection.execute(insert(acceptance).values(values))
    return row.source, row.delivered_on.isoformat()
