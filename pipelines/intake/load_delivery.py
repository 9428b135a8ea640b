"""Loads one delivery: lands, reads and maps its files, loads the records and links the persons.

The load is one transaction; findings are kept also where it fails.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from connectors.fetch.local_folder import FoundDelivery
from mappings.compile import Compiler
from mappings.engine.findings import RejectedConsent
from mappings.source_mapping import SourceMapping
from pipelines.hub import Hub
from pipelines.intake.acceptance import ask_acceptance, open_acceptance
from pipelines.intake.copied_files import CopiedFiles, sort_originals_first
from pipelines.intake.delivery_errors import ends_run, judge_error
from pipelines.intake.delivery_tables import DeliveredTables
from pipelines.intake.fetch_source import scope_of
from pipelines.intake.findings_collector import FindingsCollector, Place, Stopped, write_notice
from pipelines.intake.identity_terms import identity_terms, pair_scoring
from pipelines.intake.known_deliveries import reason_to_skip
from pipelines.intake.reader_options import reader_options_of
from pipelines.intake.registers import keep_configuration
from pipelines.rights.erased_rows import ErasedRows
from pipelines.rights.refused_persons import forget_erased
from warehouse.erasure.journal import open_guard
from warehouse.identity.person_links import LinkingResult, refresh_links
from warehouse.identity.repeated_persons import list_person_places
from warehouse.landing.landing import Manifest
from warehouse.landing.refusal_note import write_note
from warehouse.ledger.effective_loads import list_effective
from warehouse.loading.consent_doubts import note_doubts
from warehouse.loading.early_days import EarlyDay, find_early_days
from warehouse.loading.findings import write_findings
from warehouse.loading.loader import IncomingDelivery, Loader, LoadResult, record_delivery
from warehouse.loading.lost_withdrawals import LostWithdrawal
from warehouse.loading.mass_change_guard import GuardTripped, Limits, Trip
from warehouse.loading.row_balance import BalanceOpen
from warehouse.schema.states import DeliveryScope, DeliveryState, Severity

_OUTDATED = (
    "Frühere Lieferungen dieser Quelle wurden mit einer anderen Zuordnung oder anderen Gemeinden "
    "gelesen. Neu lesen: drehscheibe reread {source}"
)
_REMAPPED = (
    "Es kann an der Zuordnung liegen, die seit den früheren Lieferungen geändert wurde; diese damit "
    "neu lesen: drehscheibe reread {source}. "
)
_REREAD = (
    "Der Export ist derselbe wie beim letzten Laden; geändert wurde seither, wie er gelesen wird: "
    "die Zuordnung, die Gemeinden, die Grenzen der Tage oder das Programm. Bitte prüfen, ob der "
    "Unterschied gewollt ist."
)
# So many places of one finding are named.
_NAMED = 10
_NEW_EXPORT = "Bitte prüfen, ob der Export vollständig ist."
_RECORD_NAMES = {
    "person": "Personen",
    "case": "Fälle",
    "conversation": "Gespräche",
    "plan": "Pläne",
    "goal": "Ziele",
    "consent": "Einwilligungen",
}

_UNFED = (
    "Die Zuordnung liest Einwilligungen nicht mehr, die bekannt sind; die Lieferung würde sie "
    "beenden, und ein Widerruf bliebe unbemerkt. Sie wurde angehalten. Bitte die Zuordnung "
    "ergänzen. Sollen sie enden: drehscheibe accept {id} --reason …"
)


@dataclass(frozen=True)
class QueuedDelivery:
    """A delivery in a source's folder; ``files`` are (name in the delivery, path).

    ``notes``: by name, what is landed in place of a file that must not be opened.
    """

    source: str
    delivered_on: date
    files: tuple[tuple[str, Path], ...]
    notes: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def from_folder(cls, source: str, found: FoundDelivery) -> QueuedDelivery:
        """The delivery as it lies in a folder, with notes for the files that are refused."""
        files = tuple((file.name, file.path) for file in found.files)
        notes = {file.name: write_note(file.reason) for file in found.refused}
        return cls(source, found.date, files, notes)


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


class ConsentsUnfed(Exception):
    """A full delivery would end consents that its mapping reads no more; a person has to say so."""


class NothingReadable(Exception):
    """No table of the delivery could be read; it stays in the landing and changes nothing."""


def load_delivery(hub: Hub, waiting: QueuedDelivery) -> DeliveryResult:
    """Lands and loads the delivery, unless it was loaded before with the same mapping."""
    source, day = waiting.source, waiting.delivered_on
    scope = scope_of(hub.config, source, day)
    manifest = hub.landing.land_delivery(source, day, scope, waiting.files, waiting.notes)
    mapping = hub.read_mapping(source)
    arrival = IncomingDelivery(manifest.delivery_id, source, day, scope, mapping.digest)
    with hub.store.read() as connection:
        refused = reason_to_skip(connection, arrival)
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
    tables = open_delivery(hub, arrival, mapping)
    findings = tables.findings
    try:
        with hub.store.transaction() as connection:
            limits = _choose_limits(hub, connection, arrival)
            loaded = load_landed(
                hub, connection, arrival, manifest, tables, limits, ends_consents=limits is None
            )
    except GuardTripped as tripped:
        state, message = DeliveryState.HELD, _held_message(hub, arrival, tripped)
    except ConsentsUnfed:
        state, message = DeliveryState.HELD, _UNFED.format(id=arrival.delivery_id[:12])
    except (BalanceOpen, NothingReadable) as error:
        failed = f"Die Bilanz geht nicht auf; die Lieferung wurde nicht geladen ({error})."
        state, message = DeliveryState.FAILED, findings.describe_stops() or failed
    except Exception as error:
        state, message = judge_error(error)
        if ends_run(error) or state is not DeliveryState.FAILED:
            raise
    else:
        if tables.erased:
            forget_erased(hub, manifest, tables.erased)
        return _delivery_result(arrival, findings, loaded.state, loaded.message, loaded)
    _keep_findings(hub, arrival, findings, state, message)
    return _delivery_result(arrival, findings, state, message)


def open_delivery(hub: Hub, arrival: IncomingDelivery, mapping: SourceMapping) -> DeliveredTables:
    """The tables of a delivery as the mapping and the configuration of today read them."""
    compiler = Compiler(mapping, hub.municipalities, arrival.delivered_on, hub.config.days)
    share = hub.config.sources[arrival.source].max_rejected_share
    guard = open_guard(hub.config.data_folder.rights)
    erased = None if guard.is_idle else ErasedRows(guard, arrival.source)
    hands_out = bool(hub.config.recipients)
    return DeliveredTables(compiler, share, erased, hands_out=hands_out)


def load_landed(
    hub: Hub,
    connection: Connection,
    arrival: IncomingDelivery,
    manifest: Manifest,
    tables: DeliveredTables,
    limits: Limits | None,
    *,
    ends_consents: bool,
) -> LoadResult:
    """Loads a landed delivery and links its persons; all is kept or undone with the transaction.

    ``ends_consents``: a person has said that consents which it no longer reads end. Raises
    GuardTripped beyond the limits, ConsentsUnfed, BalanceOpen, and NothingReadable.
    """
    loader = Loader(connection, arrival, tables.uses)
    _load_tables(hub, loader, manifest, tables)
    findings = tables.findings
    findings.add_contradictions(loader.end_staging())
    findings.add_replaced(loader.find_replaced_persons())
    findings.add_respelled(loader.find_respelled_keys())
    if tables.misses_consents(loader) and loader.is_full and not ends_consents:
        raise ConsentsUnfed
    message = findings.describe_stops() or _find_outdated(connection, arrival)
    loaded = loader.finish(findings.found, limits, message)
    lost = note_doubts(
        connection,
        arrival.source,
        loaded.number,
        [*tables.rejected_consents, *_doubt_persons(loader)],
        loader.deleted_keys("consent"),
        full=loader.is_complete,
    )
    replaced = {(arrival.source, key) for key in loaded.replaced}
    links = refresh_links(connection, loaded.number, identity_terms(), replaced, pair_scoring())
    years = hub.config.sources[arrival.source].years_before_case
    _tell_afterwards(connection, arrival, findings, links, loaded, lost, years)
    keep_configuration(connection, loaded.number, hub.config, tables.mapping)
    return loaded


def _find_outdated(connection: Connection, arrival: IncomingDelivery) -> str | None:
    """The hint that earlier deliveries of changes were read with another mapping.

    A full delivery has all that its source knows, and needs none.
    """
    if arrival.scope == DeliveryScope.FULL or not _was_mapped_otherwise(connection, arrival):
        return None
    return _OUTDATED.format(source=arrival.source)


def _was_mapped_otherwise(connection: Connection, arrival: IncomingDelivery) -> bool:
    """Whether one of the loads that count was read with another mapping."""
    loads = list_effective(connection, arrival.source)
    earlier = (row for row in loads if row.delivery_id != arrival.delivery_id)
    return any(row.mapping_hash != arrival.mapping_hash for row in earlier)


def _doubt_persons(loader: Loader) -> list[RejectedConsent]:
    return [RejectedConsent(person, ()) for person in loader.find_doubted_persons()]


def _tell_afterwards(
    connection: Connection,
    arrival: IncomingDelivery,
    findings: FindingsCollector,
    links: LinkingResult,
    loaded: LoadResult,
    lost: Sequence[LostWithdrawal],
    years: int,
) -> None:
    """Adds what load and linking found to the findings of the delivery, written already.

    ``years``: days more than so many years before a case are told.
    """
    told = {
        "ends_withheld": sum(loaded.withheld.values()),
        "links_dissolved": links.dissolved,
        "number_of_many": links.crowded.get(arrival.source, 0),
    }
    pairs = [(a.key, b.key) for a, b in links.repeated if a.source == arrival.source]
    early = find_early_days(connection, arrival.source, years)
    if pairs or lost or early or any(told.values()):
        findings.add_counts(told)
        _tell_early_days(findings, early, years)
        for one in lost:
            notice = replace(write_notice("withdrawal_lost"), row=one.row)
            findings.add_notices(Place(one.file, one.table), [notice])
        _tell_repeated(connection, arrival.source, findings, pairs)
        write_findings(connection, arrival.delivery_id, findings.found)


def _tell_early_days(findings: FindingsCollector, early: Sequence[EarlyDay], years: int) -> None:
    """Adds one finding on all days long before a case, with the first places."""
    if not early:
        return
    named = [f"Zeile {one.row} von „{one.table}“ der Datei „{one.file}“" for one in early[:_NAMED]]
    more = " …" if len(early) > len(named) else ""
    span = "1 Jahr" if years == 1 else f"{years} Jahre"
    reason = f"{span} vor dem ersten Fall der Person: {'; '.join(named)}{more}"
    notice = write_notice("long_before_case", count=len(early), reason=reason)
    findings.add_notices(Place(), [notice])


def _tell_repeated(
    connection: Connection,
    source: str,
    findings: FindingsCollector,
    pairs: Sequence[tuple[str, str]],
) -> None:
    """Adds the records of the source that probably are one human being with another of its own."""
    places = list_person_places(connection, source, {key for pair in pairs for key in pair})
    for first, other in pairs:
        where, there = places[first], places[other]
        reason = f"Zeile {where.row} von „{where.table}“ der Datei „{where.file}“"
        notice = replace(write_notice("same_person_twice", reason=reason), row=there.row)
        findings.add_notices(Place(there.file, there.table), [notice])


def _load_tables(hub: Hub, loader: Loader, manifest: Manifest, tables: DeliveredTables) -> None:
    hashes = {file.name: file.sha256 for file in manifest.files}
    by_name = {file.name: file for file in manifest.files}
    ordered = replace(manifest, files=tuple(map(by_name.__getitem__, sort_originals_first(hashes))))
    with hub.landing.open_files(ordered) as files, hub.landing.index_files(manifest) as beside:
        copied = CopiedFiles.among(hashes)
        opening = reader_options_of(hub.config, manifest.source, beside, copied)
        tables.load_files(loader, files, opening)
    if not loader.counts:
        raise NothingReadable


def _choose_limits(hub: Hub, connection: Connection, arrival: IncomingDelivery) -> Limits | None:
    """The limits of the source; None for a delivery that a person has accepted."""
    return None if _is_accepted(connection, arrival) else guard_limits(hub, arrival.source)


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


def _is_accepted(connection: Connection, arrival: IncomingDelivery) -> bool:
    found = open_acceptance(connection, arrival.delivery_id, arrival.source, arrival.delivered_on)
    return found is not None


def guard_limits(hub: Hub, source: str) -> Limits:
    """How much one delivery of the source may end or change."""
    settings, usual = hub.config.sources[source], Limits()
    gone = usual.gone if settings.max_gone_share is None else settings.max_gone_share
    changed = usual.changed if settings.max_changed_share is None else settings.max_changed_share
    return Limits(gone, changed)


def _held_message(hub: Hub, arrival: IncomingDelivery, tripped: GuardTripped) -> str:
    with hub.store.read() as connection:
        cause = _find_cause(connection, arrival)
    return (
        f"Die Lieferung ändert ungewöhnlich viel ({describe_trips(tripped)}) und wurde angehalten. "
        f"{cause}{ask_acceptance(arrival.delivery_id)}"
    )


def _find_cause(connection: Connection, arrival: IncomingDelivery) -> str:
    """What a person has to look at: the export, or that it is read in another way since."""
    last = next(reversed(list_effective(connection, arrival.source)), None)
    if last is not None and last.delivery_id == arrival.delivery_id:
        return _REREAD
    is_new_mapping = _was_mapped_otherwise(connection, arrival)
    return (_REMAPPED.format(source=arrival.source) if is_new_mapping else "") + _NEW_EXPORT


def describe_trips(tripped: GuardTripped) -> str:
    """How much would end and change, per kind of record, in German."""
    return "; ".join(map(_trip_text, tripped.trips))


def _trip_text(trip: Trip) -> str:
    name = _RECORD_NAMES.get(trip.record, trip.record)
    if texts := trip.altered:
        return (
            f"{name}: in {texts.altered} von {texts.known} Texten mit Umlauten oder Akzenten "
            f"(Feld {texts.column}) wären nur diese Zeichen anders, vermutlich durch eine falsche "
            "Zeichenkodierung des Exports"
        )
    if trip.respelled:
        return (
            f"Personen: die Kennung von {trip.respelled} ist nur anders geschrieben als bisher, "
            "etwa ohne führende Nullen; sie zählten als andere Menschen"
        )
    if trip.lost:
        return f"Einwilligungen: von {trip.lost} kommt der Widerruf nicht mehr mit, der bekannt ist"
    where = f" aus „{trip.file}“" if trip.file else ""
    return (
        f"{name}{where}: von {trip.known} fielen {trip.gone} weg und änderten sich {trip.changed}"
    )
