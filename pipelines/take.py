"""Takes one delivery the whole way in: landed, read, mapped, loaded, persons linked. One transaction; findings are kept in any case."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from mappings.compile import Compiler
from mappings.source import SourceMapping
from pipelines.accept import standing
from pipelines.delivered_table import DeliveredTables
from pipelines.fetch import scope_of
from pipelines.hub import Hub
from pipelines.intake.findings_collector import FindingsCollector, Stopped
from pipelines.intake.registers import keep_configuration
from pipelines.opening import opening_of
from warehouse.balance import BalanceOpen
from warehouse.findings import write
from warehouse.guard import GuardTripped, Limits
from warehouse.identity.links import refresh
from warehouse.landing import Manifest
from warehouse.load import Arrival, Loaded, Loader, record_delivery
from warehouse.schema import delivery, load
from warehouse.schema.states import DeliveryState, Severity


@dataclass(frozen=True)
class Waiting:
    """A delivery that lies in a source's folder: its files by the name they have in it."""

    source: str
    delivered_on: date
    files: tuple[tuple[str, Path], ...]


@dataclass
class Taken:
    """What became of a delivery; ``message`` is for people, German."""

    source: str
    delivered_on: date
    state: DeliveryState
    message: str = ""
    loaded: Loaded | None = None
    stopped: list[Stopped] = field(default_factory=list)
    findings: dict[Severity, int] = field(default_factory=dict)


class NothingReadable(Exception):
    """Not one table of the delivery could be read; it stays in the landing and changes nothing."""


def take(hub: Hub, waiting: Waiting) -> Taken:
    """Lands and loads the delivery, unless exactly this was loaded before with this mapping."""
    scope = scope_of(hub.config, waiting.source, waiting.delivered_on)
    manifest = hub.landing.take(waiting.source, waiting.delivered_on, scope, waiting.files)
    mapping = hub.mapping(waiting.source)
    arrival = Arrival(manifest.delivery_id, waiting.source, waiting.delivered_on, scope, mapping.digest)
    with hub.store.read() as connection:
        refused = _refused(connection, arrival)
    return _load(hub, arrival, manifest, mapping) if refused is None else _refuse(hub, arrival, *refused)


def _refuse(hub: Hub, arrival: Arrival, state: DeliveryState, message: str) -> Taken:
    if state is DeliveryState.FAILED:
        with hub.store.transaction() as connection:
            record_delivery(connection, arrival, state, message, None)
    return Taken(arrival.source, arrival.delivered_on, state, message)


def _load(hub: Hub, arrival: Arrival, manifest: Manifest, mapping: SourceMapping) -> Taken:
    tables = DeliveredTables(Compiler(mapping, hub.municipalities, arrival.delivered_on))
    findings = tables.findings
    try:
        loaded = _load_at_once(hub, arrival, manifest, tables)
    except GuardTripped as tripped:
        return _keep_findings(hub, arrival, findings, DeliveryState.HELD, _held(arrival, tripped))
    except (BalanceOpen, NothingReadable) as error:
        message = f"Die Bilanz geht nicht auf; die Lieferung wurde nicht geladen ({error})."
        return _keep_findings(hub, arrival, findings, DeliveryState.FAILED, findings.describe_stops() or message)
    return _taken(arrival, findings, loaded.state, findings.describe_stops(), loaded)


def _load_at_once(hub: Hub, arrival: Arrival, manifest: Manifest, tables: DeliveredTables) -> Loaded:
    """Loads the delivery and links its persons in one transaction."""
    with hub.store.transaction() as connection:
        loader = Loader(connection, arrival, tables.uses)
        _load_tables(hub, loader, manifest, tables)
        loaded = _finish(hub, loader, tables.findings)
        refresh(connection, loaded.number)
        keep_configuration(connection, loaded.number, hub.config, tables.mapping)
    return loaded


def _load_tables(hub: Hub, loader: Loader, manifest: Manifest, tables: DeliveredTables) -> None:
    with hub.landing.reading(manifest) as files, hub.landing.beside(manifest) as beside:
        tables.load_files(loader, files, opening_of(hub.config, manifest.source, beside))
    if not loader.counts:
        raise NothingReadable


