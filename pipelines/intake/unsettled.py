"""Deliveries that arrived and were not taken whole, until something replaces or settles them.

A full delivery replaces what came before it. A partial one replaces nothing: what it does not
contain may be a withdrawal that nobody has read. A person can settle a delivery that no run takes
any more, by accepting it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from pipelines.hub import Hub
from warehouse.as_of import KnownAt
from warehouse.landing.landing import Manifest
from warehouse.ledger.effective_loads import LoadRow
from warehouse.loading.consent_doubts import ANYONE, DoubtKind
from warehouse.schema import acceptance, consent_doubt, delivery, restoration
from warehouse.schema.states import DeliveryScope, DeliveryState

_LANDED = "Die Lieferung liegt im Eingang und ist nicht geladen."
_PARTLY = "nicht vollständig geladen."


@dataclass(frozen=True)
class Unsettled:
    """A delivery that was not taken whole and that no other replaced.

    ``is_overtaken``: no run takes it any more, as a later one, or another of its day, is loaded.
    ``is_settled``: a person has said since that nothing in it is missing.
    """

    delivery_id: str
    source: str
    delivered_on: date
    state: DeliveryState
    message: str
    seen_at: datetime
    is_overtaken: bool
    is_settled: bool


@dataclass(frozen=True)
class _Arrival:
    """A delivery in the ledger or, where its load was undone, in the landing alone."""

    delivery_id: str
    source: str
    delivered_on: date
    scope: str
    state: DeliveryState
    message: str
    seen_at: datetime
    number: int | None = None


def list_unsettled(
    hub: Hub,
    connection: Connection,
    source: str,
    loads: Sequence[LoadRow],
    manifests: Iterable[Manifest],
) -> Iterator[Unsettled]:
    """Yields the deliveries that no other replaced, in order of date, settled ones included."""
    arrivals = [
        *_read_ledger(connection, source),
        *_read_landing(hub, connection, source, manifests),
    ]
    accepted = select(acceptance.c.delivery_id, acceptance.c.accepted_at)
    decided = {row.delivery_id: row.accepted_at for row in connection.execute(accepted)}
    for arrived in sorted(arrivals, key=lambda a: (a.delivered_on, a.seen_at)):
        others = [done for done in loads if done.counts and done.number != arrived.number]
        if not any(_replaces(done, arrived) for done in others):
            yield _judge_arrival(arrived, others, decided.get(arrived.delivery_id))


def _read_ledger(connection: Connection, source: str) -> Iterator[_Arrival]:
    rows = connection.execute(select(delivery).where(delivery.c.source == source))
    for row in rows:
        state = DeliveryState(row.state)
        if state.is_red:
            yield _Arrival(
                row.delivery_id,
                source,
                row.delivered_on,
                row.scope,
                state,
                row.message or _PARTLY,
                row.seen_at,
                row.load_number,
            )


def _read_landing(
    hub: Hub, connection: Connection, source: str, manifests: Iterable[Manifest]
) -> Iterator[_Arrival]:
    """The landed deliveries that the ledger does not know, even if their folder is gone."""
    seen = select(delivery.c.delivery_id).where(delivery.c.source == source)
    known = set(connection.execute(seen).scalars())
    for landed in manifests:
        if landed.delivery_id not in known:
            yield _Arrival(
                landed.delivery_id,
                landed.source,
                landed.delivered_on,
                landed.scope,
                DeliveryState.FAILED,
                _LANDED,
                hub.landing.landed_at(landed.delivery_id),
            )


def is_in_ledger(connection: Connection, delivery_id: str) -> bool:
    """Whether the ledger says what became of a delivery."""
    known = select(delivery.c.delivery_id).where(delivery.c.delivery_id == delivery_id)
    return connection.execute(known).first() is not None


def _replaces(done: LoadRow, arrived: _Arrival) -> bool:
    """Whether a load holds all that the delivery could say: it is full, and came since."""
    came_since = done.delivered_on >= arrived.delivered_on and done.loaded_at >= arrived.seen_at
    return done.scope == DeliveryScope.FULL and came_since


def _judge_arrival(
    arrived: _Arrival, others: Sequence[LoadRow], accepted_at: datetime | None
) -> Unsettled:
    overtaking = [done.loaded_at for done in others if _overtakes(done, arrived)]
    # Accepted before that, a held delivery was to be loaded, not to be left out.
    is_settled = (
        accepted_at is not None
        and accepted_at >= arrived.seen_at
        and any(loaded_at <= accepted_at for loaded_at in overtaking)
    )
    return Unsettled(
        arrived.delivery_id,
        arrived.source,
        arrived.delivered_on,
        arrived.state,
        arrived.message,
        arrived.seen_at,
        bool(overtaking),
        is_settled,
    )


def _overtakes(done: LoadRow, arrived: _Arrival) -> bool:
    if done.delivered_on == arrived.delivered_on:
        return done.loaded_at >= arrived.seen_at
    return done.delivered_on > arrived.delivered_on


def find_unread_rows(
    connection: Connection, source: str, loads: Sequence[LoadRow], known_at: KnownAt | None
) -> list[LoadRow]:
    """The loads with a row about a consent of nobody knows whom, which a person has not decided."""
    return _find_doubting(connection, source, loads, known_at, consent_doubt.c.person_key == ANYONE)


def find_said(connection: Connection, done: LoadRow) -> dict[str, object] | None:
    """Table and day of what a load says to be withdrawn, and nobody knows by whom."""
    c = consent_doubt.c
    mine = and_(c.source == done.source, c.known_from == done.number, c.person_key == ANYONE)
    said = select(c.said_in, c.said_on).where(mine, c.kind == DoubtKind.SAID)
    row = connection.execute(said).first()
    if row is None or row.said_in is None or row.said_on is None:
        return None
    return {"table": row.said_in, "said_on": row.said_on}


def find_doubting(connection: Connection, source: str, loads: Sequence[LoadRow]) -> list[LoadRow]:
    """The loads that left anybody in doubt whom a person can decide about."""
    return _find_doubting(connection, source, loads, None, is_decidable())


def is_decidable() -> ColumnElement[bool]:
    """Condition: a decision on the load's delivery settles the doubt.

    What a load that was taken back had said of a person, nobody decides with the restored one.
    """
    c = consent_doubt.c
    left_by_undo = c.known_from.in_(select(restoration.c.load_number))
    return or_(c.person_key == ANYONE, ~left_by_undo)


def _find_doubting(
    connection: Connection,
    source: str,
    loads: Sequence[LoadRow],
    known_at: KnownAt | None,
    condition: ColumnElement[bool],
) -> list[LoadRow]:
    c = consent_doubt.c
    is_open: ColumnElement[bool] = c.known_to.is_(None)
    if known_at is not None:
        is_open = is_open | ~known_at.includes(c.known_to)
    doubts = select(c.known_from).where(c.source == source, condition, is_open)
    numbers = set(connection.execute(doubts).scalars())
    return [done for done in loads if done.number in numbers]


def count_doubted(connection: Connection, done: LoadRow) -> int:
    """How many known persons the unread rows of a load put in doubt still."""
    c = consent_doubt.c
    mine = select(func.count()).where(
        c.source == done.source,
        c.known_from == done.number,
        c.person_key != ANYONE,
        c.known_to.is_(None),
    )
    return int(connection.execute(mine).scalar_one())
