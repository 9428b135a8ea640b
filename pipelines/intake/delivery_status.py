"""Answers `drehscheibe balance` and `status`: balances of the deliveries, state of the sources."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from pipelines.intake.district_model import describe_dropped
from pipelines.intake.freshness import find_release_obstacles
from pipelines.intake.run import find_waiting
from warehouse.as_of import read_newest_load, resolve_moment
from warehouse.ledger import deliveries
from warehouse.ledger.deliveries import DeliveryBalance
from warehouse.marts.contradictions import count_contradictions
from warehouse.marts.scope import Scope
from warehouse.schema.states import DeliveryState, Severity

if TYPE_CHECKING:
    from pipelines.config.models import Source
    from pipelines.hub import Hub
    from pipelines.intake.load_delivery import QueuedDelivery


@dataclass(frozen=True)
class Balance:
    """What became of every row and record, delivery by delivery.

    ``earlier``: the loads of deliveries that were read again since.
    """

    deliveries: Sequence[DeliveryBalance]
    earlier: Sequence[DeliveryBalance] = ()


@dataclass(frozen=True)
class SourceStatus:
    """The state of a source after its last loaded delivery and its newest one, loaded or not.

    ``open_findings`` are those that stand, because no newer delivery has replaced them.
    ``obstacles`` (German): why nothing of its persons is released now.
    """

    source: str
    carrier: str | None
    last_delivery: date | None
    age_days: int | None
    overdue: bool
    load: int | None
    rows_used: int
    open_findings: Mapping[Severity, int]
    state: DeliveryState
    red: bool
    message: str
    obstacles: Sequence[str]


@dataclass(frozen=True)
class WaitingDelivery:
    """A delivery in a source's folder that the next run will load."""

    source: str
    delivered_on: date
    files: int


@dataclass(frozen=True)
class RefusedDelivery:
    """A delivery, or a whole folder, that cannot be loaded now; ``message`` (German) says why."""

    source: str
    state: DeliveryState
    message: str


@dataclass(frozen=True)
class Status:
    """The state of the sources at the newest load, and what is in their folders.

    ``removed``: the sources that the configuration no longer has, with why none may speak (German).
    ``model``: why the district's own model of who is one person counts no more; empty where it does.
    ``contradictions``: of how many persons systems say another sex, another nationality.
    """

    load: int
    sources: Sequence[SourceStatus]
    waiting: Sequence[WaitingDelivery]
    aside: Sequence[RefusedDelivery]
    removed: Mapping[str, Sequence[str]]
    contradictions: Mapping[str, int]
    model: str

    @property
    def red(self) -> list[str]:
        """The sources of which someone has to mend something, each once."""
        refused = [one.source for one in self.aside if one.state.is_red]
        return sorted({*refused, *(one.source for one in self.sources if one.red)})


def answer_balance(hub: Hub, sources: Sequence[str] = ()) -> Balance:
    """The answer of ``drehscheibe balance``, in order of date and source."""
    with hub.store.read() as connection:
        return Balance(
            deliveries.list_deliveries(connection, sources),
            deliveries.list_earlier(connection, sources),
        )


def closes(answer: Balance) -> bool:
    """Whether all rows and all records of the answer add up."""
    return all(delivery.closes for delivery in (*answer.deliveries, *answer.earlier))


def answer_status(hub: Hub, sources: Sequence[str] = (), today: date | None = None) -> Status:
    """The answer of ``drehscheibe status`` for the configured sources (none named: all).

    ``age_days`` counts from the last loaded delivery to ``today`` (None: the current day).
    """
    names = hub.select_sources(sources)
    obstacles = find_release_obstacles(hub, today, sources)
    with hub.store.read() as connection:
        newest = read_newest_load(connection)
        seen = deliveries.list_deliveries(connection, names)
        standing = deliveries.find_standing(connection, names)
        status = [
            _source_status(
                connection,
                name,
                hub.config.sources[name],
                [d for d in seen if d.source == name],
                today or hub.today,
                obstacles.get(name, []),
                standing.get(name, []),
            )
            for name in names
        ]
        contradictions = _count_contradicting(connection, today or hub.today)
    queue = find_waiting(hub, names, settle_seconds=0)
    return Status(
        newest,
        status,
        [
            WaitingDelivery(waiting.source, waiting.delivered_on, len(waiting.files))
            for waiting in queue.ready
            if not _is_landed(hub, waiting, seen)
        ],
        [RefusedDelivery(r.source, r.state, r.message) for r in queue.aside],
        {name: texts for name, texts in obstacles.items() if name not in hub.config.sources},
        contradictions,
        describe_dropped(hub),
    )


def _count_contradicting(connection: Connection, today: date) -> dict[str, int]:
    if not read_newest_load(connection):
        return {}
    scope = Scope(None, today, resolve_moment(connection, None))
    return count_contradictions(connection, scope)


def _source_status(
    connection: Connection,
    name: str,
    settings: Source,
    seen: Sequence[DeliveryBalance],
    today: date,
    obstacles: Sequence[str],
    standing: Sequence[str],
) -> SourceStatus:
    # What was taken back counts no more, unless nothing else is there.
    counting = [d for d in seen if d.state is not DeliveryState.UNDONE]
    newest = next(reversed(counting or seen), None)
    last = next((d for d in reversed(counting) if d.load is not None), None)
    age = (today - last.delivered_on).days if last else None
    return SourceStatus(
        source=name,
        carrier=settings.carrier,
        last_delivery=last.delivered_on if last else None,
        age_days=age,
        overdue=_is_overdue(age, settings.expect_every_days),
        load=last.load if last else None,
        rows_used=sum(t.used for t in last.tables) if last else 0,
        open_findings=_count_findings(connection, standing),
        state=newest.state if newest else DeliveryState.NEVER,
        # A source of which nothing counts is missing from every figure.
        red=newest is not None and (newest.state.is_red or not counting),
        message=newest.message if newest else "",
        obstacles=obstacles,
    )


def _is_overdue(age: int | None, expected_days: int | None) -> bool:
    return expected_days is not None and (age is None or age > expected_days)


def _count_findings(connection: Connection, standing: Sequence[str]) -> dict[Severity, int]:
    counts = dict.fromkeys(Severity, 0)
    for (_, severity), count in deliveries.findings_by_rule(connection, standing).items():
        counts[severity] += count
    return counts


def _is_landed(hub: Hub, waiting: QueuedDelivery, seen: Sequence[DeliveryBalance]) -> bool:
    """Whether the landing holds a delivery of that day with files of these names and sizes."""
    # Names and sizes spare reading gigabytes; the run itself compares the bytes.
    sizes = {name: path.stat().st_size for name, path in waiting.files}
    sizes |= {name: len(note) for name, note in waiting.notes.items()}
    day = (waiting.source, waiting.delivered_on)
    same_day = [d.delivery_id for d in seen if (d.source, d.delivered_on) == day]
    return any(_landed_sizes(hub, delivery_id) == sizes for delivery_id in same_day)


def _landed_sizes(hub: Hub, delivery_id: str) -> dict[str, int] | None:
    manifest = hub.landing.place_of(delivery_id)
    if not manifest.exists():
        return None
    try:
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        return {file["name"]: file["size"] for file in files}
    except (ValueError, KeyError, TypeError):
        return None
