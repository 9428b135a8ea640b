"""The same generated history the whole way: files in folders, read, mapped and loaded by runs, on both engines, against the plain history.

Of whatever day: what was answered then is answered again, to the byte.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, make_url, select, text

from mappings.catalogue import choose_catalogue
from pipelines.cli.json_answer import to_json
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen, count_figures
from pipelines.hub import Hub
from pipelines.intake import load_delivery as taking
from pipelines.intake.acceptance import accept_delivery
from pipelines.intake.delivery_status import answer_balance, closes
from pipelines.intake.run import run_intake
from tests.history.files import configuration, write
from tests.history.machine import START, alike, tables_of
from tests.history.model import CHANGED, GONE, LEAST, History
from tests.history.test_two_engines import QUIET
from tests.history.world import BEGINNING, EDITS, FEEDS, SOURCES, Content, Delivery
from warehouse.as_of import KnownAt
from warehouse.loading.mass_change_guard import Limits
from warehouse.marts.scope import UNITS, Scope
from warehouse.schema import ENTITIES

pytestmark = pytest.mark.slow

PERIOD = (date(2024, 1, 1), date(2024, 12, 31))
SHAPE = st.sampled_from(["plain"] * 4 + ["split", "unreadable", "only some kinds"])
STEP = st.tuples(
    st.sampled_from(SOURCES), EDITS, st.sampled_from([1, 1, 2, 0]), SHAPE, st.integers(0, 5)
)
STEPS = st.tuples(BEGINNING, BEGINNING, st.lists(STEP, min_size=3, max_size=4), st.booleans())


class District:
    """One hub on one engine, opened anew where a mapping changed; its folders are its own."""

    def __init__(self, folder: Path, warehouse: str) -> None:
        self.folder, self.warehouse = folder, warehouse
        self.then: dict[int, str] = {}
        self.then_on: dict[date, str] = {}
        self._open: tuple[dict[str, int], Hub] | None = None

    def hub(self, versions: dict[str, int]) -> Hub:
        if self._open is None or self._open[0] != versions:
            self.close()
            self._open = (
                dict(versions),
                Hub(load_config(configuration(self.folder, self.warehouse, versions))),
            )
        return self._open[1]

    def close(self) -> None:
        if self._open:
            self._open[1].close()
            self._open = None


def story(districts: list[District], steps: Any) -> None:
    """Deliveries come one after the other, each is followed by a run on both engines, and all answers are compared."""
    one, other, later, improved = steps
    history, lying = History(), dict[tuple[date, str], Delivery]()
    worlds: dict[str, Content] = {s: {} for s in SOURCES}
    days, versions = dict.fromkeys(SOURCES, 0), dict.fromkeys(SOURCES, 0)
    plan = [("enaio", one, 1, "plain", 0), ("tau", other, 1, "plain", 0), *later]
    for number, (source, edits, gap, shape, choice) in enumerate(plan):
        for kind, key, record in edits:
            worlds[source].pop((kind, key), None)
            if record is not None:
                worlds[source][kind, key] = record
        days[source] += gap
        content = {k: v for k, v in worlds[source].items() if k[0] in FEEDS[source]}
        delivery = Delivery(
            source,
            START + timedelta(days=days[source]),
            True,
            tables_of(content, shape, choice, backwards=False),
        )
        if delivery.tables:
            lying[delivery.on, source] = delivery
        if improved and number == len(plan) - 1:
            versions[source] = 1
        for place in districts:
            if delivery.tables:
                write(delivery, place.folder / source)
        _run(districts, history, lying, versions)
    _as_of(districts, history, versions)


def _run(
    districts: list[District],
    history: History,
    lying: dict[tuple[date, str], Delivery],
    versions: dict[str, int],
) -> None:
    held = [
        d
        for d, done in history.states.values()
        if done.state == "held" and lying.get((d.on, d.source), d).id == d.id
    ]
    held = [d for d in held if not history.overtaken(d)]
    if held:
        history.accepted.add(held[0].id)
    wanted, known_before = [], len(history.loads)
    for (on, source), delivery in sorted(
        lying.items(), key=lambda item: (item[0][0], SOURCES.index(item[0][1]))
    ):
        wanted.append((source, on, history.take(delivery.understood(versions[source])).state))
    since = min((loaded.delivery.on for loaded in history.loads[known_before:]), default=None)
    rows: dict[str, set[Any]] = {e: set() for e in ENTITIES}
    for v in history.versions:
        rows[v.entity].add(
            (v.source, v.key, v.record, v.known_from, v.known_to, *v.fields.values())
        )
    for place in districts:
        hub = place.hub(versions)
        if held:
            accept_delivery(hub, f"{held[0].source}/{held[0].on}", "geprüft")
        taken = run_intake(hub)
        assert [(t.source, t.delivered_on, t.state) for t in taken] == wanted, [
            t.message for t in taken
        ]
        for entity, known in rows.items():
            alike((place.warehouse[:6], entity), _rows(hub, entity), known)
        assert closes(answer_balance(hub))
        last = hub.store.last_load()
        if last and last not in place.then:
            place.then[last] = _bytes(hub, last)
            _say_of_days(place, hub, {load.delivery.on for load in history.loads}, since)
    assert len({json.dumps(place.then) for place in districts}) == 1
    assert (
        len({json.dumps({str(d): a for d, a in place.then_on.items()}) for place in districts}) == 1
    )


def _as_of(districts: list[District], history: History, versions: dict[str, int]) -> None:
    for place in districts:
        hub = place.hub(versions)
        assert {number: _bytes(hub, number) for number in place.then} == place.then
        assert {day: _on(hub, day) for day in place.then_on} == place.then_on
        assert max(place.then, default=0) == len(history.loads)


def _say_of_days(place: District, hub: Hub, days: set[date], since: date | None) -> None:
    """Notes the answer as of every day; what was noted stays as it is unless something dated up to that day came since."""
    for day in days:
        if day not in place.then_on or (since is not None and since <= day):
            place.then_on[day] = _on(hub, day)
    assert {day: _on(hub, day) for day in days} == place.then_on


def _on(hub: Hub, day: date) -> str:
    return json.dumps(
        to_json(compute_kennzahlen(hub, FigureRequest(*PERIOD, day), ("municipality", "staff"))),
        ensure_ascii=False,
    )


def _bytes(hub: Hub, number: int) -> str:
    with hub.store.read() as connection:
        catalogue = choose_catalogue(PERIOD[1])
        scope = Scope(*PERIOD, KnownAt(number))
        return json.dumps(to_json(count_figures(connection, scope, catalogue, UNITS)))


def _rows(hub: Hub, entity: str) -> set[tuple[Any, ...]]:
    table = ENTITIES[entity].table
    kept = ("source", "source_key", "record_key", "known_from", "known_to")
    own = [
        c.name
        for c in table.columns
        if c.name not in {*kept, "row_hash", "source_file", "source_table", "source_row"}
    ]
    with hub.store.read() as connection:
        return {tuple(r) for r in connection.execute(select(*(table.c[n] for n in (*kept, *own))))}


@pytest.fixture
def districts(
    server: str, empty: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], list[District]]]:
    """Makes two hubs with nothing in them, one on each engine."""
    monkeypatch.setattr(taking, "guard_limits", lambda hub, source: Limits(GONE, CHANGED, LEAST))
    made: list[District] = []
    file, template = empty

    def make() -> list[District]:
        for old in made:
            old.close()
        name = f"d{uuid.uuid4().hex}"
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
        engine.dispose()
        address = make_url(server).set(database=name).render_as_string(hide_password=False)
        (tmp_path / name / "duckdb" / "data").mkdir(parents=True)
        shutil.copyfile(file, tmp_path / name / "duckdb" / "data" / "warehouse.duckdb")
        made[:] = [
            District(tmp_path / name / "duckdb", "duckdb"),
            District(tmp_path / name / "postgresql", address),
        ]
        return made

    yield make
    for district in made:
        district.close()


def stories(make: Callable[[], list[District]], count: int, first: int) -> None:
    profile = settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=QUIET,
        phases=[Phase.generate],
    )
    seed(first)(profile(given(STEPS)(lambda steps: story(make(), steps))))()


def test_runs_over_files_give_the_plain_history_on_both_engines(
    districts: Callable[[], list[District]],
) -> None:
    stories(districts, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_many_runs_over_files(districts: Callable[[], list[District]], part: int) -> None:
    stories(districts, 8, 100 + part)
