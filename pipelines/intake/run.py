"""The run: fetches, then takes what waits in the folders of the sources, in order of date. One source's trouble stops no other's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from connectors.fetch.local_folder import FolderMissing, find_all_deliveries
from mappings.problems import YamlProblems
from pipelines.failures import describe_place, find_disk_failure
from pipelines.hub import Hub
from pipelines.intake.fetch_source import FetchState, fetch_source
from pipelines.intake.load_delivery import DeliveryResult, QueuedDelivery, load_delivery
from pipelines.intake.registers import write_registers
from warehouse.encryption.encrypted_file import DamagedFile
from warehouse.errors import WarehouseError
from warehouse.schema import delivery
from warehouse.schema.states import DeliveryState

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Queue:
    """What waits: deliveries to take in order, and those that cannot be taken now, each with the reason."""

    ready: list[QueuedDelivery]
    aside: list[DeliveryResult]


def find_waiting(
    hub: Hub, sources: Sequence[str] = (), until: date | None = None, settle_seconds: float = 0.5
) -> Queue:
    """Looks into the folders of the sources (none named: all); deliveries dated after ``until`` are left alone."""
    names = [n for n in hub.config.sources if not sources or n in sources]
    found = find_all_deliveries(
        [hub.config.sources[n].folder for n in names], settle_seconds=settle_seconds
    )
    ready: list[tuple[date, int, QueuedDelivery]] = []
    aside: list[DeliveryResult] = []
    for order, (name, deliveries) in enumerate(zip(names, found, strict=True)):
        if isinstance(deliveries, FolderMissing):
            aside.append(
                DeliveryResult(name, date.today(), DeliveryState.UNREACHABLE, deliveries.message)
            )
            continue
        for d in deliveries:
            if until and d.date > until:
                continue
            if d.state == "ready":
                ready.append(
                    (
                        d.date,
                        order,
                        QueuedDelivery(name, d.date, tuple((f.name, f.path) for f in d.files)),
                    )
                )
            else:
                aside.append(DeliveryResult(name, d.date, DeliveryState(d.state), d.message))
    ready.sort(key=lambda item: item[:2])
    return Queue([w for _, _, w in ready], aside)


def run_intake(
    hub: Hub, sources: Sequence[str] = (), until: date | None = None, tell: Tell = lambda text: None
) -> list[DeliveryResult]:
    """Takes all that waits. Returns what became of each delivery looked at, those set aside included.

    WarehouseBusy where another run of the district is going on; ConnectionLost undoes the delivery in work, run again.
    """
    unreachable = list(_fetch_sources(hub, sources, tell))
    # Before anything else: what lies half-written in the landing may be the other run's.
    with hub.store.lock_run() as turn:
        hub.landing.remove_leftovers()
        write_registers(hub)
        queue = find_waiting(hub, sources, until)
        results = [*unreachable, *queue.aside]
        for number, item in enumerate(queue.ready, start=1):
            tell(f"[{number}/{len(queue.ready)}] {item.source} {item.delivered_on}")
            turn.check_held()
            results.append(_load_or_report(hub, item))
    return results


def _fetch_sources(hub: Hub, sources: Sequence[str], tell: Tell) -> Iterator[DeliveryResult]:
    """Fetches what does not come by itself; yields the sources that could not be reached."""
    for name, settings in hub.config.sources.items():
        if settings.fetch is None or (sources and name not in sources):
            continue
        tell(f"fetching {name}")
        result = fetch_source(hub, name)
        if result.state in (FetchState.UNREACHABLE, FetchState.BUSY):
            yield DeliveryResult(name, date.today(), DeliveryState.UNREACHABLE, result.message)


def _load_or_report(hub: Hub, item: QueuedDelivery) -> DeliveryResult:
    try:
        return load_delivery(hub, item)
    except FileNotFoundError:
        return DeliveryResult(
            item.source,
            item.delivered_on,
            DeliveryState.GROWING,
            "Eine Datei verschwand während des Lesens; die Lieferung wird beim nächsten Lauf genommen.",
        )
    except PermissionError:
        return DeliveryResult(
            item.source,
            item.delivered_on,
            DeliveryState.FAILED,
            "Eine Datei der Lieferung ist nicht lesbar oder der Eingang nicht beschreibbar: es fehlen Rechte. Nichts wurde übernommen.",
        )
    except DamagedFile:
        return DeliveryResult(
            item.source,
            item.delivered_on,
            DeliveryState.FAILED,
            "Eine Datei im Eingang ist beschädigt: Ihr Inhalt ist nicht mehr der, der angekommen ist. Nichts wurde übernommen. Bitte den "
            "Eingang aus der Sicherung wiederherstellen (drehscheibe db restore) oder die Datei dort löschen, damit sie neu geholt wird.",
        )
    except YamlProblems as problems:
        return DeliveryResult(
            item.source,
            item.delivered_on,
            DeliveryState.FAILED,
            f"Die Zuordnung ist fehlerhaft: {problems}",
        )
    except (SQLAlchemyError, WarehouseError):
        # The warehouse serves every source: where it fails, going on would only fail again.
        raise
    except Exception as error:
        if find_disk_failure(error):
            # So does the disk.
            raise
        text = "Ein unerwarteter Fehler hielt diese Lieferung auf; sie liegt im Eingang und wird beim nächsten Lauf wieder versucht"
        return DeliveryResult(
            item.source,
            item.delivered_on,
            DeliveryState.FAILED,
            f"{text} ({describe_place(error)}).",
        )


def red_sources(hub: Hub) -> dict[str, str]:
    """Sources whose newest delivery is not wholly in the warehouse, with the message that says why."""
    newest = (
        select(delivery.c.source, func.max(delivery.c.delivered_on).label("day"))
        .group_by(delivery.c.source)
        .subquery()
    )
    same = (newest.c.source == delivery.c.source) & (newest.c.day == delivery.c.delivered_on)
    rows = select(delivery).select_from(delivery.join(newest, same)).order_by(delivery.c.seen_at)
    states: dict[str, tuple[str, str]] = {}
    with hub.store.read() as connection:
        for row in connection.execute(rows):
            states[row.source] = (row.state, row.message or "")
    return {
        s: message
        for s, (state, message) in states.items()
        if DeliveryState(state).is_red and s in hub.config.sources
    }
