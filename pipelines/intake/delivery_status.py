"""Answers about the data itself: the balance of every delivery, how each source stands. Figures are not here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipelines.intake.run import find_waiting
from warehouse.ledger import deliveries
from warehouse.ledger.deliveries import DeliveryBalance
from warehouse.schema.states import DeliveryState, Severity

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from pipelines.intake.load_delivery import QueuedDelivery


@dataclass(frozen=True)
class Balance:
    """What became of every row and record, delivery by delivery."""

    deliveries: Sequence[DeliveryBalance]


@dataclass(frozen=True)
class SourceStatus:
    """How a source stands after its last loaded delivery and after its newest one, loaded or not.

    ``open_findings`` are those of the newest, because a newer delivery replaces them.
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


@dataclass(frozen=True)
class WaitingDelivery:
    """A delivery in a source's folder that the next run will load."""

    source: str
    delivered_on: date
    files: int


@dataclass(frozen=True)
class RefusedDelivery:
    """A delivery, or a whole folder, that cannot be taken now; ``message`` (German) says why."""

    source: str
    state: DeliveryState
    message: str


@dataclass(frozen=True)
class Status:
    """How the sources stand at the newest load, and what is in their folders."""

    load: int
    sources: Sequence[SourceStatus]
    waiting: Sequence[WaitingDelivery]
    aside: Sequence[RefusedDelivery]


def answer_balance(hub: Hub, sources: Sequence[str] = ()) -> Balance:
    """What became of every row and record: the answer of ``drehscheibe balance``, in order of date and source."""
    with hub.store.read() as connection:
        return Balance(deliveries.list_deliveries(connection, sources))


def closes(answer: Balance) -> bool:
    """True where all rows and all records of a ``answer_balance`` answer add up."""
    return all(delivery.closes for delivery in answer.deliveries)


def answer_status(hub: Hub, sources: Sequence[str] = (), today: date | None = None) -> Status:
    """How each configured source stands and what waits in its folder: the answer of ``drehscheibe status``.

    ``age_days`` counts from the last delivery loaded to ``today`` (None: the day it is).
    """
    today = today or date.today()
    names = [n for n in hub.config.sources if not sources or n in sources]
    with hub.store.read() as connection:
        found = deliveries.list_deliveries(connection, names)
        newest = {d.source: d for d in found}
        findings = {
            n: deliveries.findings_by_rule(connection, d.delivery_id) for n, d in newest.items()
        }
    lines = [
        _source_status(hub, n, [d for d in found if d.source == n], findings.get(n, {}), today)
        for n in names
    ]
    queue = find_waiting(hub, names, settle_seconds=0)
    ready = [w for w in queue.ready if not _is_landed(hub, w, found)]
    return Status(
        max((d.load or 0 for d in found), default=0),
        lines,
        [WaitingDelivery(w.source, w.delivered_on, len(w.files)) for w in ready],
        [RefusedDelivery(t.source, t.state, t.message) for t in queue.aside],
    )


def _source_status(
    hub: Hub,
    name: str,
    found: Sequence[DeliveryBalance],
    findings: Mapping[tuple[str, Severity], int],
    today: date,
) -> SourceStatus:
    settings = hub.config.sources[name]
    last = next((d for d in reversed(found) if d.load is not None), None)
    newest = found[-1] if found else None
    age = (today - last.delivered_on).days if last else None
    every = settings.expect_every_days
    return SourceStatus(
        source=name,
        carrier=settings.carrier,
        last_delivery=last.delivered_on if last else None,
        age_days=age,
        overdue=every is not None and (age is None or age > every),
        load=last.load if last else None,
        rows_used=sum(t.used for t in last.tables) if last else 0,
        open_findings={
            s: sum(n for (_, severity), n in findings.items() if severity is s) for s in Severity
        },
        state=newest.state if newest else DeliveryState.NEVER,
        red=newest is not None and newest.state.is_red,
        message=newest.message if newest else "",
    )


def _is_landed(hub: Hub, item: QueuedDelivery, found: Sequence[DeliveryBalance]) -> bool:
    """True where the landing holds a delivery of that day with files of these names and sizes."""
    # Names and sizes tell without reading gigabytes; the run itself compares the bytes.
    lying = {name: path.stat().st_size for name, path in item.files}
    for d in found:
        if (d.source, d.delivered_on) == (item.source, item.delivered_on):
            manifest = hub.landing.place_of(d.delivery_id)
            if manifest.exists():
                landed = json.loads(manifest.read_text(encoding="utf-8"))["files"]
                if {f["name"]: f["size"] for f in landed} == lying:
                    return True
    return False
