"""What is hidden cannot be computed: the pattern against an audit of its own, and the audit against every table there is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.publication.made import (
    Shape,
    known_cells,
    made_system,
    provably_small,
    secrets,
    table_cells,
)
from warehouse.gates.suppression import Cell, Pattern, State, System, choose_hidden
from warehouse.gates.suppression_audit import Known, Secret, find_exposed

pytestmark = pytest.mark.thorough

SHAPES: list[Shape] = [(3,), (2, 2), (3, 3), (2, 5), (4, 6), (2, 2, 2), (3, 4, 2), (2, 2, 2, 2)]


def one_table(shape: Shape, values: list[int]) -> System:
    return System(values, table_cells(shape, values))


def check_pattern(system: System) -> Pattern:
    """The pattern of the system, which must leave nothing exposed."""
    pattern = choose_hidden(system)
    known = known_cells(system, pattern)
    assert pattern.exposed == []
    assert find_exposed(known, secrets(system)) == []
    for insider in (n for n in system.targets if system.cells[n].value == 1):
        own = Known(dict.fromkeys(system.cells[insider].atoms, 1), 1)
        others = [s for s in secrets(system) if not is_same_person(system, s, insider)]
        assert find_exposed([*known, own], others) == []
    hidden_zero = [n for n in pattern.hidden if system.cells[n].value == 0]
    assert hidden_zero == []
    return pattern


def is_same_person(system: System, secret: Secret, insider: int) -> bool:
    """Whether the one who is alone in a cell is all that a secret counts."""
    counted = {atom for atom in secret.atoms if system.atoms[atom]}
    return counted <= set(system.cells[insider].atoms)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("seed", range(6))
def test_nothing_small_can_be_computed(shape: Shape, seed: int) -> None:
    check_pattern(made_system(shape, seed))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(50))
def test_nothing_small_can_be_computed_in_5000_tables(part: int) -> None:
    for seed in range(100 * part, 100 * part + 100):
        check_pattern(made_system(SHAPES[seed % len(SHAPES)], 10_000 + seed))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_the_audit_says_what_trying_every_table_says(data: st.DataObject) -> None:
    shape = data.draw(st.sampled_from([(2, 2), (4,), (3,)]))
    values = [data.draw(st.integers(0, 6)) for _ in table_cells(shape, [0] * 9)[0].atoms]
    system = one_table(shape, values)
    candidates = [n for n, cell in enumerate(system.cells) if cell.value]
    hidden = (
        frozenset(data.draw(st.sets(st.sampled_from(candidates)))) if candidates else frozenset()
    )
    primary = frozenset(n for n in candidates if system.cells[n].is_small)
    known = known_cells(system, Pattern(primary, hidden))
    assert find_exposed(known, secrets(system)) == provably_small(known, system, most=11)


def test_hiding_small_cells_alone_protects_nothing() -> None:
    system = made_system((6, 5, 3), 1)
    pattern = choose_hidden(system)
    alone = Pattern(pattern.primary, frozenset())
    exposed = find_exposed(known_cells(system, alone), secrets(system))
    assert len(exposed) > len(pattern.primary) // 2 and pattern.secondary


CASES = {
    # A single small cell in its row and column: a rectangle has to go with it.
    "rectangle": ((3, 3), [1, 20, 30, 40, 50, 60, 70, 80, 90], 4),
    # Two small cells in a row add up to less than 5: hiding just them shows both are small.
    "pair that stays small": ((2, 3), [1, 1, 20, 30, 40, 50], None),
    # Nothing but one small cell: all its totals are small, and zeros are shown.
    "alone among zeros": ((2, 2), [3, 0, 0, 0], 4),
    "no small cell": ((2, 2), [5, 0, 9, 7], 0),
    # Both of a row are alone: each would know the other from a shown total.
    "two insiders": ((2, 2), [1, 1, 30, 40], None),
    # After sdcTools/UserSupport 135: three who are alone, of whom two know the third.
    "three insiders": ((2, 5), [1, 1, 7, 1, 0, 1, 0, 0, 2, 8], None),
    # After sdcTools/UserSupport 160: what is hidden beside small ones must be large enough.
    "small ones among themselves": ((5,), [1, 2, 1, 60, 2], None),
}


def test_linked_hierarchies() -> None:
    """After sdcTools/UserSupport 136: regions by county and by size; each protected alone leaks."""
    counts = [2, 2, 8, 8, 3, 3, 3, 7]
    groups = [[n] for n in range(8)] + [[0, 1, 2, 3], [4, 5, 6, 7], [5, 6], [0, 1, 2, 3, 4, 7]]
    groups.append(list(range(8)))
    cells = [Cell(tuple(group), sum(counts[n] for n in group)) for group in groups]
    pattern = check_pattern(System(counts, cells))
    assert pattern.primary == {0, 1, 4, 5, 6} and pattern.secondary


@pytest.mark.parametrize("name", CASES)
def test_known_hard_tables(name: str) -> None:
    shape, values, hidden = CASES[name]
    pattern = check_pattern(one_table(shape, values))
    assert hidden is None or len(pattern.hidden) == hidden


def test_no_secondary_cell_is_needless() -> None:
    for seed in range(5):
        system = made_system((4, 4), seed)
        pattern = choose_hidden(system)
        for cell in pattern.secondary:
            fewer = Pattern(pattern.primary, pattern.secondary - {cell})
            known = known_cells(system, fewer)
            alone = [n for n in system.targets if system.cells[n].value == 1]
            seen = [
                find_exposed(
                    [*known, Known(dict.fromkeys(system.cells[i].atoms, 1), 1)],
                    [s for s in secrets(system) if not is_same_person(system, s, i)],
                )
                for i in alone
            ]
            assert find_exposed(known, secrets(system)) or any(seen)


def half_year_and_year() -> tuple[System, list[int]]:
    """Counts of a half year that is out, and of the year: atoms are those of both halves."""
    first, second = [6, 7, 8, 9], [2, 9, 30, 1]
    cells = [Cell((n,), value, State.SHOWN) for n, value in enumerate(first)]
    cells += [Cell((n + 4,), value, State.UNPRINTED) for n, value in enumerate(second)]
    cells += [Cell((n, n + 4), first[n] + second[n]) for n in range(4)]
    cells.append(Cell(tuple(range(8)), sum(first) + sum(second)))
    return System(first + second, cells), [8, 11]


def test_what_was_published_before_counts() -> None:
    system, small = half_year_and_year()
    alone = System(system.atoms, [c for c in system.cells if c.state is State.OPEN])
    assert choose_hidden(alone).hidden == frozenset()
    pattern = check_pattern(system)
    # The year of a category gives its second half away.
    assert set(small) <= pattern.hidden


def test_what_is_out_cannot_be_taken_back() -> None:
    cells = [
        Cell((0,), 3, State.HIDDEN),
        Cell((1,), 20, State.SHOWN),
        Cell((0, 1), 23, State.SHOWN),
    ]
    assert choose_hidden(System([3, 20], cells)).exposed == [0]


def test_links_between_tables_are_known_to_everybody() -> None:
    # Men and women, and Syria and others, are the same people.
    atoms = [3, 40, 9, 34]
    cells = [Cell((n,), value) for n, value in enumerate(atoms)]
    linked = System(atoms, cells, [{0: 1, 1: 1, 2: -1, 3: -1}])
    assert len(choose_hidden(linked).hidden) > len(choose_hidden(System(atoms, cells)).hidden) == 1
    check_pattern(linked)


def test_the_same_tables_give_the_same_pattern() -> None:
    first, second = (choose_hidden(made_system((5, 5, 2), 3)) for _ in range(2))
    assert first == second


def test_people_of_two_units_make_the_sum_larger_than_the_whole() -> None:
    # One person counts in both towns: 3 and 9 are 11 people, and everybody is taken to know that.
    towns = System([3, 9], [Cell((0,), 3), Cell((1,), 9), Cell((0, 1), 11)])
    pattern = choose_hidden(towns)
    assert pattern.primary == {0} and len(pattern.secondary) == 1
    secret = [Secret(0, frozenset({0}))]
    assert find_exposed([Known({0: 1, 1: 1}, 12), Known({1: 1}, 9)], secret) == [0]
    assert find_exposed([Known({0: 1, 1: 1}, 12)], secret) == []
    # Two and two are three people: the whole is small, and may be large from a sum of 6 on.
    whole = Secret(2, frozenset({0, 1}), surplus=1)
    assert find_exposed([Known({0: 1, 1: 1}, 5)], [whole]) == [2]
    assert find_exposed([Known({0: 1, 1: 1}, 6)], [whole]) == []
