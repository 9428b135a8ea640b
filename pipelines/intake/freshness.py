"""Judges whether a source may speak for its persons: whether all it delivered has been loaded.

What lies in a folder or in the landing and is not loaded may be a withdrawal. The one answer is
used by `transfer`, `status`, `doctor` and Dagster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from connectors.fetch.local_folder import (
    SENTENCES,
    FolderMissing,
    FoundDelivery,
    find_all_deliveries,
)
from mappings.findings.rules import RULES
from mappings.problems import YamlProblems
from pipelines.failures import describe_place
from pipelines.hub import Hub
from pipelines.intake.delivery_errors import ends_run
from pipelines.intake.fetch_source import list_left, read_failure, read_look, scope_of
from pipelines.intake.known_deliveries import reason_to_skip
from pipelines.intake.load_delivery import QueuedDelivery
from pipelines.intake.stray_entries import describe_stray
from pipelines.intake.unsettled import (
    count_doubted,
    find_said,
    find_unread_rows,
    is_in_ledger,
    list_unsettled,
)
from warehouse.as_of import KnownAt
from warehouse.landing.landing import DamagedManifest, Manifest
from warehouse.ledger.effective_loads import read_loads
from warehouse.loading.history import count_known
from warehouse.loading.loader import IncomingDelivery
from warehouse.schema import consent, delivery
from warehouse.schema.states import DeliveryState

# A source that states no rhythm is taken to deliver every month; one may be missed.
USUAL_DAYS = 62

_REMOVED = "Die Quelle steht nicht mehr in der Konfiguration; Widerrufe kämen nicht mehr an."
_RENAMED = (
    "Die Quelle hieß zuvor {former}, und unter diesem Namen stehen Einwilligungen. "
    "Bitte den Namen in der Konfiguration wiederherstellen."
)
_WAITS = "Die Lieferung vom {day:%d.%m.%Y} liegt im Ordner und ist nicht geladen."
_FUTURE = "Eine Lieferung trägt mit dem {day:%d.%m.%Y} ein Datum in der Zukunft."
_OVERDUE = "Die letzte Lieferung ist vom {day:%d.%m.%Y}; nach {days} Tagen fehlt eine neue."
_TOO_EARLY = (
    "Die erste Lieferung ist vom {day:%d.%m.%Y}; was an einem Tag davor galt, ist nicht bekannt."
)
_EMPTIED = (
    "Der Ordner enthält keine Lieferung mehr, obwohl eine vom {day:%d.%m.%Y} geladen ist. "
    "Bitte den Pfad der Quelle prüfen; die zuletzt geladene Lieferung muss liegen bleiben."
)
_MOVED = (
    "Die geladene Lieferung vom {day:%d.%m.%Y} liegt nicht mehr im Ordner und auch keine neuere. "
    "Bitte den Pfad der Quelle prüfen; die zuletzt geladene Lieferung muss liegen bleiben."
)
_DECIDE = "Fehlt nichts, was darin steht: drehscheibe accept {id} --reason …"
_UNREAD_ROW = (
    "Eine Zeile mit einer Einwilligung war nicht lesbar und keiner Person zuzuordnen; "
    "sie könnte ein Widerruf sein (drehscheibe findings; seit der Lieferung vom {day:%d.%m.%Y}). "
    "Ist sie keiner oder ist er nachgetragen: drehscheibe accept {id} --reason …"
)
_SAID_OF_NOBODY_KNOWN = (
    "In „{table}“ steht unter dem {said_on:%d.%m.%Y}, dass eine Einwilligung widerrufen ist oder sein "
    "kann, und es ist keiner Person zuzuordnen (drehscheibe findings; seit der Lieferung vom "
    "{day:%d.%m.%Y}). Ist es kein Widerruf oder ist er nachgetragen: "
    "drehscheibe accept {id} --reason …"
)
_ALSO_DOUBTED = " Das gilt dann auch für alles, was in dieser Lieferung zu bekannten Personen ({n}) fraglich ist."
_NEVER_LOOKED = (
    "Die Quelle wurde noch nie abgeholt; was auf ihrem Server liegt, ist nicht bekannt "
    "(drehscheibe run)."
)
_LOOKED = (
    "Zuletzt wurde am {day:%d.%m.%Y} nachgesehen, was auf dem Server der Quelle liegt; was seitdem "
    "kam, ist nicht bekannt (drehscheibe run)."
)
_DAMAGED = (
    "Das Verzeichnis {id} einer Lieferung im Eingang ist beschädigt; sie könnte von dieser Quelle "
    "sein. Bitte aus der Sicherung wiederherstellen (drehscheibe db restore)."
)
_NOT_JUDGED = "Ob alles geladen ist, war nicht festzustellen ({place})."


@dataclass
class _Landed:
    """The landed deliveries by source, and the ids of those of which nothing else is known.

    ``former``: sources with consents that the configuration does not have.
    """

    former: Sequence[str]
    by_source: Mapping[str, list[Manifest]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[str] = field(default_factory=list)


def find_release_obstacles(
    hub: Hub, on: date | None = None, sources: Collection[str] = ()
) -> dict[str, list[str]]:
    """The obstacles that keep back forms; none where the district has nobody to hand any to."""
    return find_obstacles(hub, on, sources, settle_seconds=0) if hub.config.recipients else {}


def find_obstacles(
    hub: Hub,
    on: date | None = None,
    sources: Collection[str] = (),
    settle_seconds: float = 0.5,
    known_at: KnownAt | None = None,
    despite_age: Collection[str] = (),
) -> dict[str, list[str]]:
    """Why each source may not speak for its persons on a day (None: today); German sentences.

    Sources that may are left out. A past day is judged by the deliveries dated up to it and, where
    ``known_at`` is given, by what was loaded then. Where no ``sources`` are named, all are judged,
    also those that the configuration no longer has. ``despite_age``: sources that a person lets
    speak although a new delivery is missing; whatever else is wrong with them still counts.
    """
    day = on or hub.today
    found: dict[str, list[str]] = defaultdict(list)
    names = hub.select_sources(sources)
    folders = [hub.config.sources[name].folder for name in names]
    listed = find_all_deliveries(folders, settle_seconds=settle_seconds)
    with hub.store.read() as connection:
        landed = _read_landing(hub, connection)
        for name, deliveries in zip(names, listed, strict=True):
            try:
                source = _SourceState(hub, connection, name, day, landed, known_at)
                found[name] += source.list_obstacles(deliveries, despite_age=name in despite_age)
            except Exception as error:
                found[name].append(_describe_error(error))
        for name in [] if sources else _list_removed(hub, connection, landed):
            found[name].append(_REMOVED)
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


def _read_landing(hub: Hub, connection: Connection) -> _Landed:
    landed = _Landed(_list_former(connection, hub))
    for manifest in hub.landing.list_manifests():
        if isinstance(manifest, Manifest):
            landed.by_source[manifest.source].append(manifest)
        elif _is_unknown(connection, manifest):
            landed.unknown.append(manifest.delivery_id)
    return landed


def _is_unknown(connection: Connection, damaged: DamagedManifest) -> bool:
    return not is_in_ledger(connection, damaged.delivery_id)


def _describe_error(error: Exception) -> str:
    """The obstacle that an error is while judging one source; it stops no other."""
    if ends_run(error) or isinstance(error, SQLAlchemyError):
        raise error
    return _NOT_JUDGED.format(place=describe_place(error))


def _list_former(connection: Connection, hub: Hub) -> Sequence[str]:
    """The sources with consents that the configuration does not have."""
    gone = select(consent.c.source).where(consent.c.source.not_in(list(hub.config.sources)))
    return connection.execute(gone.distinct().order_by(consent.c.source)).scalars().all()


def _list_removed(hub: Hub, connection: Connection, landed: _Landed) -> list[str]:
    """The sources that ever delivered something and that the configuration does not have."""
    seen = set(connection.execute(select(delivery.c.source).distinct()).scalars())
    return sorted({*landed.former, *landed.by_source, *seen} - hub.config.sources.keys())


class _SourceState:
    """One source on a day: what is loaded of it, and what else there is."""

    def __init__(
        self,
        hub: Hub,
        connection: Connection,
        name: str,
        day: date,
        landed: _Landed,
        known_at: KnownAt | None,
    ) -> None:
        self.hub, self.connection, self.name, self.day = hub, connection, name, day
        self._landed, self._known_at = landed, known_at
        self._settings = hub.config.sources[name]
        self._all_loads = read_loads(connection, name, known_at)
        self._loads = [done for done in self._all_loads if done.counts]
        manifests = landed.by_source.get(name, [])
        self._unsettled = list(list_unsettled(hub, connection, name, self._loads, manifests))

    def list_obstacles(
        self, found: list[FoundDelivery] | FolderMissing, *, despite_age: bool = False
    ) -> Iterator[str]:
        """Yields every reason why the source may not speak."""
        yield from self._judge_name()
        yield from self._judge_mapping()
        yield from self._judge_look()
        yield from self._judge_folder(found)
        yield from self._judge_arrivals()
        yield from self._judge_days()
        if not despite_age:
            yield from self._judge_age()
        yield from self._judge_unread_rows()

    def _judge_name(self) -> Iterator[str]:
        """Whether a source that is gone delivered the same: then this is that source, renamed."""
        own = {
            _describe_content(manifest) for manifest in self._landed.by_source.get(self.name, [])
        }
        for former in self._landed.former:
            theirs = self._landed.by_source.get(former, [])
            if not own.isdisjoint(map(_describe_content, theirs)):
                yield _RENAMED.format(former=former)

    def _judge_mapping(self) -> Iterator[str]:
        try:
            mapping = self.hub.read_mapping(self.name)
        except YamlProblems:
            yield "Die Zuordnung ist fehlerhaft; die Lieferungen sind mit ihr nicht zu lesen."
            return
        is_fed = any("consent" in table.feeds for table in mapping.file.tables.values())
        if not is_fed and count_known(self.connection, self.name, "consent"):
            yield RULES["consents_unfed"].write_sentence()

    def _judge_look(self) -> Iterator[str]:
        """Whether somebody looked lately what lies on the server of a fetched source."""
        if self._settings.fetch is None or not self._loads:
            return
        looked = read_look(self.hub.config, self.name)
        if looked is None:
            yield _NEVER_LOOKED
        elif looked + timedelta(days=self._settings.look_every_days) < self.day:
            yield _LOOKED.format(day=looked)

    def _judge_folder(self, found: list[FoundDelivery] | FolderMissing) -> Iterator[str]:
        failure = read_failure(self.hub.config, self.name)
        if failure is not None:
            yield failure
        for left_on, state in list_left(self.hub.config, self.name):
            if left_on <= self.day:
                yield f"{left_on:%d.%m.%Y}: {SENTENCES[state]}"
        if isinstance(found, FolderMissing):
            # Before the first fetch there is no folder, and nobody to speak for.
            if self._settings.fetch is None or self._loads:
                yield found.message
            return
        if stray := describe_stray(self.hub.config, self.name):
            yield stray
        yield from self._judge_newest(found)
        for waiting in found:
            if waiting.date > self.hub.today:
                yield _FUTURE.format(day=waiting.date)
            elif waiting.date <= self.day:
                yield from self._judge_delivery(waiting)

    def _judge_newest(self, found: Sequence[FoundDelivery]) -> Iterator[str]:
        """Whether what was loaded last, or something newer, lies in the folder.

        Else its deliveries may arrive elsewhere.
        """
        if not self._loads:
            return
        newest = max(done.delivered_on for done in self._loads)
        if not found:
            yield _EMPTIED.format(day=newest)
        elif max(delivery.date for delivery in found) < newest:
            yield _MOVED.format(day=newest)

    def _judge_delivery(self, found: FoundDelivery) -> Iterator[str]:
        if found.state != "ready":
            yield f"{found.date:%d.%m.%Y}: {found.message}"
            return
        try:
            is_taken = self._is_taken(found)
        except YamlProblems:
            return
        except OSError as error:
            yield f"{found.date:%d.%m.%Y}: nicht lesbar ({error.strerror})."
            return
        if not is_taken:
            yield _WAITS.format(day=found.date)

    def _is_taken(self, found: FoundDelivery) -> bool:
        """Whether the next run would find nothing in it that is not judged as arrived."""
        scope = scope_of(self.hub.config, self.name, found.date)
        waiting = QueuedDelivery.from_folder(self.name, found)
        identifier = self.hub.landing.identify_delivery(
            self.name, found.date, scope, waiting.files, waiting.notes
        )
        # The ledger says why it was not loaded, more precisely than that it waits.
        if any(row.delivery_id == identifier for row in self._unsettled):
            return True
        digest = self.hub.read_mapping(self.name).digest
        arrival = IncomingDelivery(identifier, self.name, found.date, scope, digest)
        refused = reason_to_skip(self.connection, arrival)
        return refused is not None and refused[0] is DeliveryState.KNOWN

    def _judge_arrivals(self) -> Iterator[str]:
        """Deliveries that were not taken whole and that nothing replaced or settled."""
        for row in self._unsettled:
            if row.delivered_on <= self.day and not row.is_settled:
                decide = [_DECIDE.format(id=row.delivery_id[:12])] if row.is_overtaken else []
                yield " ".join([f"{row.delivered_on:%d.%m.%Y}: {row.message}", *decide])
        for identifier in self._landed.unknown:
            yield _DAMAGED.format(id=identifier[:12])

    def _judge_days(self) -> Iterator[str]:
        days = [done.delivered_on for done in self._loads]
        if any(day > self.hub.today for day in days):
            yield _FUTURE.format(day=max(days))
        if days and min(days) > self.day:
            yield _TOO_EARLY.format(day=min(days))

    def _judge_age(self) -> Iterator[str]:
        past = [done.delivered_on for done in self._loads if done.delivered_on <= self.day]
        allowed = self._settings.expect_every_days or USUAL_DAYS
        if past and max(past) + timedelta(days=allowed) < self.day:
            yield _OVERDUE.format(day=max(past), days=allowed)

    def _judge_unread_rows(self) -> Iterator[str]:
        unread = find_unread_rows(self.connection, self.name, self._all_loads, self._known_at)
        for done in unread:
            also = count_doubted(self.connection, done)
            said = find_said(self.connection, done)
            sentence = (_SAID_OF_NOBODY_KNOWN if said else _UNREAD_ROW).format(
                **(said or {}), day=done.delivered_on, id=done.delivery_id[:12]
            )
            yield sentence + (_ALSO_DOUBTED.format(n=also) if also else "")


def _describe_content(manifest: Manifest) -> tuple[date, tuple[tuple[str, str], ...]]:
    return manifest.delivered_on, tuple(
        (file.name, file.original_sha256) for file in manifest.files
    )
