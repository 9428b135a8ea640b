"""The rule and the gate's own SQL allow the same in every world of a few consents over two linked records."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.consents.finite_worlds import draw_world, insert_worlds, judge_worlds, read_released
from tests.consents.gate_rule import may_release
from tests.consents.gate_world import World
from tests.consents.leaks import (
    REDUNDANT,
    REMOVED,
    find_difference,
    find_leak,
    read_gate,
    read_leaks,
    without,
)
from warehouse.database.store import Store

LEAKS = read_leaks()
# How many consents are in each of the two records, delivered and by hand, and how many doubts. Any of
# them may be absent.
NONE = (0, 0)
SPREADS = [
    ((2, 2), NONE, NONE),
    ((3, 1), NONE, NONE),
    ((1, 1), (1, 1), NONE),
    ((0, 1), (3, 0), NONE),
    ((1, 1), NONE, (1, 1)),
    ((1, 0), (1, 0), (1, 0)),
]
OTHER_SPREADS = [
    ((4, 0), NONE, NONE),
    ((0, 4), NONE, NONE),
    ((1, 3), NONE, NONE),
    ((2, 0), (1, 1), NONE),
    ((2, 1), NONE, (2, 0)),
    ((0, 2), (0, 1), (1, 1)),
]


@pytest.mark.parametrize(
    ("spread", "by_hand", "doubted"),
    [*SPREADS, *(pytest.param(*more, marks=pytest.mark.slow) for more in OTHER_SPREADS)],
)
def test_gate_and_rule_allow_the_same(
    spread: tuple[int, int], by_hand: tuple[int, int], doubted: tuple[int, int]
) -> None:
    assert find_difference(World(spread, by_hand, doubted=doubted)) is None


def check_finite_worlds(store: Store, seed: int, count: int) -> None:
    """The gate of a real warehouse against the rule in Python, world by world."""
    rng = random.Random(seed)
    worlds = [*LEAKS.values(), *(draw_world(rng) for _ in range(count))]
    insert_worlds(store, worlds)
    released, allowed = read_released(store), judge_worlds(worlds)
    assert released == allowed
    # A gate that is shut would prove nothing, and one that is open neither.
    assert count // 8 < len(released) < count - count // 8


def test_an_embedded_warehouse_answers_like_the_rule() -> None:
    with Store("duckdb:///:memory:") as store:
        check_finite_worlds(store, 1, 1_000)


def test_a_server_answers_like_the_rule(new_database: Callable[[], str]) -> None:
    with Store(new_database()) as store:
        check_finite_worlds(store, 2, 500)


@pytest.mark.slow
def test_ten_thousand_finite_worlds(new_database: Callable[[], str]) -> None:
    for address in ("duckdb:///:memory:", new_database()):
        with Store(address) as store:
            check_finite_worlds(store, 3, 10_000)


def test_every_condition_has_its_world() -> None:
    assert LEAKS.keys() == REMOVED.keys() - REDUNDANT


@pytest.mark.parametrize("name", sorted(LEAKS))
def test_without_a_condition_its_world_leaks(name: str) -> None:
    world = LEAKS[name]
    allowed = {key for key, may in may_release(world).items() if may}
    with without(name):
        leaking = {key for key, present in read_gate(world).items() if present}
    assert leaking - allowed
    assert {key for key, present in read_gate(world).items() if present} == allowed


@pytest.mark.parametrize("name", sorted(REDUNDANT))
def test_a_condition_that_only_tells_the_reason_keeps_nothing_in(name: str) -> None:
    with without(name):
        assert find_difference(World((2, 1))) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(LEAKS))
def test_the_world_of_a_condition_is_found_again(name: str) -> None:
    assert find_leak(name) is not None


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["embedded", "server"])
def test_warehouses_leak_in_the_same_worlds(engine: str, request: pytest.FixtureRequest) -> None:
    address = "duckdb:///:memory:"
    if engine == "server":
        address = request.getfixturevalue("new_database")()
    worlds = list(LEAKS.values())
    allowed = judge_worlds(worlds)
    with Store(address) as store:
        insert_worlds(store, worlds)
        assert read_released(store) == allowed
        for number, name in enumerate(LEAKS):
            with without(name):
                leaking = read_released(store).get(number, set())
            assert leaking - allowed.get(number, set()), name
