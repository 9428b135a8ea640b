"""Records a person's decision on a delivery that no run takes as it is.

A held delivery that is accepted is loaded by the next run; of its rows that says nothing, as none
is read yet. One that came too late, or was replaced before it was taken whole, is never loaded;
accepting it says that nothing in it is missing. One with rows about consents of nobody knows whom
is loaded, and so is one with a note of a withdrawal, or without one that was known; accepting it
says that none of its unread rows is a withdrawal, and none of those holds, or that this is so of
single persons. The decision is kept with reason, account and time.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.intake.doubted_persons import (
    DoubtedRow,
    Settlement,
    check_alone,
    count_doubting,
    list_rows,
    reopen_all,
    reopen_persons,
    settle_all,
    settle_persons,
)
from pipelines.intake.unsettled import Unsettled, find_doubting, is_decidable, list_unsettled
from warehouse.landing.landing import Manifest
from warehouse.ledger.clock import read_clock
from warehouse.ledger.effective_loads import read_loads
from warehouse.schema import acceptance, consent_doubt, delivery, load
from warehouse.schema.states import DeliveryState

_ACCEPTED = " Sie ist angenommen; der nächste Lauf lädt sie (drehscheibe run)."


class NotHeld(Failure):
    """No single undecided delivery has that name, or a later load replaced it; the text lists them."""

    kind = Kind.WRONG_CALL


class AlreadyDecided(Failure):
    """The delivery is accepted already, or there is no acceptance to take back."""

    kind = Kind.WRONG_CALL


@dataclass(frozen=True)
class DecidedDelivery:
    """The delivery that was accepted, or whose acceptance was taken back.

    ``state``: held (the next run loads it), failed (it is left out) or loaded (with rows that could
    not be read). ``persons``: of how many known persons the doubts were settled, or came back;
    ``left``: how many it leaves in doubt; ``rows``: those of the delivery that are concerned.
    """

    source: str
    delivered_on: date
    state: DeliveryState
    persons: int = 0
    left: int = 0
    rows: Sequence[DoubtedRow] = ()


@dataclass(frozen=True)
class _Candidate:
    """A delivery to decide on, with ``state`` as in DecidedDelivery; ``decided``: someone did.

    ``replaced``: held, but a full delivery came since.
    """

    delivery_id: str
    source: str
    delivered_on: date
    state: DeliveryState
    seen_at: datetime
    decided: bool = False
    replaced: bool = False

    @property
    def title(self) -> str:
        return f"{self.source}/{self.delivered_on}"


def accept_delivery(
    hub: Hub, name: str, reason: str, persons: Sequence[str] = (), *, everybody: bool = False
) -> DecidedDelivery:
    """Accepts the delivery named by its id (at least 8 characters of it) or source/date.

    ``persons``: only the doubts of these records (``source:key``) are settled, and nothing else.
    ``everybody``: of all whom it says to have withdrawn. Raises NotHeld, NotDoubted, SeveralDoubted
    where that is more than one, or AlreadyDecided where someone accepted it before: the first
    reason is kept.
    """
    made = Settlement(read_clock(), reason)
    with hub.store.transaction() as connection:
        found = _find_candidates(hub, connection, name)
        chosen = next((each for each in found if not each.decided), found[0])
        before = count_doubting(connection, chosen.delivery_id)
        if persons:
            settle_persons(connection, chosen.delivery_id, persons, made)
            return _describe_decided(connection, chosen, before)
        if chosen.replaced:
            _refuse_replaced(connection, chosen)
        _check_undecided(connection, chosen)
        is_loaded = chosen.state == DeliveryState.LOADED
        if is_loaded and not everybody:
            check_alone(connection, chosen.delivery_id, chosen.title)
        _delete_acceptance(connection, chosen)
        _insert_acceptance(connection, chosen, made)
        _change_message(connection, chosen, ask_acceptance(chosen.delivery_id), _ACCEPTED)
        if chosen.state != DeliveryState.HELD:
            settle_all(connection, chosen.delivery_id, made)
        return _describe_decided(connection, chosen, before)


def undo_acceptance(hub: Hub, name: str, persons: Sequence[str] = ()) -> DecidedDelivery:
    """Takes back an acceptance: of a held delivery if no run has used it yet, of others always.

    ``persons``: only what was settled of these records. Raises NotHeld, NotDoubted, AlreadyDecided.
    """
    with hub.store.transaction() as connection:
        found = _find_candidates(hub, connection, name, undo=True, of_persons=bool(persons))
        chosen = next((each for each in found if each.decided), found[0])
        before = count_doubting(connection, chosen.delivery_id)
        if persons:
            reopen_persons(connection, chosen.delivery_id, persons)
            return _describe_decided(connection, chosen, before)
        if not chosen.decided:
            raise AlreadyDecided(f"{chosen.title} is not accepted; there is nothing to take back")
        accepted_at = _read_accepted(connection, chosen).accepted_at
        _delete_acceptance(connection, chosen)
        _change_message(connection, chosen, _ACCEPTED, ask_acceptance(chosen.delivery_id))
        if chosen.state != DeliveryState.HELD:
            reopen_all(connection, chosen.delivery_id, accepted_at)
        return _describe_decided(connection, chosen, before)


def _describe_decided(connection: Connection, chosen: _Candidate, before: int) -> DecidedDelivery:
    """What was decided; ``before``: how many known persons the delivery had in doubt until then."""
    left = count_doubting(connection, chosen.delivery_id)
    is_loaded = chosen.state == DeliveryState.LOADED
    rows = list_rows(connection, chosen.delivery_id) if is_loaded else []
    return DecidedDelivery(
        chosen.source, chosen.delivered_on, chosen.state, abs(before - left), left, rows
    )


def ask_acceptance(delivery_id: str) -> str:
    """The last sentence (German) about a held delivery: what to do if it is right."""
    return f" Ist er richtig: drehscheibe accept {delivery_id[:12]} --reason …"


def _change_message(connection: Connection, chosen: _Candidate, old: str, new: str) -> None:
    """Changes the last sentence about a held delivery: once accepted, nobody is asked again."""
    c = delivery.c
    mine = and_(c.delivery_id == chosen.delivery_id, c.state == DeliveryState.HELD)
    message = connection.execute(select(c.message).where(mine)).scalar_one_or_none()
    if message and message.endswith(old):
        changed = message.removesuffix(old) + new
        connection.execute(update(delivery).where(mine).values(message=changed))


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


def _find_candidates(
    hub: Hub, connection: Connection, name: str, *, undo: bool = False, of_persons: bool = False
) -> list[_Candidate]:
    """What there is to decide on the delivery of this name; raises NotHeld where it is none."""
    candidates = list(_list_candidates(hub, connection))
    if undo:
        candidates += _list_decided_rows(connection, of_persons=of_persons)
    found = [candidate for candidate in candidates if _is_named(candidate, name)]
    if len({candidate.delivery_id for candidate in found}) != 1:
        listed = (f"{each.delivery_id[:12]} ({each.title})" for each in candidates)
        raise NotHeld(
            f"no single held delivery is named '{name}'; held: {', '.join(listed) or 'none'}"
        )
    return found


def _is_named(candidate: _Candidate, name: str) -> bool:
    is_id = len(name) >= 8 and candidate.delivery_id.startswith(name)
    return is_id or name == candidate.title


def _list_candidates(hub: Hub, connection: Connection) -> Iterator[_Candidate]:
    manifests = [m for m in hub.landing.list_manifests() if isinstance(m, Manifest)]
    known = connection.execute(select(delivery.c.source).distinct()).scalars()
    for source in sorted({*known, *(manifest.source for manifest in manifests)}):
        loads = read_loads(connection, source)
        own = [manifest for manifest in manifests if manifest.source == source]
        unsettled = list(list_unsettled(hub, connection, source, loads, own))
        yield from _list_overtaken(unsettled)
        overtaken = {row.delivery_id for row in unsettled if row.is_overtaken}
        yield from _list_held(connection, source, unsettled, overtaken)
        for done in find_doubting(connection, source, loads):
            yield _Candidate(
                done.delivery_id, source, done.delivered_on, DeliveryState.LOADED, done.loaded_at
            )


def _list_overtaken(unsettled: list[Unsettled]) -> Iterator[_Candidate]:
    """The deliveries that no run takes any more and that nothing replaced."""
    for row in unsettled:
        if row.is_overtaken:
            yield _Candidate(
                row.delivery_id,
                row.source,
                row.delivered_on,
                DeliveryState.FAILED,
                row.seen_at,
                decided=row.is_settled,
            )


def _list_held(
    connection: Connection, source: str, unsettled: list[Unsettled], overtaken: set[str]
) -> Iterator[_Candidate]:
    """The held deliveries, also those that a full one replaced."""
    current = {row.delivery_id for row in unsettled}
    c = delivery.c
    held = select(delivery).where(c.source == source, c.state == DeliveryState.HELD)
    for row in connection.execute(held).all():
        if row.delivery_id not in overtaken:
            accepted = open_acceptance(connection, row.delivery_id, source, row.delivered_on)
            yield _Candidate(
                row.delivery_id,
                source,
                row.delivered_on,
                DeliveryState.HELD,
                row.seen_at,
                decided=accepted is not None,
                replaced=row.delivery_id not in current,
            )


def _list_decided_rows(connection: Connection, *, of_persons: bool) -> Iterator[_Candidate]:
    """The loaded deliveries whose rows that could not be read were accepted.

    ``of_persons``: those of which anything was settled of anybody.
    """
    c = consent_doubt.c
    brought = select(load.c.delivery_id, load.c.source, load.c.delivered_on, load.c.loaded_at).join(
        consent_doubt, (c.known_from == load.c.number) & (c.source == load.c.source)
    )
    if of_persons:
        decided = brought.where(is_decidable(), c.settled_at.is_not(None)).distinct()
    else:
        accepted = brought.join(acceptance, acceptance.c.delivery_id == load.c.delivery_id)
        decided = accepted.where(is_decidable(), c.known_to.is_not(None)).where(
            acceptance.c.accepted_at > load.c.loaded_at
        )
    for row in connection.execute(decided).all():
        yield _Candidate(*row[:3], DeliveryState.LOADED, row.loaded_at, decided=True)


def _refuse_replaced(connection: Connection, held: _Candidate) -> None:
    same_day = and_(load.c.delivered_on == held.delivered_on, load.c.loaded_at >= held.seen_at)
    later = or_(load.c.delivered_on > held.delivered_on, same_day)
    loads = select(load.c.number, load.c.delivered_on).where(load.c.source == held.source, later)
    newer = connection.execute(loads.order_by(load.c.number.desc()).limit(1)).one()
    raise NotHeld(
        f"the delivery {held.title} was overtaken by that of {newer.delivered_on} "
        f"(load {newer.number}); it would not be loaded any more"
    )


def _check_undecided(connection: Connection, chosen: _Candidate) -> None:
    if not chosen.decided:
        return
    earlier = _read_accepted(connection, chosen)
    outcome = "the next run loads it" if chosen.state == DeliveryState.HELD else "it is settled"
    raise AlreadyDecided(
        f"{chosen.title} is accepted already, by {earlier.accepted_by} "
        f"on {earlier.accepted_at:%Y-%m-%d %H:%M} UTC ('{earlier.reason}'); "
        f"{outcome}. To say something else, take that back first: "
        f"drehscheibe accept {chosen.title} --undo"
    )


def _read_accepted(connection: Connection, chosen: _Candidate) -> Row[Any]:
    mine = select(acceptance).where(acceptance.c.delivery_id == chosen.delivery_id)
    return connection.execute(mine).one()


def _delete_acceptance(connection: Connection, chosen: _Candidate) -> None:
    connection.execute(delete(acceptance).where(acceptance.c.delivery_id == chosen.delivery_id))


def _insert_acceptance(connection: Connection, chosen: _Candidate, made: Settlement) -> None:
    values = {
        "delivery_id": chosen.delivery_id,
        "reason": made.reason,
        "accepted_by": getpass.getuser(),
        "accepted_at": made.at,
    }
    try:
        connection.execute(insert(acceptance).values(values))
    except IntegrityError:
        text = f"{chosen.title} was accepted by someone else at this moment"
        raise AlreadyDecided(text) from None
