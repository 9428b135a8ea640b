"""Loads one delivery: lands, reads and maps its files, loads the records and links the persons.

The load is one transaction; findings are kept also where it fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from mappings.compile import Compiler
from mappings.source_mapping import SourceMapping
from pipelines.hub import Hub
from pipelines.intake.acceptance import open_acceptance
from pipelines.intake.delivery_tables import DeliveredTables
from pipelines.intake.fetch_source import scope_of
from pipelines.intake.findings_collector import FindingsCollector, Stopped
from pipelines.intake.reader_options import reader_options_of
from pipelines.intake.registers import keep_configuration
from warehouse.identity.person_links import refresh_links
from warehouse.landing.landing import Manifest
from warehouse.loading.findings import write_findings
from warehouse.loading.loader import IncomingDelivery, Loader, LoadResult, record_delivery
from warehouse.loading.mass_change_guard import GuardTripped, Limits
from warehouse.loading.row_balance import BalanceOpen
from warehouse.schema import delivery, load
from warehouse.schema.states import DeliveryState, Severity

_RECORD_NAMES = {
    "case": "Fälle",
    "conversation": "Gespräche",
    "plan": "Pläne",
    "goal": "Ziele",
    "consent": "Einwilligungen",
}


@dataclass(frozen=True)
class QueuedDelivery:
    """A delivery in a source's folder; ``files`` are (name in the delivery, path)."""

    source: str
    delivered_on: date
    files: tuple[tuple[str, Path], ...]


@dataclass
class DeliveryResult:
    """What became of a delivery; ``message`` is German."""

    source: str
    delivered_on: date
    state: DeliveryState
    message: str = ""
    loaded: LoadResult | None = None
    stopped: list[Stopped] = field(default_factory=list)
    findings: dict[Severity, int] = field(default_factory=dict)


class NothingReadable(Exception):
    """No table of the delivery could be read; it stays in the landing and changes nothing."""


def load_delivery(hub: Hub, waiting: QueuedDelivery) -> DeliveryResult:
    """Lands and loads the delivery, unless it was loaded before with the same mapping."""
    source, day = waiting.source, waiting.delivered_on
    scope = scope_of(hub.config, source, day)
    manifest = hub.landing.land_delivery(source, day, scope, waiting.files)
    mapping = hub.read_mapping(source)
    arrival = IncomingDelivery(manifest.delivery_id, source, day, scope, mapping.digest)
    with hub.store.read() as connection:
        refused = _reason_to_skip(connection, arrival)
    if refused is not None:
        return _refuse_delivery(hub, arrival, *refused)
    return _load_into_warehouse(hub, arrival, manifest, mapping)


def _refuse_delivery(
    hub: Hub, arrival: IncomingDelivery, state: DeliveryState, message: str
) -> DeliveryResult:
    if state is DeliveryState.FAILED:
        with hub.store.transaction() as connection:
            record_delivery(connection, arrival, state, message, None)
    return DeliveryResult(arrival.source, arrival.delivered_on, state, message)


def _load_into_warehouse(
    hub: Hub, arrival: IncomingDelivery, manifest: Manifest, mapping: SourceMapping
) -> DeliveryResult:
    tables = DeliveredTables(Compiler(mapping, hub.municipalities, arrival.delivered_on))
    findings = tables.findings
    try:
        loaded = _load_at_once(hub, arrival, manifest, tables)
    except GuardTripped as tripped:
        state, message = DeliveryState.HELD, _held_message(arrival, tripped)
    except (BalanceOpen, NothingReadable) as error:
        failed = f"Die Bilanz geht nicht auf; die Lieferung wurde nicht geladen ({error})."
        state, message = DeliveryState.FAILED, findings.describe_stops() or failed
    else:
        stops = findings.describe_stops()
        return _delivery_result(arrival, findings, loaded.state, stops, loaded)
    _keep_findings(hub, arrival, findings, state, message)
    return _delivery_result(arrival, findings, state, message)


def _load_at_once(
    hub: Hub, arrival: IncomingDelivery, manifest: Manifest, tables: DeliveredTables
) -> LoadResult:
    """Loads the delivery and links its persons in one transaction."""
    with hub.store.transaction() as connection:
        loader = Loader(connection, arrival, tables.uses)
        _load_tables(hub, loader, manifest, tables)
        loaded = _finish_load(hub, loader, tables.findings)
        refresh_links(connection, loaded.number)
        keep_configuration(connection, loaded.number, hub.config, tables.mapping)
    return loaded


def _load_tables(hub: Hub, loader: Loader, manifest: Manifest, tables: DeliveredTables) -> None:
    with hub.landing.open_files(manifest) as files, hub.landing.index_files(manifest) as beside:
        tables.load_files(loader, files, reader_options_of(hub.config, manifest.source, beside))
    if not loader.counts:
        raise NothingReadable


