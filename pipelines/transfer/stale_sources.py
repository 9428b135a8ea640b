"""Lets a source speak although its newest delivery is old, for a reason that is kept."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.intake.freshness import find_obstacles
from pipelines.transfer.decision import AllowedStale, Decision
from warehouse.ledger.clock import read_clock
from warehouse.ledger.entered_rows import insert_entered
from warehouse.schema import stale_release


class NotStale(Failure):
    """A source need not be let through, as its newest delivery is not old."""

    kind = Kind.WRONG_CALL


def allow_stale(
    hub: Hub, sources: Sequence[str], reason: str, on: date
) -> tuple[AllowedStale, ...]:
    """The named sources as they are let through, by the account of this call.

    Raises NotStale where one is not too old: then nothing would be decided. What else is wrong with
    a source stays: a delivery that waits, was held or failed may hold a withdrawal.
    """
    obstacles = find_obstacles(hub, on, sources, settle_seconds=0)
    others = find_obstacles(hub, on, sources, settle_seconds=0, despite_age=sources)
    fresh = [name for name in sources if obstacles.get(name) == others.get(name)]
    if fresh:
        raise NotStale(f"the newest delivery of {', '.join(fresh)} is not too old; leave it out")
    return tuple(AllowedStale(name, reason, getpass.getuser()) for name in dict.fromkeys(sources))


def note_stale(connection: Connection, decision: Decision) -> None:
    """Writes into the ledger which old sources were let through for a parcel."""
    rows = [_describe_row(decision, allowed) for allowed in decision.allowed]
    insert_entered(connection, stale_release, rows)


def _describe_row(decision: Decision, allowed: AllowedStale) -> dict[str, Any]:
    return {
        "recipient": decision.key,
        "sent_on": decision.gate.on,
        "load_number": decision.gate.known_at.load,
        "source": allowed.source,
        "allowed_at": read_clock(),
        "reason": allowed.reason,
        "allowed_by": allowed.by,
    }
