"""Chooses which cells of public tables stay hidden, so that no small count can be computed.

All tables, also those published before, are one system: every number is a sum of atoms, the
smallest counts there are, published or not. A number that is shown is an equation that everybody
knows; that a part is no larger than its whole, and that a hidden number is not 0, are inequalities.
A small count is protected if some other table that fits all of them has at least ``THRESHOLD`` in
its place. Such a table is found by a linear program that pays for what it changes:
what it changes has to be hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np

from warehouse.gates.quiet_solver import open_solver

THRESHOLD = 5
NOTHING: frozenset[int] = frozenset()
_INFINITE = float("inf")


class State(StrEnum):
    """What is decided of a cell already."""

    OPEN = "open"
    """Part of the new tables: to be shown or hidden."""
    SHOWN = "shown"
    """Published before: known to everybody."""
    HIDDEN = "hidden"
    """Hidden before: known not to be 0, since a 0 is shown."""
    UNPRINTED = "unprinted"
    """Never part of a table."""


@dataclass(frozen=True)
class Cell:
    """A number that is the sum of its atoms, whose true value is ``value``."""

    atoms: tuple[int, ...]
    value: int
    state: State = State.OPEN

    @property
    def is_small(self) -> bool:
        """Whether nobody may learn it: a zero names nobody."""
        return 0 < self.value < THRESHOLD

    @property
    def most_less(self) -> float:
        """By how much less it may be than it is: a number of a table that is not 0 is not 0."""
        is_printed = self.state is not State.UNPRINTED
        return self.value - 1 if is_printed and self.value > 0 else _INFINITE


@dataclass(frozen=True)
class Limit:
    """What everybody knows of atoms, by factor: they add up to ``most`` or less."""

    factors: Mapping[int, int]
    most: int


@dataclass(frozen=True)
class System:
    """Atoms with their true values, cells, and sums of atoms that everybody knows.

    A link maps atoms to factors; what it gives for the true values is known. The true values keep
    to the ``limits``. ``wholes``: atom → the one that counts all that it counts, and more.
    """

    atoms: Sequence[int]
    cells: Sequence[Cell]
    links: Sequence[Mapping[int, int]] = ()
    limits: Sequence[Limit] = ()
    wholes: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def targets(self) -> list[int]:
        """The small cells that must stay unknown, the smallest first."""
        small = (n for n, c in enumerate(self.cells) if c.is_small and c.state is not State.SHOWN)
        return sorted(small, key=lambda n: (self.cells[n].value, n))

    def is_within(self, part: int, whole: int) -> bool:
        """Whether a cell counts nothing that another one does not count too."""
        counted = {atom for atom in self.cells[whole].atoms if self.atoms[atom]}
        parts = (atom for atom in self.cells[part].atoms if self.atoms[atom])
        return all(not counted.isdisjoint(self._list_wholes(atom)) for atom in parts)

    def _list_wholes(self, atom: int) -> Iterator[int]:
        yield atom
        while atom in self.wholes:
            atom = self.wholes[atom]
            yield atom

    def list_slacks(self) -> Iterator[tuple[Mapping[int, int], float]]:
        """The factors of each limit, and by how much more its sum may be than it is."""
        for limit in self.limits:
            now = sum(factor * self.atoms[atom] for atom, factor in limit.factors.items())
            yield limit.factors, float(limit.most - now)

    def is_candidate(self, cell: int) -> bool:
        """Whether the cell may be shown or hidden; zeros of the new tables are always shown."""
        one = self.cells[cell]
        return one.state is State.OPEN and one.value > 0


@dataclass(frozen=True)
class Pattern:
    """The cells of the new tables to hide.

    ``primary`` are small themselves, ``secondary`` protect others. ``exposed``: small cells that
    no pattern can protect, because of what was published before.
    """

    primary: frozenset[int]
    secondary: frozenset[int]
    exposed: Sequence[int] = ()

    @property
    def hidden(self) -> frozenset[int]:
        """All cells to hide."""
        return self.primary | self.secondary


# A small cell, and the cell of somebody who is alone there and so knows it (None: nobody).
Question = tuple[int, int | None]


def choose_hidden(system: System) -> Pattern:
    """The pattern that sequential linear programs find, without what turns out to be needless."""
    choice = _Choice(system)
    for target in system.targets:
        choice.protect(target)
    for target in system.targets:
        for _, insider in choice.list_insiders(target, choice.changed.get((target, None), NOTHING)):
            choice.protect(target, insider)
    choice.restore_needless()
    primary = frozenset(n for n in system.targets if system.is_candidate(n))
    return Pattern(primary, frozenset(choice.hidden - primary), choice.exposed)


def find_unanswered(system: System, hidden: frozenset[int]) -> list[Question]:
    """The questions that a pattern does not answer: no other table changes hidden cells only."""
    choice = _Choice(system)
    choice.hide(hidden)
    choice.forbid_shown()
    unanswered: list[Question] = []
    for target in system.targets:
        changed = choice.program.find_other_table(target, None)
        if changed is None:
            unanswered.append((target, None))
            continue
        for question in choice.list_insiders(target, changed):
            if choice.program.find_other_table(*question) is None:
                unanswered.append(question)
    return unanswered


@dataclass
class _Choice:
    """The cells hidden so far, and for each question the cells that its other table changes."""

    system: System
    hidden: set[int] = field(default_factory=set)
    changed: dict[Question, frozenset[int]] = field(default_factory=dict)
    exposed: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.program = _Program(self.system)
        cells = self.system.cells
        self.alone = [n for n in self.system.targets if cells[n].value == 1]
        for target in self.system.targets:
            self.hide([target])

    def hide(self, cells: Iterable[int]) -> None:
        for cell in cells:
            if self.system.is_candidate(cell) and cell not in self.hidden:
                self.hidden.add(cell)
                self.program.set_cost(cell, 0)

    def protect(self, target: int, insider: int | None = None) -> None:
        """Hides what has to be hidden so that the target may be large."""
        changed = self.program.find_other_table(target, insider)
        if changed is None:
            self.exposed += [target] if target not in self.exposed else []
            return
        self.changed[target, insider] = changed
        self.hide(changed)

    def list_insiders(self, target: int, changed: frozenset[int]) -> list[Question]:
        """Questions of those who are alone in a cell that an other table of the target changes.

        Nobody is an insider of oneself: who is alone in a cell that has all that the target counts
        is whom it counts.
        """
        return [
            (target, insider)
            for insider in self.alone
            if insider in changed and not self.system.is_within(target, insider)
        ]

    def forbid_shown(self) -> None:
        """Lets other tables change hidden cells only."""
        for cell in range(len(self.system.cells)):
            if self.system.is_candidate(cell) and cell not in self.hidden:
                self.program.forbid(cell)

    def restore_needless(self) -> None:
        """Shows secondary cells again, the largest first, while every question has its answer."""
        self.forbid_shown()
        secondary = self.hidden - set(self.system.targets)
        for cell in sorted(secondary, key=lambda n: (-self.system.cells[n].value, n)):
            self.program.forbid(cell)
            answers = self.answer_without(cell)
            if answers is None:
                self.program.allow(cell)
            else:
                self.hidden.remove(cell)
                self.changed |= answers

    def answer_without(self, cell: int) -> dict[Question, frozenset[int]] | None:
        """Other tables for all questions whose present one changes a cell; None if one has none.

        An other table may bring new insiders, who have their own questions.
        """
        found: dict[Question, frozenset[int]] = {}
        waiting = [question for question, changed in self.changed.items() if cell in changed]
        while waiting:
            target, insider = waiting.pop()
            other = self.program.find_other_table(target, insider)
            if other is None:
                return None
            found[target, insider] = other
            if insider is None:
                known = self.changed.keys() | found.keys() | set(waiting)
                waiting += [q for q in self.list_insiders(target, other) if q not in known]
        return found


class _Program:
    """The linear program: a column for the change of each atom, two for that of each cell."""

    def __init__(self, system: System) -> None:
        import highspy

        self._highs = highspy
        self.system = system
        self.model = open_solver()
        self._add_columns()
        self._add_rows()

    def _add_columns(self) -> None:
        atoms, cells = self.system.atoms, self.system.cells
        lowest = np.concatenate([-np.array(atoms, dtype=float), np.zeros(2 * len(cells))])
        highest = np.full(len(lowest), _INFINITE)
        for number, cell in enumerate(cells):
            is_free = cell.state in (State.HIDDEN, State.UNPRINTED)
            if not (self.system.is_candidate(number) or is_free):
                highest[self._up(number)] = highest[self._down(number)] = 0
            else:
                highest[self._down(number)] = cell.most_less
        _check(self._highs, self.model.addVars(len(lowest), lowest, highest))

    def _add_rows(self) -> None:
        people = 1 + sum(self.system.atoms)
        for number, cell in enumerate(self.system.cells):
            columns = [*cell.atoms, self._up(number), self._down(number)]
            self._add_row(columns, [*[1.0] * len(cell.atoms), -1.0, 1.0])
            if self.system.is_candidate(number):
                # Fewer cells first, then fewer people.
                self.set_cost(number, 1 + cell.value / people)
        for link in self.system.links:
            self._add_row(list(link), [float(factor) for factor in link.values()])
        for factors, slack in self.system.list_slacks():
            self._add_row(list(factors), list(map(float, factors.values())), (-_INFINITE, slack))

    def _up(self, cell: int) -> int:
        return len(self.system.atoms) + 2 * cell

    def _down(self, cell: int) -> int:
        return self._up(cell) + 1

    def _add_row(
        self,
        columns: Sequence[int],
        factors: Sequence[float],
        limits: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        status = self.model.addRow(*limits, len(columns), np.array(columns), np.array(factors))
        _check(self._highs, status)

    def set_cost(self, cell: int, cost: float) -> None:
        """Sets what it costs to change a cell by one."""
        for column in (self._up(cell), self._down(cell)):
            _check(self._highs, self.model.changeColCost(column, cost))

    def forbid(self, cell: int) -> None:
        """Lets no other table change a cell: it is shown."""
        self._bound(cell, 0.0, 0.0)

    def allow(self, cell: int) -> None:
        """Lets other tables change a cell."""
        self._bound(cell, 0.0, _INFINITE)

    def _bound(self, cell: int, least: float, most: float) -> None:
        _check(self._highs, self.model.changeColBounds(self._up(cell), least, most))
        most_down = min(most, self.system.cells[cell].most_less) if least == 0 else 0.0
        _check(self._highs, self.model.changeColBounds(self._down(cell), 0.0, most_down))

    def find_other_table(self, target: int, insider: int | None) -> frozenset[int] | None:
        """The cells that the cheapest other table changes in which the target is not small.

        None if there is no such table. ``insider``: a cell that must keep its value.
        """
        self._bound(target, float(THRESHOLD - self.system.cells[target].value), _INFINITE)
        if insider is not None:
            self.forbid(insider)
        changes = self._solve()
        if changes is not None and not _is_whole(changes):
            changes = self._solve_whole()
        self.allow(target)
        if insider is not None:
            self.allow(insider)
        if changes is None:
            return None
        return frozenset(
            number
            for number, cell in enumerate(self.system.cells)
            if abs(sum(changes[atom] for atom in cell.atoms)) > 0.5
        )

    def _solve(self) -> np.ndarray | None:
        _check(self._highs, self.model.run())
        status = self.model.getModelStatus()
        if status == self._highs.HighsModelStatus.kOptimal:
            values = np.array(self.model.getSolution().col_value)
            found: np.ndarray = values[: len(self.system.atoms)]
            return found
        if status in (
            self._highs.HighsModelStatus.kInfeasible,
            self._highs.HighsModelStatus.kUnboundedOrInfeasible,
        ):
            return None
        raise RuntimeError(f"the linear program ended as {self.model.modelStatusToString(status)}")

    def _solve_whole(self) -> np.ndarray | None:
        """The same in whole numbers: counts have no fractions, and nobody believes any."""
        atoms = np.arange(len(self.system.atoms), dtype=np.int32)
        for kind in (self._highs.HighsVarType.kInteger, self._highs.HighsVarType.kContinuous):
            kinds = np.array([kind] * len(atoms))
            if kind == self._highs.HighsVarType.kContinuous:
                found = self._solve()
            _check(self._highs, self.model.changeColsIntegrality(len(atoms), atoms, kinds))
        return found


def _is_whole(values: np.ndarray) -> bool:
    return bool((np.abs(values - np.round(values)) < 1e-6).all())


def _check(highspy: Any, status: Any) -> None:
    if status == highspy.HighsStatus.kError:
        raise RuntimeError("the solver refused a call")