def _finish_load(hub: Hub, loader: Loader, findings: FindingsCollector) -> LoadResult:
    findings.add_contradictions(loader.end_staging())
    accepted = _is_accepted(loader.connection, loader.arrival)
    limits = None if accepted else _guard_limits(hub, loader.arrival.source)
    return loader.finish(findings.found, limits, findings.describe_stops() or None)


def _keep_findings(
    hub: Hub,
    arrival: IncomingDelivery,
    findings: FindingsCollector,
    state: DeliveryState,
    message: str,
) -> None:
    """Writes why a delivery was not loaded, and what was found in it."""
    with hub.store.transaction() as connection:
        record_delivery(connection, arrival, state, message, None)
        write_findings(connection, arrival.delivery_id, findings.found)


def _delivery_result(
    arrival: IncomingDelivery,
    findings: FindingsCollector,
    state: DeliveryState,
    message: str,
    loaded: LoadResult | None = None,
) -> DeliveryResult:
    stopped, counts = findings.stopped, findings.count_by_severity()
    return DeliveryResult(
        arrival.source, arrival.delivered_on, state, message, loaded, stopped, counts
    )


def _reason_to_skip(
    connection: Connection, arrival: IncomingDelivery
) -> tuple[DeliveryState, str] | None:
    """State and message of a delivery that is known already or older than what is loaded.

    What was loaded is read from the loads, not from the delivery's state: read with another
    mapping, a loaded delivery may have been held or have failed since.
    """
    c = load.c
    loads = select(c.delivery_id, c.delivered_on, c.mapping_hash).where(c.source == arrival.source)
    last = connection.execute(loads.order_by(c.number.desc()).limit(1)).first()
    if last is None:
        return None
    if last.delivered_on > arrival.delivered_on:
        return _judge_older(connection, arrival, last.delivered_on)
    # An export may be replaced by another of the same day and come back: only the one loaded last
    # is known.
    is_last = (last.delivery_id, last.mapping_hash) == (arrival.delivery_id, arrival.mapping_hash)
    loaded = (DeliveryState.LOADED, DeliveryState.INCOMPLETE)
    if is_last and _find_state(connection, arrival) in loaded:
        return DeliveryState.KNOWN, ""
    return None


def _judge_older(
    connection: Connection, arrival: IncomingDelivery, loaded_on: date
) -> tuple[DeliveryState, str]:
    """A delivery older than the loaded one fails when it is first seen, and is known afterwards.

    Reported once only, because a message every night would hide what is new. A changed mapping
    does not load it anew either: only the newest delivery is read with it.
    """
    loads = select(load.c.number).where(load.c.source == arrival.source)
    loaded = connection.execute(loads.where(load.c.delivery_id == arrival.delivery_id)).first()
    if loaded is not None or _find_state(connection, arrival) is not None:
        return DeliveryState.KNOWN, ""
    return DeliveryState.FAILED, (
        f"Die Lieferung vom {arrival.delivered_on:%d.%m.%Y} ist älter als die geladene vom "
        f"{loaded_on:%d.%m.%Y} und wurde nicht geladen; sie liegt im Eingang bereit. "
        "Bitte prüfen, ob das Datum des Ordners stimmt."
    )


def _find_state(connection: Connection, arrival: IncomingDelivery) -> str | None:
    """The state of the delivery in the ledger; None where it was never seen."""
    states = select(delivery.c.state).where(delivery.c.delivery_id == arrival.delivery_id)
    state: str | None = connection.execute(states).scalar()
    return state


def _is_accepted(connection: Connection, arrival: IncomingDelivery) -> bool:
    found = open_acceptance(connection, arrival.delivery_id, arrival.source, arrival.delivered_on)
    return found is not None


def _guard_limits(hub: Hub, source: str) -> Limits:
    settings, usual = hub.config.sources[source], Limits()
    gone = usual.gone if settings.max_gone_share is None else settings.max_gone_share
    changed = usual.changed if settings.max_changed_share is None else settings.max_changed_share
    return Limits(gone, changed)


def _held_message(arrival: IncomingDelivery, tripped: GuardTripped) -> str:
    parts = [
        f"{_RECORD_NAMES.get(t.record, t.record)}: "
        f"von {t.known} fielen {t.gone} weg und änderten sich {t.changed}"
        for t in tripped.trips
    ]
    return (
        f"Die Lieferung ändert ungewöhnlich viel ({'; '.join(parts)}) und wurde angehalten. "
        "Bitte prüfen, ob der Export vollständig ist. "
        f"Ist er richtig: drehscheibe accept {arrival.delivery_id[:12]} --reason …"
    )
