"""Takes a load back, or reads the deliveries of a source anew; both replay it from the landing.

The source returns to what it knew before, as a load of its own, and the deliveries since are loaded
again in order with today's mapping and registers. Everything is one transaction; history keeps what
was known at each load.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from sqlalchemy import Connection, select, update

from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.intake.doubted_persons import list_doubted, list_settled
from pipelines.intake.identity_terms import identity_terms, pair_scoring
from pipelines.intake.load_delivery import (
    ConsentsUnfed,
    NothingReadable,
    describe_trips,
    guard_limits,
    load_landed,
    open_delivery,
)
from pipelines.intake.registers import keep_configuration, write_registers
from pipelines.intake.rehearsal import open_rehearsable
from warehouse.as_of import read_newest_load
from warehouse.identity.person_links import refresh_links
from warehouse.landing.landing import Manifest
from warehouse.ledger.effective_loads import LoadRow, read_loads
from warehouse.loading.loader import IncomingDelivery
from warehouse.loading.mass_change_guard import GuardTripped, check_limits
from warehouse.loading.restoration import (
    NetChange,
    Restoration,
    compare_with_load,
    keep_withdrawals,
    restore_source,
    return_doubts,
)
from warehouse.loading.row_balance import BalanceOpen
from warehouse.schema import delivery
from warehouse.schema.states import DeliveryState

Tell = Callable[[str], None]
_REREAD = "neu gelesen"
_WHY = {
    BalanceOpen: "its balance does not close",
    ConsentsUnfed: "the mapping no longer reads the consents that are known; give a reason if they end",
}
_UNDONE = "Zurückgenommen am {day:%d.%m.%Y} von {who} (Ladung {load}): {reason}"


class NoSuchLoad(Failure):
    """There is no load of that number, or nothing of the source has been loaded."""

    kind = Kind.WRONG_CALL


class NotUndone(Failure):
    """The load is none that could be taken back; the text says why."""

    kind = Kind.WRONG_CALL


class NotReplayed(Failure):
    """A delivery could not be replayed, or too much would change; nothing was changed."""


@dataclass(frozen=True)
class ReplayedDelivery:
    """A delivery that was loaded again, as load ``load``; None: it still cannot be loaded."""

    delivered_on: date
    load: int | None
    state: DeliveryState


@dataclass(frozen=True)
class Replay:
    """What came of a source that was replayed.

    ``undone``: the load taken back, with the day of its delivery; ``returned_as``: the load that
    stands for the return; ``changes``: how the records differ from before; ``rehearsed``: nothing
    was kept; ``doubted_again``: how many persons are in doubt again of whom somebody had decided.
    """

    source: str
    undone: int | None
    undone_delivered_on: date | None
    returned_as: int
    deliveries: Sequence[ReplayedDelivery]
    changes: Mapping[str, NetChange] = field(default_factory=dict)
    rehearsed: bool = False
    doubted_again: int = 0


@dataclass(frozen=True)
class _Plan:
    """What is replayed: ``base`` stays (None: nothing), ``dropped`` goes, ``again`` is loaded anew.

    ``undone``: the load that is taken back with those of the same delivery before it.
    """

    source: str
    base: LoadRow | None
    dropped: Sequence[LoadRow]
    again: Sequence[LoadRow]
    reason: str
    undone: LoadRow | None = None


def undo_load(
    hub: Hub, number: int, reason: str, *, rehearse: bool = False, tell: Tell = lambda text: None
) -> Replay:
    """Takes a load back; later loads of its source are replayed without it.

    Of a load that took another back, that one comes again. Raises NoSuchLoad, NotUndone, NotReplayed.
    """
    return _run(hub, lambda c: _plan_undo(c, number, reason), tell, rehearse=rehearse)


def reread_source(
    hub: Hub,
    source: str,
    since: date | None = None,
    reason: str = "",
    *,
    rehearse: bool = False,
    tell: Tell = lambda text: None,
) -> Replay:
    """Reads all deliveries of a source from a day on anew, with today's mapping and registers.

    Beyond the limits of the source nothing is changed, unless a ``reason`` is given. Raises
    NoSuchLoad, NotReplayed.
    """
    return _run(hub, lambda c: _plan_reread(hub, c, source, since, reason), tell, rehearse=rehearse)


def list_replayable(hub: Hub) -> list[str]:
    """The configured sources of which something is loaded, in order."""
    with hub.store.read() as connection:
        loaded = {row.source for row in read_loads(connection) if row.counts}
    return [name for name in hub.config.sources if name in loaded]


def _plan_undo(connection: Connection, number: int, reason: str) -> _Plan:
    loads = read_loads(connection)
    chosen = next((row for row in loads if row.number == number), None)
    if chosen is None:
        raise _describe_missing(connection, number)
    if chosen.undone_load is not None:
        return _plan_return(connection, chosen, loads, reason)
    _check_undoable(chosen, loads)
    chain = [row for row in loads if row.counts and row.source == chosen.source]
    at = first = chain.index(chosen)
    while first and chain[first - 1].delivery_id == chosen.delivery_id:
        first -= 1
    base = chain[first - 1] if first else None
    return _Plan(chosen.source, base, chain[first : at + 1], chain[at + 1 :], reason, undone=chosen)


def _describe_missing(connection: Connection, number: int) -> NoSuchLoad:
    newest = read_newest_load(connection)
    if 1 <= number <= newest:
        return NoSuchLoad(
            f"load {number} brought no delivery: with it, a decision on identity took effect. "
            "Take that back with: drehscheibe identity undo"
        )
    return NoSuchLoad(f"there is no load {number}; the newest is {newest}")


def _plan_return(
    connection: Connection, chosen: LoadRow, loads: Sequence[LoadRow], reason: str
) -> _Plan:
    """Takes back that a load was taken back: its delivery comes again, in its place."""
    undone = next(row for row in loads if row.number == chosen.undone_load)
    state = select(delivery.c.state).where(delivery.c.delivery_id == undone.delivery_id)
    if connection.execute(state).scalar_one() != DeliveryState.UNDONE:
        raise NotUndone(f"the delivery that load {chosen.number} took back is loaded again")
    chain = [row for row in loads if row.counts and row.source == chosen.source]
    after = [row for row in chain if row.number > (chosen.restored_load or 0)]
    base = next(reversed(chain[: len(chain) - len(after)]), None)
    # What its withdrawals left in doubt comes again with it.
    dropped = [*after, chosen]
    return _Plan(chosen.source, base, dropped, [undone, *after], reason)


def _check_undoable(chosen: LoadRow, loads: Sequence[LoadRow]) -> None:
    """Raises NotUndone where taking the load back makes no sense."""
    if chosen.restored_load is not None:
        raise NotUndone(
            f"load {chosen.number} brought no delivery: with it, {chosen.source} began to be read "
            "anew. Take back one of the loads after it"
        )
    if not chosen.counts:
        undone = [row.number for row in loads if row.undone_load == chosen.number]
        if undone:
            raise NotUndone(f"load {chosen.number} was taken back already, as load {undone[0]}")
        raise NotUndone(
            f"load {chosen.number} counts no more: its source was replayed since. "
            "The loads that count are in: drehscheibe balance"
        )
    later = [
        row.number
        for row in loads
        if row.counts and row.number > chosen.number and row.delivery_id == chosen.delivery_id
    ]
    if later:
        raise NotUndone(
            f"the delivery of load {chosen.number} was read again as load {later[-1]}; "
            "take that one back"
        )


def _plan_reread(
    hub: Hub, connection: Connection, source: str, since: date | None, reason: str
) -> _Plan:
    chain = [row for row in read_loads(connection, source) if row.counts]
    kept = [row for row in chain if since is not None and row.delivered_on < since]
    dropped = chain[len(kept) :]
    if not dropped:
        when = f" from {since} on" if since else ""
        raise NoSuchLoad(f"nothing of {source}{when} is loaded, so there is nothing to read anew")
    missed = _list_missed(hub, connection, source, chain)
    again = [*dropped, *(row for row in missed if since is None or row.delivered_on >= since)]
    again.sort(key=lambda row: (row.delivered_on, row.loaded_at))
    return _Plan(source, kept[-1] if kept else None, dropped, again, reason)


def _list_missed(
    hub: Hub, connection: Connection, source: str, chain: Sequence[LoadRow]
) -> Iterator[LoadRow]:
    """The deliveries that could not be read when it was their turn; ``loaded_at``: when they came.

    Those that came too late are none of them: why, nobody knows.
    """
    c = delivery.c
    failed = select(c.delivery_id).where(c.source == source, c.state == DeliveryState.FAILED)
    missed = set(connection.execute(failed).scalars()) - {row.delivery_id for row in chain}
    for landed in hub.landing.list_manifests():
        if isinstance(landed, Manifest) and landed.delivery_id in missed:
            came = hub.landing.landed_at(landed.delivery_id)
            on = landed.delivered_on
            if not any(row.delivered_on > on and row.loaded_at < came for row in chain):
                yield LoadRow(
                    0, source, landed.delivery_id, on, landed.scope, "", came, None, None, False
                )


def _run(hub: Hub, plan: Callable[[Connection], _Plan], tell: Tell, *, rehearse: bool) -> Replay:
    # Before anything else, as in a run: half-written files in the landing may be another run's.
    with hub.store.lock_run() as turn:
        if not rehearse:
            write_registers(hub)
        with open_rehearsable(hub, rehearse=rehearse) as connection:
            replay = _Replayer(hub, connection, plan(connection), tell).replay(rehearse)
            turn.check_held()
    return replay


class _Replayer:
    """Replays one source on a connection."""

    def __init__(self, hub: Hub, connection: Connection, plan: _Plan, tell: Tell) -> None:
        self.hub, self.connection, self.plan, self.tell = hub, connection, plan, tell
        if plan.source not in hub.config.sources:
            raise NotReplayed(f"the configuration has no source '{plan.source}' any more")
        self.mapping = hub.read_mapping(plan.source)
        self.manifests = self._find_manifests()

    def replay(self, rehearse: bool) -> Replay:
        """Returns the source, loads its deliveries again, and compares with what was known."""
        before = read_newest_load(self.connection)
        settled = list_settled(self.connection, self.plan.source)
        made = self._return(before + 1)
        done = list(self._load_all())
        changes = dict(compare_with_load(self.connection, self.plan.source, before))
        self._check_guard(changes)
        undone = self.plan.undone
        again = settled & list_doubted(self.connection, self.plan.source)
        return Replay(
            self.plan.source,
            undone.number if undone else None,
            undone.delivered_on if undone else None,
            made.number,
            done,
            changes,
            rehearse,
            len(again),
        )

    def _load_all(self) -> Iterator[ReplayedDelivery]:
        """Loads the deliveries, each once where it was read several times in a row."""
        groups = groupby(self.plan.again, key=lambda row: row.delivery_id)
        rows = [list(same)[-1] for _, same in groups]
        for number, row in enumerate(rows, start=1):
            self.tell(f"[{number}/{len(rows)}] {row.source} {row.delivered_on}")
            yield self._load_again(row)

    def _find_manifests(self) -> dict[str, Manifest]:
        wanted = {row.delivery_id: row for row in self.plan.again}
        landed = {
            m.delivery_id: m
            for m in self.hub.landing.list_manifests()
            if isinstance(m, Manifest) and m.delivery_id in wanted
        }
        for missing in wanted.keys() - landed.keys():
            raise NotReplayed(
                f"the delivery of {wanted[missing].delivered_on} is not in the landing, so it "
                "cannot be loaded again; bring it back with `drehscheibe db restore`"
            )
        return landed

    def _return(self, number: int) -> Restoration:
        plan = self.plan
        stands_for = plan.base or plan.dropped[0]
        made = Restoration(
            number,
            plan.source,
            plan.base.number if plan.base else 0,
            stands_for.delivery_id,
            stands_for.delivered_on,
            self.mapping.digest,
            plan.reason or _REREAD,
            plan.undone.number if plan.undone else None,
            plan.undone.delivery_id if plan.undone else None,
        )
        numbers = [row.number for row in plan.dropped]
        restore_source(self.connection, made)
        if plan.undone:
            keep_withdrawals(self.connection, made, numbers, unread=self._was_incomplete())
            self._mark_undone(made)
        else:
            return_doubts(self.connection, made, numbers)
        refresh_links(self.connection, number, identity_terms(), score=pair_scoring())
        keep_configuration(self.connection, number, self.hub.config, self.mapping)
        return made

    def _was_incomplete(self) -> bool:
        assert self.plan.undone is not None
        mine = delivery.c.delivery_id == self.plan.undone.delivery_id
        state = self.connection.execute(select(delivery.c.state).where(mine)).scalar_one()
        return bool(state != DeliveryState.LOADED)

    def _mark_undone(self, made: Restoration) -> None:
        """Notes that the delivery counts no more, unless it was loaded at another time, too."""
        undone = self.plan.undone
        assert undone is not None
        others = read_loads(self.connection, undone.source)
        again = {row.delivery_id for row in self.plan.again}
        if undone.delivery_id in {row.delivery_id for row in others if row.counts} | again:
            return
        marked = update(delivery).where(delivery.c.delivery_id == undone.delivery_id)
        who, day = getpass.getuser(), self.hub.today
        message = _UNDONE.format(day=day, who=who, load=made.number, reason=made.reason)
        self.connection.execute(marked.values(state=DeliveryState.UNDONE, message=message))

    def _load_again(self, row: LoadRow) -> ReplayedDelivery:
        manifest = self.manifests[row.delivery_id]
        arrival = IncomingDelivery(
            row.delivery_id, row.source, row.delivered_on, manifest.scope, self.mapping.digest
        )
        tables = open_delivery(self.hub, arrival, self.mapping)
        # What was loaded before, the guard or a person let in.
        limits = guard_limits(self.hub, row.source) if row.number == 0 else None
        try:
            loaded = load_landed(
                self.hub,
                self.connection,
                arrival,
                manifest,
                tables,
                limits,
                ends_consents=bool(self.plan.reason),
            )
        except (NothingReadable, BalanceOpen, ConsentsUnfed, GuardTripped) as error:
            # Nothing of it is written yet, and it was not loaded before either.
            if row.number == 0 and not isinstance(error, BalanceOpen):
                return ReplayedDelivery(row.delivered_on, None, DeliveryState.FAILED)
            stops = tables.findings.describe_stops() or _WHY.get(type(error), "")
            raise NotReplayed(
                f"the delivery of {row.delivered_on} cannot be loaded again, so nothing was "
                f"changed: {stops}"
            ) from None
        return ReplayedDelivery(row.delivered_on, loaded.number, loaded.state)

    def _check_guard(self, changes: Mapping[str, NetChange]) -> None:
        """Refuses a reading that changes much, unless a person gave the reason."""
        if self.plan.reason:
            return
        known = {name: change.known for name, change in changes.items()}
        counted = {name: [change.as_change()] for name, change in changes.items()}
        try:
            check_limits(guard_limits(self.hub, self.plan.source), known, counted)
        except GuardTripped as tripped:
            raise NotReplayed(
                f"read anew, {self.plan.source} would change unusually much, so nothing was "
                f"changed: {describe_trips(tripped)}. Look with --dry-run; if it is right, say why "
                "with --reason"
            ) from None
