"""Runs the intake: fetches the sources, then loads the waiting deliveries in order of date.

A failing source stops no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from connectors.fetch.local_folder import (
    SENTENCES,
    FolderMissing,
    FoundDelivery,
    find_all_deliveries,
)
from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.intake.delivery_errors import ends_run, judge_error
from pipelines.intake.fetch_source import FetchState, fetch_source, list_left
from pipelines.intake.load_delivery import DeliveryResult, QueuedDelivery, load_delivery
from pipelines.intake.registers import write_registers
from pipelines.intake.stray_entries import describe_stray
from warehouse.schema.states import DeliveryState

Tell = Callable[[str], None]

_FUTURE = (
    "Das Datum der Lieferung, {day:%d.%m.%Y}, liegt in der Zukunft; sie wird nicht geladen, denn "
    "alle späteren gälten als älter. Bitte den Ordner nach dem richtigen Tag benennen."
)


@dataclass(frozen=True)
class Queue:
    """The deliveries to load, in order, and those that cannot be loaded now, with the reason."""

    ready: list[QueuedDelivery]
    aside: list[DeliveryResult]


def find_in_folders(
    config: Config, sources: Sequence[str], settle_seconds: float = 0.5
) -> Iterable[tuple[str, list[FoundDelivery] | FolderMissing]]:
    """Each source with the deliveries in its folder, or with the error where there is none."""
    folders = [config.sources[name].folder for name in sources]
    return zip(sources, find_all_deliveries(folders, settle_seconds=settle_seconds), strict=True)


def find_waiting(
    hub: Hub, sources: Sequence[str] = (), until: date | None = None, settle_seconds: float = 0.5
) -> Queue:
    """The deliveries in the folders of the sources (none named: all), by date and then source.

    Deliveries dated after ``until`` are left alone, those dated after today are held. What lies in
    a folder and is no delivery is told, and so is what was left on a server.
    """
    queue = Queue([], [])
    names = hub.select_sources(sources)
    for name, found in find_in_folders(hub.config, names, settle_seconds):
        for day, state in list_left(hub.config, name):
            queue.aside.append(DeliveryResult(name, day, state, SENTENCES[state]))
        if isinstance(found, FolderMissing):
            queue.aside.append(
                DeliveryResult(name, hub.today, DeliveryState.UNREACHABLE, found.message)
            )
            continue
        if stray := describe_stray(hub.config, name):
            queue.aside.append(DeliveryResult(name, hub.today, DeliveryState.HELD, stray))
        for delivery in found:
            if delivery.date > hub.today:
                message = _FUTURE.format(day=delivery.date)
                held = DeliveryResult(name, delivery.date, DeliveryState.HELD, message)
                queue.aside.append(held)
            elif until is None or delivery.date <= until:
                _add_to_queue(queue, name, delivery)
    # The sort is stable: of one day, the order of the configuration decides.
    queue.ready.sort(key=lambda waiting: waiting.delivered_on)
    return queue


def _add_to_queue(queue: Queue, source: str, found: FoundDelivery) -> None:
    if found.state == "ready":
        queue.ready.append(QueuedDelivery.from_folder(source, found))
    else:
        state = DeliveryState(found.state)
        queue.aside.append(DeliveryResult(source, found.date, state, found.message))


def run_intake(
    hub: Hub, sources: Sequence[str] = (), until: date | None = None, tell: Tell = lambda text: None
) -> list[DeliveryResult]:
    """Fetches and loads all that waits; the results include the deliveries that were set aside.

    Raises WarehouseBusy where another run of the district is going on, and ConnectionLost, which
    undoes the delivery being loaded.
    """
    unreachable = list(_fetch_sources(hub, sources, tell))
    # Before anything else: half-written files in the landing may belong to another run.
    with hub.store.lock_run() as turn:
        hub.landing.remove_leftovers()
        write_registers(hub)
        queue = find_waiting(hub, sources, until)
        results = [*unreachable, *queue.aside]
        for number, waiting in enumerate(queue.ready, start=1):
            tell(f"[{number}/{len(queue.ready)}] {waiting.source} {waiting.delivered_on}")
            turn.check_held()
            results.append(_load_or_report(hub, waiting))
    return results


def _fetch_sources(hub: Hub, sources: Sequence[str], tell: Tell) -> Iterator[DeliveryResult]:
    """Fetches the sources that have a `fetch`; yields those that could not be reached."""
    for name in hub.select_sources(sources):
        if hub.config.sources[name].fetch is None:
            continue
        tell(f"fetching {name}")
        result = fetch_source(hub, name)
        if result.state in (FetchState.UNREACHABLE, FetchState.BUSY):
            yield DeliveryResult(name, hub.today, DeliveryState.UNREACHABLE, result.message)


def _load_or_report(hub: Hub, waiting: QueuedDelivery) -> DeliveryResult:
    try:
        return load_delivery(hub, waiting)
    except Exception as error:
        if ends_run(error):
            raise
        state, message = judge_error(error)
        return DeliveryResult(waiting.source, waiting.delivered_on, state, message)
