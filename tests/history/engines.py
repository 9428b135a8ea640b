"""A warehouse that takes generated deliveries the real way, without files, and says what it knows. Comparing stands with the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, String, Table, cast, delete, literal, null, select, union_all

from mappings.engine.findings import FINDINGS, MappedBatch
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, Kennzahlen, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake import load_delivery as taking
from pipelines.intake import replay
from pipelines.intake.acceptance import accept_delivery
from pipelines.intake.identity_terms import identity_terms
from pipelines.intake.registers import write_registers
from tests.history.model import CHANGED, GONE, LEAST
from tests.history.recount import LINES, Line
from tests.history.world import CARRIERS, SOURCES, TEAMS, Delivery
from tests.history.world import Table as Part
from tests.warehouse.deliveries import OTHERS, batch
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.identity.person_links import refresh_links
from warehouse.ledger.effective_loads import LoadRow
from warehouse.loading.findings import DeliveryFindings
from warehouse.loading.loader import IncomingDelivery, Loader, record_delivery
from warehouse.loading.mass_change_guard import GuardTripped, Limits
from warehouse.loading.table_load import TableUse
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope
from warehouse.schema import (
    ENTITIES,
    acceptance,
    consent_doubt,
    delivery,
    entity_balance,
    finding,
    identity_decision,
    identity_pair,
    load,
    load_configuration,
    person_anchor,
    person_link,
    quarantine,
    restoration,
    table_balance,
)

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
carriers: {kreis: {name: Landratsamt}, stadt: {name: Stadt}}
municipalities:
"""
LEDGER = (
    acceptance,
    consent_doubt,
    delivery,
    entity_balance,
    finding,
    identity_decision,
    identity_pair,
    load,
    load_configuration,
    person_anchor,
    person_link,
    quarantine,
    restoration,
    table_balance,
)
_UNITS = ("municipality", "staff", "carrier", "team", "source")
# Stand for what is asked, in a statement that is put into words once and asked often.
_LOAD, _LATE, _FIRST, _LAST = 987654321, 987654320, date(1801, 1, 1), date(1801, 1, 2)


class Warehouse:
    """One engine with the hub in front of it."""

    def __init__(self, name: str, store: Store, config: Path) -> None:
        self.name = name
        self.hub = Hub(load_config(config))
        self.hub.__dict__["store"] = self.store = store
        write_registers(self.hub)
        self._words: dict[Any, str] = {}

    def reset(self) -> None:
        """Forgets all deliveries."""
        with self.store.transaction() as connection:
            for table in (*LEDGER, *(e.table for e in ENTITIES.values())):
                connection.execute(delete(table))

    def take(self, delivered: Delivery) -> tuple[str, int | None]:
        """The delivery offered, as rows already mapped; everything behind the mapping is real."""
        arrival = _arrival(delivered)
        with self.store.read() as connection:
            refused = taking.reason_to_skip(connection, arrival)
        if refused:
            return self._not_loaded(arrival, refused[0])
        if not any(t.readable for t in delivered.tables):
            return self._not_loaded(arrival, "failed")
        try:
            with self.store.transaction() as connection:
                loader = Loader(connection, arrival, _uses(delivered))
                _hand_over(loader, delivered)
                limits = (
                    None
                    if taking._is_accepted(connection, arrival)
                    else Limits(GONE, CHANGED, LEAST)
                )
                done = loader.finish(DeliveryFindings(), limits)
                replaced = {(arrival.source, key) for key in done.replaced}
                refresh_links(connection, done.number, identity_terms(), replaced)
        except GuardTripped:
            return self._not_loaded(arrival, "held")
        return done.state, done.number

    def undo(self, number: int, deliveries: Mapping[str, Delivery], mapping: int) -> bool:
        """Takes a load back as the hub plans it; False where it refuses."""
        return self._replay(
            lambda connection: replay._plan_undo(connection, number, "geprüft"), deliveries, mapping
        )

    def reread(
        self, source: str, since: date, deliveries: Mapping[str, Delivery], mapping: int
    ) -> bool:
        """Loads a source's deliveries from a day on again; False where there are none."""
        return self._replay(
            lambda connection: replay._plan_reread(self.hub, connection, source, since, "geprüft"),
            deliveries,
            mapping,
        )

    def _replay(
        self,
        plan: Callable[[Connection], replay._Plan],
        deliveries: Mapping[str, Delivery],
        mapping: int,
    ) -> bool:
        """What the hub does, with rows already mapped in place of files."""
        try:
            with self.store.transaction() as connection:
                _Replayer(self.hub, connection, plan(connection), deliveries, mapping).replay(False)
        except (replay.NotUndone, replay.NoSuchLoad):
            return False
        return True

    def _not_loaded(self, arrival: IncomingDelivery, state: str) -> tuple[str, None]:
        if state != "known":
            with self.store.transaction() as connection:
                record_delivery(connection, arrival, state, None, None)
        return state, None

    def accept(self, delivered: Delivery) -> None:
        accept_delivery(self.hub, delivered.id, "geprüft")

    def rows(self, entities: Iterable[str]) -> dict[str, set[tuple[Any, ...]]]:
        """All rows of these entities with all that is kept of them, closed ones included."""
        with self.store.read() as connection:
            return {
                e: {_plain(e, r._mapping) for r in connection.execute(select(ENTITIES[e].table))}
                for e in entities
            }

    def content(self, table: Table, *without: str) -> list[tuple[Any, ...]]:
        """A table of the ledger."""
        with self.store.read() as connection:
            rows = connection.execute(select(*(c for c in table.columns if c.name not in without)))
            return sorted((tuple(r) for r in rows), key=str)

    def answer(
        self,
        period: tuple[date | None, date | None],
        number: int,
        late: frozenset[int],
        by: By | None,
    ) -> dict[Line, int]:
        """Every recounted line that is not 0, as known at a load but for what came late."""
        words = self._said(tuple(d is not None for d in period), by, bool(late)).replace(
            str(_LOAD), str(number)
        )
        for stands, day in zip((_FIRST, _LAST), period, strict=True):
            words = words.replace(stands.isoformat(), str(day))
        words = words.replace(str(_LATE), ", ".join(map(str, sorted(late))))
        found: dict[Line, int] = {}
        with self.store.read() as connection:
            for name, category, value, *units in connection.exec_driver_sql(words):
                unit = tuple(
                    dict(zip(_UNITS, units, strict=True))[n]
                    for n in Scope(None, None, KnownAt(0), by).unit_names
                )
                if value:
                    assert (name, unit, category) not in found
                    found[name, unit, category] = int(value)
        return found

    def kennzahlen(self, asked: FigureRequest, *units: By) -> Kennzahlen:
        return compute_kennzahlen(self.hub, asked, units)

    def _said(self, bounds: tuple[bool, ...], by: By | None, late: bool) -> str:
        if (bounds, by, late) not in self._words:
            first, last = (_FIRST if bounds[0] else None), (_LAST if bounds[1] else None)
            scope = Scope(first, last, KnownAt(_LOAD, frozenset([_LATE] if late else [])), by)
            parts = []
            for name in LINES:
                answer = INDICATORS[name](scope).subquery()
                columns = [
                    cast(answer.c[n] if n in answer.c else null(), String).label(n)
                    for n in ("category", *_UNITS)
                ]
                parts.append(
                    select(literal(name).label("name"), columns[0], answer.c.value, *columns[1:])
                )
            said = union_all(*parts).compile(
                self.store.engine, compile_kwargs={"literal_binds": True}
            )
            self._words[bounds, by, late] = str(said)
        return self._words[bounds, by, late]


