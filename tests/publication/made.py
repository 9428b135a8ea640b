"""Generated tables with totals in all directions, and an attacker who tries every table there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from random import Random

from warehouse.gates.suppression import THRESHOLD, Cell, Pattern, State, System
from warehouse.gates.suppression_audit import Known, Secret

Shape = tuple[int, ...]


def random_values(shape: Shape, random: Random, most: int = 12) -> list[int]:
    """Counts as in small towns: many zeros and small ones."""
    size = 1
    for length in shape:
        size *= length
    return [
        random.choice((0, 0, 1, 2, 3, 4, random.randint(5, most), random.randint(0, most)))
        for _ in range(size)
    ]


def table_cells(shape: Shape, values: Sequence[int]) -> list[Cell]:
    """All inner cells and all totals of a table, each once."""
    cells = []
    for place in product(*(range(-1, length) for length in shape)):
        atoms = tuple(
            number
            for number, at in enumerate(product(*(range(length) for length in shape)))
            if all(p in (-1, a) for p, a in zip(place, at, strict=True))
        )
        cells.append(Cell(atoms, sum(values[a] for a in atoms)))
    return cells


def made_system(shape: Shape, seed: int) -> System:
    random = Random(seed)
    values = random_values(shape, random)
    return System(values, table_cells(shape, values))


def known_cells(system: System, pattern: Pattern) -> list[Known]:
    """What everybody knows once the tables are out."""
    shown = [
        cell
        for number, cell in enumerate(system.cells)
        if cell.state is State.SHOWN or (cell.state is State.OPEN and number not in pattern.hidden)
    ]
    found = [Known(dict.fromkeys(cell.atoms, 1), cell.value) for cell in shown]
    for link in system.links:
        found.append(Known(link, sum(f * system.atoms[a] for a, f in link.items())))
    found += [Known(limit.factors, limit.most, is_limit=True) for limit in system.limits]
    signs = (c for n, c in enumerate(system.cells) if is_sign(c, hidden=n in pattern.hidden))
    return [*found, *(Known(dict.fromkeys(c.atoms, -1), -1, is_limit=True) for c in signs)]


def is_sign(cell: Cell, *, hidden: bool) -> bool:
    """Whether a sign stands in the place of the cell, which tells that it is not 0."""
    return cell.state is State.HIDDEN or (cell.state is State.OPEN and hidden)


def secrets(system: System) -> list[Secret]:
    return [Secret(n, frozenset(system.cells[n].atoms)) for n in system.targets]


def every_table(known: Sequence[Known], atoms: int, most: int) -> Iterator[tuple[int, ...]]:
    """All tables of counts up to ``most`` that fit, by trying."""
    for table in product(range(most + 1), repeat=atoms):
        if all(one.fits(dict(enumerate(table))) for one in known):
            yield table


def provably_small(known: Sequence[Known], system: System, most: int) -> list[int]:
    """The small cells that are small in every table that fits."""
    highest = dict.fromkeys(system.targets, 0)
    for table in every_table(known, len(system.atoms), most):
        for n in highest:
            highest[n] = max(highest[n], sum(table[a] for a in system.cells[n].atoms))
    return [n for n in system.targets if highest[n] < THRESHOLD]
