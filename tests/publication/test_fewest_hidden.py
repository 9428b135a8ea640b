"""The fewest hidden cells of small tables, against every pattern there is."""

from __future__ import annotations

from itertools import combinations

import pytest

from tests.publication.made import Shape, known_cells, made_system, secrets
from warehouse.gates.fewest_hidden import find_fewest, is_small_enough
from warehouse.gates.suppression import System, choose_hidden, find_unanswered
from warehouse.gates.suppression_audit import find_exposed


def fewest_by_trying(system: System, primary: frozenset[int]) -> int:
    others = [n for n in range(len(system.cells)) if system.is_candidate(n) and n not in primary]
    for count in range(len(others) + 1):
        for more in combinations(others, count):
            if not find_unanswered(system, primary | frozenset(more)):
                return len(primary) + count
    raise AssertionError


@pytest.mark.parametrize("shape", [(3,), (2, 2), (2, 3)], ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_fewest_is_what_trying_finds(shape: Shape, seed: int) -> None:
    system = made_system(shape, 50 + seed)
    found = choose_hidden(system)
    fewest = find_fewest(system, found)
    assert is_small_enough(system)
    best = fewest.pattern or found
    assert len(best.hidden) == fewest.least == fewest_by_trying(system, found.primary)


@pytest.mark.parametrize("seed", range(4))
def test_a_better_pattern_stands_up_to_the_audit(seed: int) -> None:
    system = made_system((4, 4), seed)
    found = choose_hidden(system)
    fewest = find_fewest(system, found)
    best = fewest.pattern or found
    assert fewest.least <= len(best.hidden) <= len(found.hidden)
    assert find_exposed(known_cells(system, best), secrets(system)) == []
    assert find_unanswered(system, best.hidden) == []


def test_large_tables_are_left_to_the_sequence() -> None:
    assert not is_small_enough(made_system((6, 5, 3), 1))
