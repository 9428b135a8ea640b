"""The fewest cells that must be hidden, for tables small enough to be sure of it.

One integer program holds an other table for every question that was asked so far. What it finds is
tried; questions it does not answer are added, and it is solved again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from warehouse.gates.quiet_solver import open_solver
from warehouse.gates.suppression import (
    THRESHOLD,
    Pattern,
    Question,
    State,
    System,
    find_unanswered,
)

# Beyond, the program would take minutes.
MOST_TARGETS, MOST_CANDIDATES, MOST_ROUNDS = 20, 60, 12
# Nodes instead of seconds: the same tables give the same answer on every machine.
MOST_NODES = 1_000
# By how much a cell may grow in an other table, in multiples of what the target needs.
_ROOM = 8
_INFINITE = float("inf")


@dataclass(frozen=True)
class Fewest:
    """A pattern if one with fewer cells was found; ``least``: no pattern hides fewer cells.

    Other tables in which a cell grows by more than eight times what is needed are not thought of.
    """

    least: int
    pattern: Pattern | None = None


def is_small_enough(system: System) -> bool:
    """Whether the fewest hidden cells of a system can be told."""
    candidates = sum(system.is_candidate(number) for number in range(len(system.cells)))
    return len(system.targets) <= MOST_TARGETS and candidates <= MOST_CANDIDATES


def find_fewest(system: System, found: Pattern) -> Fewest:
    """The fewest cells to hide, compared with the pattern that was ``found`` already."""
    least, questions = len(found.primary), [(target, None) for target in system.targets]
    asked: list[Question] = list(questions)
    for _ in range(MOST_ROUNDS):
        hidden, bound = _solve(system, asked, found.primary)
        least = max(least, bound)
        if hidden is None or least >= len(found.hidden):
            break
        unanswered = find_unanswered(system, hidden)
        if not unanswered:
            pattern = Pattern(found.primary, hidden - found.primary)
            return Fewest(least, pattern if len(hidden) < len(found.hidden) else None)
        new = [question for question in unanswered if question not in asked]
        if not new:
            # In fractions the table exists, in whole numbers it does not.
            break
        asked += new
    return Fewest(min(least, len(found.hidden)))


def _solve(
    system: System, asked: Sequence[Question], primary: frozenset[int]
) -> tuple[frozenset[int] | None, int]:
    """The cheapest pattern for these questions, and the number that none can be below."""
    import highspy

    cells = len(system.cells)
    is_free = [system.is_candidate(n) and n not in primary for n in range(cells)]
    model = _open_model(is_free)
    for question in asked:
        _add_question(model, system, question, is_free)
    model.run()
    info = model.getInfo()
    least = len(primary) + int(np.ceil(max(info.mip_dual_bound, 0) - 1e-6))
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None, least
    return primary | _read_chosen(model, cells), least


def _read_chosen(model: Any, cells: int) -> frozenset[int]:
    chosen = np.array(model.getSolution().col_value[:cells]) > 0.5
    return frozenset(np.flatnonzero(chosen).tolist())


def _open_model(is_free: Sequence[bool]) -> Any:
    """A program with a column for each cell: 1 if it is hidden, at the cost of one."""
    import highspy

    model = open_solver()
    for option, value in (("mip_max_nodes", MOST_NODES), ("mip_rel_gap", 0.0)):
        if model.setOptionValue(option, value) == highspy.HighsStatus.kError:
            raise RuntimeError(f"the solver does not take the option {option}")
    model.addVars(len(is_free), np.zeros(len(is_free)), np.array(is_free, dtype=float))
    for number in range(len(is_free)):
        model.changeColCost(number, 1.0)
        model.changeColIntegrality(number, highspy.HighsVarType.kInteger)
    return model


def _add_question(model: Any, system: System, question: Question, is_free: Sequence[bool]) -> None:
    """An other table in which the target is large and only hidden cells differ."""
    first = model.getNumCol()
    atoms = np.array(system.atoms, dtype=float)
    model.addVars(len(atoms), -atoms, np.full(len(atoms), _INFINITE))
    for number in range(len(system.cells)):
        columns = [first + atom for atom in system.cells[number].atoms]
        _add_cell(model, system, question, (number, columns), is_free=is_free[number])
    for link in system.links:
        columns = [first + atom for atom in link]
        factors = np.array([float(factor) for factor in link.values()])
        model.addRow(0.0, 0.0, len(columns), np.array(columns), factors)
    for limit, slack in system.list_slacks():
        columns = [first + atom for atom in limit]
        factors = np.array([float(factor) for factor in limit.values()])
        model.addRow(-_INFINITE, slack, len(columns), np.array(columns), factors)


def _add_cell(
    model: Any, system: System, question: Question, cell: tuple[int, list[int]], *, is_free: bool
) -> None:
    """By how much a cell may differ: the target much, a shown one not, a hidden one as it likes."""
    (target, insider), (number, columns) = question, cell
    need = float(THRESHOLD - system.cells[target].value)
    if number == target:
        _add_row(model, columns, (need, _INFINITE))
    elif number == insider or not (is_free or _is_unknown(system, number)):
        _add_row(model, columns, (0.0, 0.0))
    elif is_free:
        _add_row(model, [*columns, number], (-_INFINITE, 0.0), -_ROOM * need)
        _add_row(model, [*columns, number], (0.0, _INFINITE), float(system.cells[number].most_less))
    elif system.cells[number].state is not State.UNPRINTED:
        _add_row(model, columns, (-system.cells[number].most_less, _INFINITE))


def _is_unknown(system: System, cell: int) -> bool:
    """Whether a cell is hidden in any case."""
    one = system.cells[cell]
    is_before = one.state in (State.HIDDEN, State.UNPRINTED)
    return is_before or (one.state is State.OPEN and one.is_small)


def _add_row(
    model: Any, columns: Sequence[int], limits: tuple[float, float], last: float | None = None
) -> None:
    """A sum of columns within limits; ``last``: the factor of the last one, others have 1."""
    factors = np.ones(len(columns))
    if last is not None:
        factors[-1] = last
    model.addRow(*limits, len(columns), np.array(columns), factors)