def _finish(hub: Hub, loader: Loader, findings: FindingsCollector) -> Loaded:
    findings.add_contradictions(loader.settle())
    accepted = _accepted(loader.connection, loader.arrival)
    limits = None if accepted else _limits(hub, loader.arrival.source)
    return loader.finish(findings.found, limits, findings.describe_stops() or None)


def _keep_findings(hub: Hub, arrival: Arrival, findings: FindingsCollector, state: DeliveryState, message: str) -> Taken:
    """Writes why a delivery was not loaded, and what was found in it."""
    with hub.store.transaction() as connection:
        record_delivery(connection, arrival, state, message, None)
        write(connection, arrival.delivery_id, findings.found)
    return _taken(arrival, findings, state, message)


def _taken(arrival: Arrival, findings: FindingsCollector, state: DeliveryState, message: str, loaded: Loaded | None = None) -> Taken:
    stopped, counts = findings.stopped, findings.count_by_severity()
    return Taken(arrival.source, arrival.delivered_on, state, message, loaded, stopped, counts)


def _refused(connection: Connection, arrival: Arrival) -> tuple[DeliveryState, str] | None:
    """Why there is nothing to load: known already, or older than what is known.

    The loads say what was loaded: a delivery loaded once may have been held or have failed since, read by another mapping.
    """
    c = load.c
    loads = select(c.delivery_id, c.delivered_on, c.mapping_hash).where(c.source == arrival.source)
    last = connection.execute(loads.order_by(c.number.desc()).limit(1)).first()
    if last is None:
        return None
    if last.delivered_on > arrival.delivered_on:
        # A better mapping reads the newest delivery anew; older ones stay as they were understood.
        if connection.execute(loads.where(c.delivery_id == arrival.delivery_id)).first() is not None:
            return DeliveryState.KNOWN, ""
        if connection.execute(select(delivery.c.state).where(delivery.c.delivery_id == arrival.delivery_id)).first() is not None:
            # It was told when it was first seen; saying it every night would hide what is new.
            return DeliveryState.KNOWN, ""
        return DeliveryState.FAILED, (
            f"Die Lieferung vom {arrival.delivered_on:%d.%m.%Y} ist älter als die geladene vom {last.delivered_on:%d.%m.%Y} und wurde "
            "nicht geladen; sie liegt im Eingang bereit. Bitte prüfen, ob das Datum des Ordners stimmt."
        )
    state = connection.execute(select(delivery.c.state).where(delivery.c.delivery_id == arrival.delivery_id)).scalar()
    # An export may be replaced by another of the same day and come back: only the one loaded last is known.
    is_last = (last.delivery_id, last.mapping_hash) == (arrival.delivery_id, arrival.mapping_hash)
    return (DeliveryState.KNOWN, "") if is_last and state in (DeliveryState.LOADED, DeliveryState.INCOMPLETE) else None


def _accepted(connection: Connection, arrival: Arrival) -> bool:
    return standing(connection, arrival.delivery_id, arrival.source, arrival.delivered_on) is not None


def _limits(hub: Hub, source: str) -> Limits:
    settings, usual = hub.config.sources[source], Limits()
    gone = usual.gone if settings.max_gone_share is None else settings.max_gone_share
    changed = usual.changed if settings.max_changed_share is None else settings.max_changed_share
    return Limits(gone, changed)


def _held(arrival: Arrival, tripped: GuardTripped) -> str:
    names = {"case": "Fälle", "conversation": "Gespräche", "plan": "Pläne", "goal": "Ziele", "consent": "Einwilligungen"}
    parts = [f"{names.get(t.record, t.record)}: von {t.known} fielen {t.gone} weg und änderten sich {t.changed}" for t in tripped.trips]
    return (
        f"Die Lieferung ändert ungewöhnlich viel ({'; '.join(parts)}) und wurde angehalten. Bitte prüfen, ob der Export vollständig ist. "
        f"Ist er richtig: drehscheibe accept {arrival.delivery_id[:12]} --reason …"
    )
