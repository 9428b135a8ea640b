"""Judges whether a source may speak for its persons: whether all it delivered has been loaded.

What lies in a folder or in the landing and is not loaded may be a withdrawal. The one answer is
used by `transfer`, `status`, `doctor` and Dagster.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.fetch.local_folder import FolderMissing, FoundDelivery, find_all_deliveries
from mappings.problems import YamlProblems
from pipelines.hub import Hub
from pipelines.intake.fetch_source import read_failure, scope_of
from pipelines.intake.known_deliveries import find_state, reason_to_skip
from warehouse.landing.landing import Manifest, identify_delivery
from warehouse.landing.refusal_note import write_note
from warehouse.loading.consent_doubts import ANYONE
from warehouse.loading.loader import IncomingDelivery
from warehouse.schema import acceptance, consent, consent_doubt, delivery, load
from warehouse.schema.states import DeliveryScope, DeliveryState

# A source that states no rhythm is taken to deliver every month; one may be missed.
USUAL_DAYS = 62

_REMOVED = "Die Quelle steht nicht mehr in der Konfiguration; Widerrufe kämen nicht mehr an."
_WAITS = "Die Lieferung vom {day:%d.%m.%Y} liegt im Ordner und ist nicht geladen."
_LANDED = "Die Lieferung vom {day:%d.%m.%Y} liegt im Eingang und ist nicht geladen."
_FUTURE = "Eine Lieferung trägt mit dem {day:%d.%m.%Y} ein Datum in der Zukunft."
_OVERDUE = "Die letzte Lieferung ist vom {day:%d.%m.%Y}; nach {days} Tagen fehlt eine neue."
_ANYONE = (
    "Eine Zeile mit einer Einwilligung war nicht lesbar und keiner Person zuzuordnen; "
    "sie könnte ein Widerruf sein (drehscheibe findings)."
)


@dataclass(frozen=True)
class _Load:
    """A delivery that was loaded, with the number of its load."""

    delivered_on: date
    number: int
    loaded_at: datetime
    scope: str


def find_obstacles(
    hub: Hub,
    on: date | None = None,
    sources: Collection[str] = (),
    settle_seconds: float = 0.5,
) -> dict[str, list[str]]:
    """Why each source may not speak for its persons on a day (None: today); German sentences.

    Sources that may are left out. A past day is judged by the deliveries dated up to it. Where no
    ``sources`` are named, all are judged, also those with consents that the configuration no longer
    has.
    """
    day = on or hub.today
    found: dict[str, list[str]] = defaultdict(list)
    names = hub.select_sources(sources)
    folders = [hub.config.sources[name].folder for name in names]
    listed = find_all_deliveries(folders, settle_seconds=settle_seconds)
    manifests = _group_manifests(hub)
    with hub.store.read() as connection:
        for name, deliveries in zip(names, listed, strict=True):
            source = _SourceState(hub, connection, name, day, manifests.get(name, []))
            found[name] += source.list_obstacles(deliveries)
        for name in [] if sources else _list_removed(connection, hub):
            found[name].append(_REMOVED)
    return {name: list(dict.fromkeys(texts)) for name, texts in found.items() if texts}


def _group_manifests(hub: Hub) -> Mapping[str, Sequence[Manifest]]:
    grouped: dict[str, list[Manifest]] = defaultdict(list)
    for manifest in hub.landing.list_manifests():
        grouped[manifest.source].append(manifest)
    return grouped


def _list_removed(connection: Connection, hub: Hub) -> Sequence[str]:
    """The sources with consents that the configuration does not have."""
    gone = select(consent.c.source).where(consent.c.source.not_in(list(hub.config.sources)))
    return connection.execute(gone.distinct().order_by(consent.c.source)).scalars().all()


class _SourceState:
    """One source on a day: what is loaded of it, and what else there is."""

    def __init__(
        self,
        hub: Hub,
        connection: Connection,
        name: str,
        day: date,
        manifests: Sequence[Manifest],
    ) -> None:
        self.hub, self.connection, self.name, self.day = hub, connection, name, day
        self._manifests = manifests
        self._settings = hub.config.sources[name]
        c = load.c
        rows = (
            select(c.delivered_on, c.number, c.loaded_at, delivery.c.scope)
            .join(delivery, delivery.c.delivery_id == c.delivery_id)
            .where(c.source == name)
            .order_by(c.number)
        )
        self._loads = [_Load(*row) for row in connection.execute(rows)]

    def list_obstacles(self, found: list[FoundDelivery] | FolderMissing) -> Iterator[str]:
        """Yields every reason why the source may not speak."""
        yield from self._judge_mapping()
        yield from self._judge_folder(found)
        yield from self._judge_ledger()
        yield from self._judge_landing()
        yield from self._judge_age()
        yield from self._judge_doubts()

    def _judge_mapping(self) -> Iterator[str]:
        try:
            self.hub.read_mapping(self.name)
        except YamlProblems:
            yield "Die Zuordnung ist fehlerhaft; die Lieferungen sind mit ihr nicht zu lesen."

    def _judge_folder(self, found: list[FoundDelivery] | FolderMissing) -> Iterator[str]:
        failure = read_failure(self.hub.config, self.name)
        if failure is not None:
            yield failure
        if isinstance(found, FolderMissing):
            # Before the first fetch there is no folder, and nobody to speak for.
            if self._settings.fetch is None or self._loads:
                yield found.message
            return
        for waiting in found:
            if waiting.date > self.hub.today:
                yield _FUTURE.format(day=waiting.date)
            elif waiting.date <= self.day:
                yield from self._judge_delivery(waiting)

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
        """Whether the next run would find nothing in it that the ledger does not report."""
        scope = scope_of(self.hub.config, self.name, found.date)
        files = [(file.name, file.path) for file in found.files]
        notes = {file.name: write_note(file.reason) for file in found.refused}
        identifier = identify_delivery(self.name, found.date, scope, files, notes)
        digest = self.hub.read_mapping(self.name).digest
        arrival = IncomingDelivery(identifier, self.name, found.date, scope, digest)
        refused = reason_to_skip(self.connection, arrival)
        if refused is not None and refused[0] is DeliveryState.KNOWN:
            return True
        # The ledger says why it was not loaded, more precisely than that it waits.
        state = find_state(self.connection, arrival)
        return state is not None and DeliveryState(state).is_red

    def _judge_ledger(self) -> Iterator[str]:
        """Deliveries that were not loaded in full and that nothing replaced or decided."""
        c = delivery.c
        decided = select(acceptance.c.delivery_id)
        rows = select(delivery, c.delivery_id.in_(decided).label("decided")).where(
            c.source == self.name, c.delivered_on <= self.day
        )
        for row in self.connection.execute(rows.order_by(c.delivered_on, c.seen_at)):
            is_settled = row.decided and row.state == DeliveryState.FAILED
            if DeliveryState(row.state).is_red and not is_settled and not self._is_replaced(row):
                yield f"{row.delivered_on:%d.%m.%Y}: {row.message or 'nicht vollständig geladen.'}"

    def _is_replaced(self, row: Row[Any]) -> bool:
        """Whether a later load replaced a delivery: of its day, or of all that the source knows."""
        others = [done for done in self._loads if done.number != row.load_number]
        return any(
            (done.delivered_on > row.delivered_on and done.scope == DeliveryScope.FULL)
            or (done.delivered_on == row.delivered_on and done.loaded_at >= row.seen_at)
            for done in others
        )

    def _judge_landing(self) -> Iterator[str]:
        """Deliveries that arrived and whose load was undone, even if their folder is gone."""
        seen = set(
            self.connection.execute(
                select(delivery.c.delivery_id).where(delivery.c.source == self.name)
            ).scalars()
        )
        for manifest in self._manifests:
            day = manifest.delivered_on
            is_replaced = any(
                done.delivered_on == day
                or (done.delivered_on > day and done.scope == DeliveryScope.FULL)
                for done in self._loads
            )
            if day <= self.day and manifest.delivery_id not in seen and not is_replaced:
                yield _LANDED.format(day=day)

    def _judge_age(self) -> Iterator[str]:
        days = [done.delivered_on for done in self._loads]
        if any(day > self.hub.today for day in days):
            yield _FUTURE.format(day=max(days))
        past = [day for day in days if day <= self.day]
        allowed = self._settings.expect_every_days or USUAL_DAYS
        if past and max(past) + timedelta(days=allowed) < self.day:
            yield _OVERDUE.format(day=max(past), days=allowed)

    def _judge_doubts(self) -> Iterator[str]:
        c = consent_doubt.c
        doubts = select(c.person_key).where(c.source == self.name, c.known_to.is_(None))
        if self.connection.execute(doubts.where(c.person_key == ANYONE)).first():
            yield _ANYONE
