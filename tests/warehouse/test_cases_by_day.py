"""Who has several cases: each conversation, plan and goal belongs to the case of its day."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt
from warehouse.database.store import Store
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import Scope

DAYS = [date(2024, month, 1) for month in range(1, 7)]
PLACES = ["08999001", "08999002", "08999003"]
Case = tuple[date | None, date | None, str | None]
Events = set[tuple[str, str]]
# begin and end of the cases in M1, M2 …, the day, and whose day it is
RULES = {
    "moved": ([("01-01", "02-29"), ("03-01", None)], "02-29", {0}),
    "moved later": ([("01-01", "02-29"), ("03-01", None)], "03-01", {1}),
    "the former one was not closed": ([("01-01", None), ("03-01", None)], "04-01", {1}),
    "the later one is closed": ([("01-01", None), ("03-01", "03-31")], "04-01", {0}),
    "between two": ([("01-01", "01-31"), ("05-01", None)], "03-01", {0}),
    "before the first": ([("02-01", None), ("05-01", None)], "01-01", {0}),
    "after the last": ([("01-01", "01-31"), ("02-01", "02-29")], "06-01", {1}),
    "two of one begin": ([("01-01", None), ("01-01", None)], "03-01", {0, 1}),
    "one without a begin": ([(None, None), ("02-01", None)], "03-01", {1}),
    "nobody knows a begin": ([(None, None), (None, None)], "03-01", {0, 1}),
}


def read_day(text: str | None) -> date | None:
    return date.fromisoformat(f"2024-{text}") if text else None


def choose_cases(cases: list[Case], day: date) -> set[int]:
    """The rule again, case by case."""

    def rank(case: Case) -> tuple[int, int]:
        begun, ended, _ = case
        if begun is None:
            return 3, 0
        if begun > day:
            return 2, begun.toordinal()
        return (0 if ended is None or ended >= day else 1), -begun.toordinal()

    best = min(map(rank, cases))
    return {number for number, case in enumerate(cases) if rank(case) == best}


def draw_cases(rng: Random) -> list[Case]:
    days = [None, *DAYS]
    return [
        (rng.choice(days), rng.choice(days), rng.choice([*PLACES, None]))
        for _ in range(rng.choice((1, 2, 2, 3)))
    ]


def write_content(people: dict[str, list[Case]]) -> dict[str, list[dict[str, Any]]]:
    """Of everybody a conversation, a plan and a goal on each of the days."""
    dated = [(person, f"{person}-{day:%m}", day) for person, day in product(people, DAYS)]
    return {
        "person": [{"key": person, "last_name": person} for person in people],
        "case": [
            {
                "key": f"{person}/{number}",
                "person_key": person,
                "begun_on": begun,
                "ended_on": ended,
                "municipality": place,
            }
            for person, cases in people.items()
            for number, (begun, ended, place) in enumerate(cases)
        ],
        "conversation": [{"key": key, "held_on": day} for _, key, day in dated],
        "conversation_participant": [{"key": key, "person_key": p} for p, key, _ in dated],
        "plan": [{"key": key, "concluded_on": day} for _, key, day in dated],
        "plan_participant": [{"key": key, "person_key": p} for p, key, _ in dated],
        "goal": [
            {"key": key, "person_key": p, "status": "erreicht", "reached_on": day}
            for p, key, day in dated
        ],
    }


def list_placed(store: Store, name: str) -> Events:
    scope = Scope(DAYS[0], DAYS[-1] + timedelta(days=30), KnownAt(1), "municipality")
    with store.read() as connection:
        rows = connection.execute(INDICATORS[name].list_records(scope)).mappings()
        return {(row["thing"], row["municipality"]) for row in rows}


def expect_placed(people: dict[str, list[Case]]) -> Events:
    return {
        (f"{person}-{day:%m}", place)
        for (person, cases), day in product(people.items(), DAYS)
        for place in [cases[number][2] for number in choose_cases(cases, day)]
        if place
    }


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.thorough)])
def store(request: pytest.FixtureRequest, empty_file: Path, tmp_path: Path) -> Iterator[Store]:
    path = tmp_path / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    is_file = request.param == "duckdb"
    url = f"duckdb:///{path}" if is_file else request.getfixturevalue("new_database")()
    with Store(url) as opened:
        yield opened


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_in_words_is_that_of_the_oracle(rule: str) -> None:
    spans, day, wanted = RULES[rule]
    cases = [(read_day(begun), read_day(ended), None) for begun, ended in spans]
    assert choose_cases(cases, date.fromisoformat(f"2024-{day}")) == wanted


def test_what_happened_belongs_to_the_case_of_its_day(store: Store) -> None:
    rng = Random(11)
    people = {f"P{number}": draw_cases(rng) for number in range(150)}
    deliver(store, write_content(people))
    wanted = expect_placed(people)
    assert len(wanted) > 500
    for name in ("conversations", "plans_concluded", "goals_reached"):
        assert list_placed(store, name) == wanted, name
