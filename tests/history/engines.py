"""A warehouse that takes generated deliveries the real way, without files, and says what it knows. Comparing stands with the machine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import String, Table, cast, delete, insert, literal, null, select, text, union_all

from pipelines import take as taking
from pipelines.accept import accept
from pipelines.config import load_config
from pipelines.figures import Asked, kennzahlen
from pipelines.hub import Hub
from tests.history.model import CHANGED, GONE, LEAST
from tests.history.recount import Line
from tests.history.world import CARRIERS, FEEDS, SOURCES, TEAMS, TOGETHER, Delivery
from tests.warehouse.deliveries import batch
from warehouse.findings import Found
from warehouse.guard import Limits
from warehouse.load import Loader
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope
from warehouse.schema import ENTITIES, acceptance, delivery, entity_balance, finding, load, metadata, person_link, quarantine, table_balance
from warehouse.store import Store

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
carriers: {kreis: {name: Landratsamt}, stadt: {name: Stadt}}
municipalities:
"""
LEDGER = (acceptance, delivery, entity_balance, finding, load, person_link, quarantine, table_balance)
_UNITS = ("municipality", "staff", "carrier", "team", "source")
# Stand for what is asked, in a statement that is put into words once and asked often.
_LOAD, _LATE, _FIRST, _LAST = 987654321, 987654320, date(1801, 1, 1), date(1801, 1, 2)


class Warehouse:
    """One engine with the hub in front of it."""

    def __init__(self, name: str, store: Store, config: Path) -> None:
        self.name = name
        self.hub = HandedHub(load_config(config))
        self.hub.__dict__["store"] = self.store = store
        self.hub.write_registers()
        self._words: dict[Any, str] = {}

    def reset(self) -> None:
        """Forgets all deliveries."""
        with self.store.transaction() as connection:
            for table in (*LEDGER, *(e.table for e in ENTITIES.values())):
                connection.execute(delete(table))

    def take(self, delivered: Delivery) -> taking.Taken:
        """The delivery offered as a run offers it."""
        self.hub.handed = delivered
        return taking.take(self.hub, taking.Waiting(delivered.source, delivered.on, ()))

    def accept(self, delivered: Delivery) -> None:
        accept(self.hub, delivered.id, "geprüft")

    def rows(self, entities: Iterable[str]) -> dict[str, set[tuple[Any, ...]]]:
        """All rows of these entities with all that is kept of them, closed ones included."""
        with self.store.read() as connection:
            return {e: {_plain(e, r._mapping) for r in connection.execute(select(ENTITIES[e].table))} for e in entities}

    def content(self, table: Table, *without: str) -> list[tuple[Any, ...]]:
        """A table of the ledger."""
        with self.store.read() as connection:
            rows = connection.execute(select(*(c for c in table.columns if c.name not in without)))
            return sorted((tuple(r) for r in rows), key=str)

    def answer(self, period: tuple[date | None, date | None], number: int, late: frozenset[int], by: By | None) -> dict[Line, int]:
        """Every indicator's lines that are not 0, as known at a load but for what came late."""
        words = self._said(tuple(d is not None for d in period), by, bool(late)).replace(str(_LOAD), str(number))
        for stands, day in zip((_FIRST, _LAST), period, strict=True):
            words = words.replace(stands.isoformat(), str(day))
        words = words.replace(str(_LATE), ", ".join(map(str, sorted(late))))
        found: dict[Line, int] = {}
        with self.store.read() as connection:
            for name, category, value, *units in connection.exec_driver_sql(words):
                unit = tuple(dict(zip(_UNITS, units, strict=True))[n] for n in Scope(None, None, 0, by).unit_names)
                if value:
                    assert (name, unit, category) not in found
                    found[name, unit, category] = int(value)
        return found

    def kennzahlen(self, asked: Asked, *units: By) -> dict[str, Any]:
        return kennzahlen(self.hub, asked, units)

    def _said(self, bounds: tuple[bool, ...], by: By | None, late: bool) -> str:
        if (bounds, by, late) not in self._words:
            first, last = (_FIRST if bounds[0] else None), (_LAST if bounds[1] else None)
            scope = Scope(first, last, _LOAD, by, late=frozenset([_LATE] if late else []))
            parts = []
            for name, indicator in INDICATORS.items():
                answer = indicator(scope).subquery()
                columns = [cast(answer.c[n] if n in answer.c else null(), String).label(n) for n in ("category", *_UNITS)]
                parts.append(select(literal(name).label("name"), columns[0], answer.c.value, *columns[1:]))
            said = union_all(*parts).compile(self.store.engine, compile_kwargs={"literal_binds": True})
            self._words[bounds, by, late] = str(said)
        return self._words[bounds, by, late]


