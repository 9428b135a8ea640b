"""A hard district as files of its four systems, taken in the real way: who is linked, who waits, who stays apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import pytest
from typer.testing import CliRunner

from examples.generate import simulate_district
from examples.hard.phenomena import ALL_PHENOMENA, Phenomena
from pipelines.cli.app import app
from pipelines.config import load_config
from pipelines.figures.duplicate_lists import write_duplicate_lists
from pipelines.figures.identity_review import list_review
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from warehouse.identity.waiting_pairs import read_person_ids

Names = frozenset[str]
# Enough pairs that a few wait, in a district small enough for a test.
MANY = Phenomena(two_systems=0.4, twice_in_one_system=0.03)


@dataclass(frozen=True)
class Taken:
    """The true pairs of two systems and of one, those that were linked and those that wait."""

    records: set[str]
    states: set[str]
    across: set[Names]
    within: set[Names]
    linked: set[Names]
    waiting: set[Names]
    told: set[Names]
    lists: list[str]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Taken:
    folder = tmp_path_factory.mktemp("hard")
    made = simulate_district(folder, seed=3, persons=150, deliveries=1, hard=MANY)
    with Hub(load_config(made.config), day=made.transfer_on) as hub:
        results = run_intake(hub)
        with hub.store.read() as connection:
            ids = read_person_ids(connection)
        waiting = list_review(hub)
        told = list_review(hub, within_source=True)
        lists = write_duplicate_lists(hub, folder / "lists")
    groups: dict[str, list[str]] = defaultdict(list)
    for (source, key), person in ids.items():
        groups[person].append(f"{source}:{key}")
    pairs = (combinations(records, 2) for records in groups.values())
    truth: dict[str, set[Names]] = defaultdict(set)
    records = {f"{source}:{key}" for source, key in ids}
    for a, b, kind in made.same_person:
        # A few cases are noted after the delivery, or deleted before.
        if {a, b} <= records:
            truth[kind].add(frozenset((a, b)))
    return Taken(
        records,
        {str(result.state) for result in results},
        truth["across"],
        truth["within"],
        _name(pair for some in pairs for pair in some),
        _name((pair.a, pair.b) for pair in waiting),
        _name((pair.a, pair.b) for pair in told),
        [path.name for path in lists],
    )


def _name(pairs: Iterable[tuple[str, str]]) -> set[Names]:
    return {frozenset(pair) for pair in pairs}


@pytest.mark.thorough
def test_every_record_arrives(taken: Taken) -> None:
    assert taken.states == {"loaded"}
    assert len(taken.records) > 200 and taken.across and taken.within


def test_nobody_is_joined_who_is_another(taken: Taken) -> None:
    assert taken.linked <= taken.across


def test_most_are_found_and_most_of_the_rest_is_asked(taken: Taken) -> None:
    found = len(taken.linked & taken.across) / len(taken.across)
    asked = len((taken.linked | taken.waiting) & taken.across) / len(taken.across)
    assert found > 0.8 and asked > 0.95


def test_whom_one_system_has_twice_its_carrier_is_told_of(taken: Taken) -> None:
    assert taken.told & taken.within
    assert taken.lists and len(taken.lists) <= 4


def test_a_seed_and_the_switches_say_everything(tmp_path: Path) -> None:
    plain = Phenomena.only(two_systems=0.5)
    made = simulate_district(tmp_path, seed=2, persons=40, deliveries=1, hard=plain)
    again = simulate_district(tmp_path / "again", seed=2, persons=40, deliveries=1, hard=plain)
    other = simulate_district(
        tmp_path / "other", seed=2, persons=40, deliveries=1, hard=ALL_PHENOMENA
    )
    assert made.same_person == again.same_person
    assert [p.read_bytes() for p in sorted(made.exports.rglob("*.csv"))] == [
        p.read_bytes() for p in sorted(again.exports.rglob("*.csv"))
    ]
    assert [p.read_bytes() for p in sorted(made.exports.rglob("*.csv"))] != [
        p.read_bytes() for p in sorted(other.exports.rglob("*.csv"))
    ]


def test_a_hard_district_is_like_no_report(tmp_path: Path) -> None:
    call = ["demo", "--hard", "--like", "alb-donau", "--out", str(tmp_path / "demo")]
    done = CliRunner().invoke(app, call)
    assert done.exit_code != 0 and not (tmp_path / "demo").exists()