class _Replayer(replay._Replayer):
    """The hub's, but for where its deliveries come from."""

    def __init__(
        self,
        hub: Hub,
        connection: Connection,
        plan: replay._Plan,
        deliveries: Mapping[str, Delivery],
        mapping: int,
    ) -> None:
        self._deliveries, self._understood = deliveries, mapping
        super().__init__(hub, connection, plan, lambda text: None)
        self.mapping = replace(self.mapping, digest=str(mapping))

    def _find_manifests(self) -> dict[str, Any]:
        return {}

    def _load_again(self, row: LoadRow) -> replay.ReplayedDelivery:
        delivered = self._deliveries[row.delivery_id].understood(self._understood)
        loader = Loader(self.connection, _arrival(delivered), _uses(delivered))
        _hand_over(loader, delivered)
        done = loader.finish(DeliveryFindings(), None)
        refresh_links(self.connection, done.number, identity_terms())
        return replay.ReplayedDelivery(row.delivered_on, done.number, done.state)


def _arrival(delivered: Delivery) -> IncomingDelivery:
    return IncomingDelivery(
        delivered.id,
        delivered.source,
        delivered.on,
        "full" if delivered.full else "partial",
        str(delivered.mapping),
    )


def _uses(delivered: Delivery) -> dict[str, TableUse]:
    """What the rows of the tables are for; what a source feeds and does not deliver stays as it is known."""
    uses = {}
    for table in delivered.tables:
        keys = [key for key, _ in table.rows]
        unique, together = len(set(keys)) == len(keys), delivered.together(table)
        uses[table.file] = TableUse(delivered.feeds(table), unique=unique, companions=together)
    return uses | OTHERS


def _hand_over(loader: Loader, delivered: Delivery) -> None:
    """Gives the loader the tables that can be read; it knows by itself that the others could not be."""
    for table in delivered.tables:
        if table.readable:
            with loader.begin_table(table.file, table.file, table.kind) as load:
                load.add(_mapped(delivered, table))


def _mapped(delivered: Delivery, table: Part) -> MappedBatch:
    entities = {
        entity: batch(entity, rows) for entity, rows in delivered.rows(table).items() if rows
    }
    used = len(table.rows)
    read = used + table.rejected + table.repeated
    return MappedBatch(entities, FINDINGS.empty_table(), read, used, table.rejected, table.repeated)


def configuration(folder: Path) -> Path:
    """A district with the places, carriers and sources of the generated deliveries."""
    lines = [CONFIGURATION]
    lines += [
        f'  "{ags}": {{name: G{ags}{f", team: {team}" if team else ""}}}\n'
        for ags, team in TEAMS.items()
    ]
    lines.append("sources:\n")
    for source in SOURCES:
        (folder / source).mkdir()
        lines.append(
            f"  {source}: {{mapping: workbook, folder: {source}, carrier: {CARRIERS[source]}}}\n"
        )
    path = folder / "drehscheibe.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _plain(entity: str, row: Mapping[Any, Any]) -> tuple[Any, ...]:
    own = [
        c.name
        for c in ENTITIES[entity].table.columns
        if c.name not in _KEPT and c.name != "row_hash"
    ]
    return (*(row[n] for n in _KEPT), *(row[n] for n in own))


_KEPT = (
    "source",
    "source_key",
    "record_key",
    "known_from",
    "known_to",
    "source_file",
    "source_table",
    "source_row",
)