class HandedHub(Hub):
    """A hub that is handed deliveries as rows: nothing is landed and nothing is read."""

    handed: Delivery

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.landing: Any = SimpleNamespace(
            take=lambda *_: SimpleNamespace(delivery_id=self.handed.id, files=()),
            reading=lambda manifest: nullcontext(()),
        )

    def mapping(self, name: str) -> Any:
        return SimpleNamespace(digest=str(self.handed.mapping), handed=self.handed)


class HandedTables:
    """Stands where the tables of a delivery are read and mapped; loading, guard, linking and ledger are the real ones."""

    def __init__(self, mapping: Any, compiler: Any) -> None:
        self.delivery: Delivery = mapping.handed
        self.found = Found()
        self.stopped: list[Any] = []

    def into(self, loader: Loader, files: Any) -> None:
        for table in self.delivery.tables:
            if not table.readable:
                loader.stopped(FEEDS[table.kind])
                self.stopped.append(SimpleNamespace(file=table.file, table=table.kind, message="unlesbar"))
                continue
            rows = self.delivery.rows(table)
            keys = [key for key, _ in table.rows]
            unique = len(set(keys)) == len(keys)
            count = loader.table(table.file, table.kind, list(rows), unique=unique, companions=TOGETHER.get(table.kind))
            for entity, found in rows.items():
                if found:
                    loader.add(entity, batch(entity, found), count)
            count.add(len(keys) + table.rejected + table.repeated, len(keys), table.rejected, table.repeated, {})

    def disagree(self, contradictions: Mapping[str, int]) -> None:
        pass


@contextmanager
def handing_over() -> Iterator[None]:
    """While it lasts, deliveries are taken as rows, and the guard looks at few records already."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(taking, "DeliveredTables", HandedTables)
        patch.setattr(taking, "Compiler", lambda *_: None)
        patch.setattr(taking, "scope_of", lambda config, name, day: "full")
        patch.setattr(taking, "_limits", lambda hub, source: Limits(GONE, CHANGED, LEAST))
        yield


def configuration(folder: Path) -> Path:
    """A district with the places, carriers and sources of the generated deliveries."""
    lines = [CONFIGURATION]
    lines += [f'  "{ags}": {{name: G{ags}{f", team: {team}" if team else ""}}}\n' for ags, team in TEAMS.items()]
    lines.append("sources:\n")
    for source in SOURCES:
        (folder / source).mkdir()
        lines.append(f"  {source}: {{mapping: workbook, folder: {source}, carrier: {CARRIERS[source]}}}\n")
    path = folder / "drehscheibe.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _plain(entity: str, row: Mapping[Any, Any]) -> tuple[Any, ...]:
    own = [c.name for c in ENTITIES[entity].table.columns if c.name not in _KEPT and c.name != "row_hash"]
    return (*(row[n] for n in _KEPT), *(row[n] for n in own))


_KEPT = ("source", "source_key", "record_key", "known_from", "known_to", "delivery_id", "source_file", "source_table", "source_row")
assert metadata.tables and insert and text
