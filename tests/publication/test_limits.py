"""What everybody knows beside sums: parts and wholes, hidden numbers that are not 0, ranks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from pipelines.publication.ledger import PrintedCell, Publication
from pipelines.publication.limits import PART_OF
from pipelines.publication.public_tables import build_system
from pipelines.publication.publish import _list_known, _list_secrets
from tests.publication.made import known_cells, provably_small, secrets
from warehouse.gates.fewest_hidden import find_fewest
from warehouse.gates.suppression import Cell, Limit, Pattern, State, System, choose_hidden
from warehouse.gates.suppression_audit import find_exposed
from warehouse.marts.indicators import INDICATORS

YEAR = ("2024-01-01", "2024-12-31")
TOWNS = ("08999001", "08999002", "08999003")
Counts = dict[tuple[str, str | None, str], int]


@dataclass
class Counted:
    """Figures that are the same whenever asked."""

    counts: Counts = field(default_factory=dict)

    def values(self, _first: date, _last: date) -> Counts:
        return self.counts


def print_cell(
    indicator: str, code: str | None, places: tuple[str, ...], value: int, *, shown: bool = True
) -> PrintedCell:
    categories = None if code is None else tuple(code.split("+"))
    return PrintedCell(indicator, categories, places, *YEAR, value, shown)


def expose(
    counts: Counts, cells: list[PrintedCell], layout: str = "gemeinde", *, by_size: bool = False
) -> list[tuple[str, int]]:
    """Indicator and value of what can be computed from cells that are out."""
    out = [Publication(1, "2025-01-02", layout, 1, cells, "", by_size)]
    built = build_system(Counted(counts), [], out, about=cells)  # type: ignore[arg-type]
    exposed = find_exposed(
        _list_known(built, Pattern(frozenset(), frozenset())), _list_secrets(built)
    )
    system = built.system
    chosen = choose_hidden(system)
    # Two ways of thinking, one answer.
    assert sorted(chosen.exposed) == sorted(exposed)
    return sorted((str(n), system.cells[n].value) for n in exposed)


# Part, its code, the whole: the small whole of the first town follows from the part of the second.
PARTS = [
    ("topics", "kinder", "conversations"),
    ("referrals", "jobcenter", "conversations"),
    ("persons_reached", None, "records_reached"),
]


@pytest.mark.parametrize(("part", "code", "whole"), PARTS)
@pytest.mark.parametrize(("in_second", "is_exposed"), [(20, True), (19, False), (12, False)])
def test_a_part_is_no_larger_than_its_whole(
    part: str, code: str | None, whole: str, in_second: int, is_exposed: bool
) -> None:
    first, second, _ = TOWNS
    values = {first: 4, second: 20}
    counts: Counts = {(whole, None, town): n for town, n in values.items()}
    counts |= {(part, code, second): in_second, (part, code, first): 0}
    cells = [
        print_cell(whole, None, (first,), 4, shown=False),
        print_cell(whole, None, (second,), 20, shown=False),
        print_cell(whole, None, (first, second), 24),
        print_cell(part, code, (second,), in_second),
    ]
    # 24 - 20 leaves at most 4; from 19 it may be 5.
    assert bool(expose(counts, cells)) == is_exposed


def test_a_whole_bounds_a_hidden_part() -> None:
    first, second, _ = TOWNS
    counts: Counts = {("conversations", None, first): 4, ("topics", "kinder", first): 3}
    counts |= {("conversations", None, second): 9, ("topics", "kinder", second): 9}
    cells = [
        print_cell("conversations", None, (first,), 4, shown=False),
        print_cell("conversations", None, (second,), 9, shown=False),
        print_cell("conversations", None, (first, second), 13),
        print_cell("topics", "kinder", (first,), 3, shown=False),
        print_cell("topics", "kinder", (second,), 9),
    ]
    # 13 conversations, 9 of them elsewhere: at most 4 here, and no more with the topic.
    assert {value for _, value in expose(counts, cells)} == {3, 4}


def test_a_part_of_overlapping_units_is_no_larger_than_its_whole() -> None:
    """Conversations of two towns at once: the sum of the towns says more than the district has."""
    first, second, _ = TOWNS
    counts: Counts = {("conversations", None, first): 4, ("conversations", None, second): 20}
    counts |= {("topics", "kinder", first): 2, ("topics", "kinder", second): 20}
    both = (first, second)
    cells = [
        print_cell("conversations", None, both, 20, shown=False),
        print_cell("topics", "kinder", both, 20),
        print_cell("topics", "kinder", (second,), 20),
        print_cell("conversations", None, (second,), 20),
        print_cell("conversations", None, (first,), 4, shown=False),
    ]
    # All 22 with the topic are 20 talks; what was corrected or contradicts stays possible.
    assert expose(counts, cells)


@pytest.mark.parametrize(
    ("values", "hidden", "exposed"),
    [
        # Two hidden numbers are 5 together, and neither is 0.
        ((3, 2, 9), (0, 1), True),
        ((3, 3, 9), (0, 1), False),
        ((1, 4, 9), (0, 1), True),
        ((2, 2, 2), (0, 1, 2), False),
        ((1, 2, 3), (0, 1, 2), True),
        ((4, 9, 9), (0, 1), False),
    ],
)
def test_a_hidden_number_is_not_0(
    values: tuple[int, ...], hidden: tuple[int, ...], exposed: bool
) -> None:
    cells = [Cell((n,), value) for n, value in enumerate(values)]
    cells.append(Cell((0, 1, 2), sum(values)))
    system = System(values, cells)
    pattern = Pattern(frozenset(hidden), frozenset())
    known = known_cells(system, pattern)
    if values != (2, 2, 2):
        found = find_exposed(known, secrets(system))
        assert found == provably_small(known, system, most=20) and bool(found) == exposed
    chosen = choose_hidden(system)
    assert set(hidden) <= chosen.hidden and (len(chosen.hidden) > len(hidden)) >= exposed
    assert find_exposed(known_cells(system, chosen), secrets(system)) == []


@pytest.mark.parametrize("seed", range(8))
def test_parts_and_wholes_together_give_nothing_away(seed: int) -> None:
    """Three towns and their sum, of everything and of a part: chosen, audited, fewest."""
    wholes = [
        (4, 20, 44),
        (4, 6, 5),
        (2, 9, 9),
        (3, 5, 30),
        (1, 1, 8),
        (4, 12, 3),
        (6, 4, 7),
        (3, 40, 2),
    ]
    parts = [
        (0, 20, 44),
        (4, 5, 5),
        (0, 9, 1),
        (2, 5, 30),
        (1, 0, 8),
        (4, 11, 2),
        (6, 1, 7),
        (2, 39, 2),
    ]
    atoms = [*wholes[seed], *parts[seed]]
    groups = [(0,), (1,), (2,), (0, 1, 2), (3,), (4,), (5,), (3, 4, 5)]
    cells = [Cell(group, sum(atoms[n] for n in group)) for group in groups]
    limits = [Limit({n + 3: 1, n: -1}, 0) for n in range(3)]
    system = System(atoms, cells, (), limits, {n + 3: n for n in range(3)})
    pattern = choose_hidden(system)
    assert pattern.exposed == []
    assert find_exposed(known_cells(system, pattern), secrets(system)) == []
    fewest = find_fewest(system, pattern)
    best = fewest.pattern or pattern
    assert fewest.least <= len(best.hidden) <= len(pattern.hidden)
    assert find_exposed(known_cells(system, best), secrets(system)) == []


def ranked_cells(
    values: dict[str, int], others: dict[str, int]
) -> tuple[Counts, list[PrintedCell]]:
    """A row of the district: columns in their order, then all others in one, small ones hidden."""
    place = (TOWNS[0], "")
    counts: Counts = {("topics", c, TOWNS[0]): v for c, v in (values | others).items()}
    cells = [print_cell("topics", c, place, v, shown=v >= 5) for c, v in values.items()]
    cells.append(print_cell("topics", "+".join(others), place, sum(others.values())))
    return counts, cells


RANKS = {
    "behind a 5, its code first": ({"z": 20, "u": 5, "g": 3}, {"h": 2, "i": 3}, True, [2, 3, 3, 3]),
    "behind a 6": ({"z": 20, "u": 6, "g": 3}, {"h": 3, "i": 3}, True, []),
    "in the order of the codes": ({"g": 3, "u": 6, "z": 20}, {"h": 3, "i": 3}, False, []),
    "others behind a 5, their codes first": ({"z": 20, "u": 5}, {"g": 4, "h": 4}, False, [4, 4]),
    "others behind a 5, their codes after": ({"z": 20, "b": 5}, {"g": 4, "h": 4}, False, []),
    "others behind a 9": ({"z": 20, "u": 9}, {"g": 4, "h": 4}, False, []),
}


@pytest.mark.parametrize("name", RANKS)
def test_a_rank_bounds_what_is_hidden(name: str) -> None:
    values, others, by_size, exposed = RANKS[name]
    counts, cells = ranked_cells(values, others)
    found = expose(counts, cells, "kreis-top5", by_size=by_size)
    assert [value for _, value in found] == exposed


def test_new_tables_know_their_ranks() -> None:
    """With two columns of five, all others are at most 5 in the district."""
    counts, cells = ranked_cells({"a": 20, "b": 9}, {"g": 4, "h": 4})
    table: Any = SimpleNamespace(cells=dict(enumerate(cells)), top=5)
    system = build_system(Counted(counts), [table], []).system  # type: ignore[arg-type]
    alone = [limit for limit in system.limits if set(limit.factors.values()) == {1}]
    assert [limit.most for limit in alone] == [5, 5]


def test_parts_are_indicators_that_are_published() -> None:
    assert {*PART_OF, *PART_OF.values()} <= INDICATORS.keys()


def test_what_contradicts_counts_as_known() -> None:
    """More with a topic than there are talks: no table fits, so the difference is known."""
    counts: Counts = {("conversations", None, TOWNS[0]): 4, ("topics", "kinder", TOWNS[0]): 6}
    cells = [
        print_cell("conversations", None, (TOWNS[0],), 4, shown=False),
        print_cell("topics", "kinder", (TOWNS[0],), 6),
    ]
    assert expose(counts, cells) == []


def test_who_is_alone_in_a_whole_is_whom_its_part_counts() -> None:
    """The one talk of a town had the topic: whoever had it learns nothing of others."""
    cells = [Cell((0,), 1), Cell((1,), 30), Cell((2,), 1), Cell((3,), 20)]
    limits = [Limit({2: 1, 0: -1}, 0), Limit({3: 1, 1: -1}, 0)]
    told = System([1, 30, 1, 20], cells, (), limits, {2: 0, 3: 1})
    assert choose_hidden(told) == Pattern(frozenset({0, 2}), frozenset(), [])
    assert choose_hidden(System([1, 30, 1, 20], cells, (), limits)).exposed == [2]


def test_what_was_never_printed_may_be_0() -> None:
    values = (3, 2)
    cells = [Cell((n,), value, State.UNPRINTED) for n, value in enumerate(values)]
    system = System(values, [*cells, Cell((0, 1), 5)])
    assert choose_hidden(system).exposed == []
    hidden = [Cell((n,), value, State.HIDDEN) for n, value in enumerate(values)]
    assert choose_hidden(System(values, [*hidden, Cell((0, 1), 5, State.SHOWN)])).exposed == [1, 0]
