"""Sequences of deliveries, each step compared: the plain history, DuckDB and PostgreSQL know the same, now and as of every load and day."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from pipelines.intake.acceptance import AlreadyDecided, NotHeld
from tests.history.engines import Warehouse
from tests.history.model import Done, History, Version
from tests.history.recount import Line, Question, recount
from tests.history.world import BEGINNING, EDITS, FEEDS, SOURCES, Content, Delivery, Table
from warehouse.marts.scope import UNITS, By
from warehouse.schema import ENTITIES, delivery, entity_balance, load, person_link, table_balance

PERIODS = [
    (None, None),
    (date(2024, 1, 1), date(2024, 6, 30)),
    (date(2024, 7, 1), date(2024, 12, 31)),
    (None, date(2024, 6, 30)),
]
START = date(2025, 1, 1)
SOURCE = st.sampled_from(SOURCES)
# Rarely more than one thing is wrong with a delivery.
SHAPE = st.sampled_from(
    ["plain"] * 4 + ["partial", "partial", "split", "unreadable", "only some kinds", "older"]
)


class Deliveries(RuleBasedStateMachine):
    """What happens to a hub in the course of time. ``engines``: the warehouses that must agree with the model."""

    engines: list[Warehouse]
    every_unit = False

    def __init__(self) -> None:
        super().__init__()
        self.history = History()
        self.worlds: dict[str, Content] = {s: {} for s in SOURCES}
        self.mappings = dict.fromkeys(SOURCES, 0)
        self.days = dict.fromkeys(SOURCES, 0)
        self.failed = False
        self.offered: list[Delivery] = []
        self.told: dict[Any, dict[Line, int]] = {}
        for engine in self.engines:
            engine.reset()

    @initialize(one=BEGINNING, other=BEGINNING)
    def begin(self, one: list[Any], other: list[Any]) -> None:
        """Two sources have delivered before."""
        for source, edits in (("enaio", one), ("tau", other)):
            self.deliver(source, edits, 1, "plain", 0, None)

    @rule(
        source=SOURCE,
        edits=EDITS,
        later=st.sampled_from([1, 1, 2, 0]),
        shape=SHAPE,
        choice=st.integers(0, 5),
        moved_from=st.sampled_from([None, None, None, *SOURCES]),
        then=st.sampled_from(
            [None, None, "accept", "accept", "again", "remap", "undo", "undo", "reread"]
        ),
    )
    def step(
        self,
        source: str,
        edits: list[Any],
        later: int,
        shape: str,
        choice: int,
        moved_from: str | None,
        then: str | None,
    ) -> None:
        """A delivery and, it may be, another run."""
        self.deliver(source, edits, later, shape, choice, moved_from)
        if then in ("undo", "reread"):
            self.replay(then, source, choice)
        elif then and self.offered:
            self.run_again(then, choice)

    def deliver(
        self,
        source: str,
        edits: list[Any],
        later: int,
        shape: str,
        choice: int,
        moved_from: str | None,
    ) -> None:
        """A source's records change, come, go, come back, move in from another carrier, get another's key; then it delivers."""
        world = self.worlds[source]
        if moved_from not in (None, source):
            moving = {
                k: v
                for k, v in self.worlds[str(moved_from)].items()
                if k[0] in ("case", "conversation")
            }
            self.worlds[str(moved_from)] = {
                k: v for k, v in self.worlds[str(moved_from)].items() if k not in moving
            }
            world.update(moving)
        for kind, key, record in edits:
            world.pop((kind, key), None)
            if record is not None:
                world[kind, key] = record
        said = {(kind, key) for kind, key, _ in edits} if shape == "partial" else set(world)
        self.days[source] += later
        on = START + timedelta(days=max(0, self.days[source] - (2 if shape == "older" else 0)))
        known = {k: v for k, v in world.items() if k in said and k[0] in FEEDS[source]}
        tables = tables_of(known, shape, choice, backwards=source == "jobkraftwerk")
        if tables:
            self.offer(Delivery(source, on, shape != "partial", tables, self.mappings[source]))

    def run_again(self, what: str, choice: int) -> None:
        """Another run, which is offered all that lies in the folders; before it a held delivery is accepted, or a mapping improved."""
        held = [d for d, done in self.history.states.values() if done.state == "held"]
        if what == "accept" and held:
            chosen = held[-1]
            late, replaced = self.history.overtaken(chosen), self.history.replaced(chosen)
            decided = self.history.settled if late else self.history.accepted
            refused = NotHeld if replaced else AlreadyDecided if chosen.id in decided else None
            for engine in self.engines:
                with pytest.raises(refused) if refused else nullcontext():
                    engine.accept(chosen)
            if not replaced:
                self.history.accepted.add(chosen.id)
                self.history.settled |= {chosen.id} if late else set()
            if choice == 0:
                return
        source = (held or self.offered)[
            -1 if what == "accept" else choice % len(held or self.offered)
        ].source
        if what == "remap":
            self.mappings[source] = 1 - self.mappings[source]
        for old in _newest_per_day(d for d in self.offered if d.source == source):
            self.offer(old.understood(self.mappings[source]))

    def replay(self, what: str, source: str, choice: int) -> None:
        """A load of the source is taken back, or its deliveries from one on are read anew."""
        mine = [n for n, d in enumerate(self.history.loads, start=1) if d.delivery.source == source]
        # What is held or accepted is judged by what came since; that is another question.
        if not mine or any(
            done.state == "held" and d.source == source for d, done in self.history.states.values()
        ):
            return
        number, mapping = mine[choice % len(mine)], self.mappings[source]
        before = len(self.history.loads)
        since = self.history.loads[number - 1].delivery.on
        deliveries = {d.id: d for d in self.offered}
        self.failed = True
        if what == "undo":
            done = self.history.undo(number, mapping)
            answers = [engine.undo(number, deliveries, mapping) for engine in self.engines]
        else:
            mapping = self.mappings[source] = 1 - mapping
            done = self.history.reread(source, since, mapping)
            answers = [engine.reread(source, since, deliveries, mapping) for engine in self.engines]
        assert answers == [done, done], (what, number, answers, done)
        self._compare_rows(set(ENTITIES))
        for made in range(before, len(self.history.loads)):
            self._ask_now(made + 1)
        self.failed = False

    def _compare_rows(self, touched: set[str]) -> None:
        wanted = {e: {_kept(v) for v in self.history.versions if v.entity == e} for e in touched}
        for engine in self.engines:
            rows = engine.rows(touched)
            for entity in touched:
                alike((engine.name, entity), rows[entity], wanted[entity])

    def offer(self, offered: Delivery) -> None:
        """Takes a delivery on all three and compares what is known afterwards."""
        self.offered.append(offered)
        self.failed = True
        done = self.history.take(offered)
        touched = {e for t in offered.tables for e in offered.feeds(t)}
        wanted = {e: {_kept(v) for v in self.history.versions if v.entity == e} for e in touched}
        for engine in self.engines:
            taken = engine.take(offered)
            assert taken == (done.state, done.number), (engine.name, taken, done.state, done.number)
            if done.number:
                alike(engine.name, _balance(engine, offered), _expected_balance(done))
            rows = engine.rows(touched)
            for entity in touched:
                alike((engine.name, entity), rows[entity], wanted[entity])
        if done.number:
            self._ask_now(done.number)
        self.failed = False

    def teardown(self) -> None:
        """Every answer for every load and every day, and all that is kept."""
        if self.failed:
            return
        one, other = self.engines
        for ledger, moment in (
            (load, "loaded_at"),
            (delivery, "seen_at"),
            (person_link, ""),
            (table_balance, ""),
            (entity_balance, ""),
        ):
            assert one.content(ledger, moment) == other.content(ledger, moment), ledger.name
        every = set(ENTITIES)
        assert one.rows(every) == other.rows(every)
        for number in range(len(self.history.loads) + 1):
            self._ask(number, frozenset(), self.history.known_at(number), number)
        for day in sorted({loaded.delivery.on for loaded in self.history.loads}):
            numbers = [
                n
                for n, loaded in enumerate(self.history.loads, start=1)
                if loaded.delivery.on <= day
            ]
            late = frozenset(range(1, max(numbers) + 1)) - frozenset(numbers)
            late -= self._taken_back(numbers)
            if late:
                self._ask(max(numbers), late, self.history.known_on(day), max(numbers) + 1)

    def _taken_back(self, numbers: list[int]) -> frozenset[int]:
        """The loads of which the returns among these are all that is left."""
        loads = self.history.loads
        return frozenset(
            n
            for back, base in self.history.returned.items()
            if back in numbers
            for n in range(base + 1, back)
            if loads[n - 1].delivery.source == loads[back - 1].delivery.source
        )

    def _ask_now(self, number: int) -> None:
        for engine in self.engines:
            self.told[engine.name, number] = engine.answer(
                PERIODS[number % len(PERIODS)], number, frozenset(), None
            )

    def _ask(self, number: int, late: frozenset[int], known: Any, turn: int) -> None:
        period = PERIODS[turn % len(PERIODS)]
        units: tuple[By, ...] = UNITS if self.every_unit else (UNITS[turn % len(UNITS)],)
        for by in (None, *units):
            wanted = recount(Question(*period, *known, by))
            for engine in self.engines:
                answer = engine.answer(period, number, late, by)
                alike((engine.name, number, sorted(late), by, period), answer, wanted)
                if by is None and not late and number:
                    alike((engine.name, number, "then"), answer, self.told[engine.name, number])


def alike(what: object, found: Any, wanted: Any) -> None:
    """Says of two dicts or sets what only one of them has."""
    one, other = (set(x.items()) if isinstance(x, dict) else x for x in (found, wanted))
    assert one == other, (
        what,
        "found only",
        sorted(one - other, key=str),
        "wanted only",
        sorted(other - one, key=str),
    )


def tables_of(content: Content, shape: str, choice: int, *, backwards: bool) -> tuple[Table, ...]:
    kinds = sorted({kind for kind, _ in content} | {"case"}, reverse=backwards)
    if shape == "only some kinds":
        kinds = [k for n, k in enumerate(kinds) if (n + choice) % 2]
    tables = []
    for place, kind in enumerate(kinds):
        rows = tuple(
            (key, record)
            for (k, key), record in sorted(content.items(), key=lambda item: item[0])
            if k == kind
        )
        readable = shape != "unreadable" or place != choice % len(kinds)
        # Two files of one table: the second repeats a row of the first, and says of another key what this one did.
        parts = (
            [rows[:2], rows[1:], tuple((rows[0][0], r) for _, r in rows[-1:])]
            if shape == "split" and rows
            else [rows]
        )
        for number, part in enumerate(parts):
            tables.append(
                Table(f"{place}-{kind}-{number}.csv", kind, part, choice % 3, choice % 2, readable)
            )
    return tuple(tables)


def _newest_per_day(offered: Any) -> list[Delivery]:
    by_day = {d.on: d for d in offered}
    return [by_day[day] for day in sorted(by_day)]


def _kept(v: Version) -> tuple[Any, ...]:
    return (v.source, v.key, v.record, v.known_from, v.known_to, *v.place, *v.fields.values())


def _balance(engine: Warehouse, offered: Delivery) -> dict[tuple[str, str, str], Any]:
    rows = [r for r in engine.content(entity_balance) if r[0] == offered.id]
    for _, _, _, _, new, _, _, gone, before, after in rows:
        assert new <= after and gone <= before
    return {(entity, file, table): tuple(counts) for _, file, table, entity, *counts in rows}


def _expected_balance(done: Done) -> dict[tuple[str, str, str], Any]:
    return {key: (*counts, *done.known[key[0]]) for key, counts in done.balance.items()}
