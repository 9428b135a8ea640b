"""Checks published tables as somebody would who wants to know what is hidden in them.

It shares no code with the choice of the pattern: it gets what is printed, adds and subtracts, and
asks for every hidden small count whether a table of whole numbers exists in which it is not small.
A table that is found is checked by adding it up.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from warehouse.gates.quiet_solver import open_solver

LEAST_POSSIBLE = 5


@dataclass(frozen=True)
class Known:
    """What everybody knows: these atoms, by factor, add up to ``total``.

    ``is_limit``: to no more than it.
    """

    factors: Mapping[int, int]
    total: int
    is_limit: bool = False

    def fits(self, values: Mapping[int, int]) -> bool:
        """Whether values of the atoms agree with it."""
        found = sum(factor * values[atom] for atom, factor in self.factors.items())
        return found <= self.total if self.is_limit else found == self.total


@dataclass(frozen=True)
class Secret:
    """A number that must possibly be large: a sum of atoms less ``surplus``, which is known."""

    name: int
    atoms: frozenset[int]
    surplus: int = 0


def find_exposed(
    known: Sequence[Known], secrets: Sequence[Secret], *, exact: bool = True
) -> list[int]:
    """The names of the secrets that are provably small.

    ``exact``: in whole numbers; without it by linear programs, which find fewer of them.
    """
    zeros = _find_zeros(known)
    equations = [
        replace(one, factors={a: f for a, f in one.factors.items() if a not in zeros})
        for one in known
    ]
    parts = _Parts([one for one in equations if one.factors])
    return [
        secret.name
        for secret in secrets
        if not _may_be_large(
            parts, secret.atoms - zeros, LEAST_POSSIBLE + secret.surplus, exact=exact
        )
    ]


def _find_zeros(known: Sequence[Known]) -> set[int]:
    """Atoms that must be zero, because a sum of them is."""
    zeros: set[int] = set()
    while True:
        found = {
            atom
            for one in known
            if one.total == 0 and all(f > 0 for a, f in one.factors.items() if a not in zeros)
            for atom in one.factors
        }
        if found <= zeros:
            return zeros
        zeros |= found


class _Parts:
    """Equations by the atoms that hang together through them."""

    def __init__(self, equations: Sequence[Known]) -> None:
        self.equations = equations
        self.of_atom: dict[int, list[int]] = defaultdict(list)
        for number, one in enumerate(equations):
            for atom in one.factors:
                self.of_atom[atom].append(number)

    def around(self, atoms: frozenset[int]) -> list[Known]:
        """All equations that reach these atoms, directly or through others."""
        waiting, seen, found = list(atoms), set(atoms), set()
        while waiting:
            for number in self.of_atom.get(waiting.pop(), ()):
                if number not in found:
                    found.add(number)
                    new = self.equations[number].factors.keys() - seen
                    seen |= new
                    waiting += new
        return [self.equations[number] for number in sorted(found)]


def _may_be_large(parts: _Parts, atoms: frozenset[int], least: int, *, exact: bool) -> bool:
    if any(atom not in parts.of_atom for atom in atoms):
        # Nothing is known of it.
        return True
    if not atoms:
        return False
    equations = parts.around(atoms)
    columns = {a: n for n, a in enumerate(sorted({a for e in equations for a in e.factors}))}
    table = _search_table(equations, columns, atoms, least, exact=exact)
    if table is None:
        return False
    return not exact or _adds_up(equations, columns, table, atoms, least)


def _search_table(
    equations: Sequence[Known],
    columns: Mapping[int, int],
    atoms: frozenset[int],
    least: int,
    *,
    exact: bool,
) -> list[float] | None:
    """Values of all atoms that fit the equations, those asked for as large as they must be."""
    rows = [*_number_rows(equations, columns), {columns[atom]: 1 for atom in atoms}]
    totals = [float(one.total) for one in equations]
    lowest = [-np.inf if one.is_limit else float(one.total) for one in equations]
    limits = [*lowest, float(least)], [*totals, np.inf]
    return _solve(_make_program(rows, limits, len(columns), exact=exact))


def _make_program(
    rows: Sequence[Mapping[int, int]],
    limits: tuple[Sequence[float], Sequence[float]],
    columns: int,
    *,
    exact: bool,
) -> Any:
    """Non-negative values whose sums are within the limits: the lowest ones and the highest."""
    import highspy

    program: Any = highspy.HighsLp()
    program.num_col_, program.num_row_ = columns, len(rows)
    program.col_cost_ = np.zeros(columns)
    program.col_lower_ = np.zeros(columns)
    program.col_upper_ = np.full(columns, highspy.kHighsInf)
    program.row_lower_, program.row_upper_ = (np.array(side) for side in limits)
    matrix = program.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.start_ = np.cumsum([0, *(len(row) for row in rows)])
    matrix.index_ = np.array([column for row in rows for column in row])
    matrix.value_ = np.array([float(factor) for row in rows for factor in row.values()])
    if exact:
        program.integrality_ = [highspy.HighsVarType.kInteger] * columns
    return program


def _solve(program: Any) -> list[float] | None:
    import highspy

    solver = open_solver()
    if solver.passModel(program) == highspy.HighsStatus.kError:
        raise RuntimeError("the solver does not take the equations")
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kOptimal:
        return list(solver.getSolution().col_value)
    states = highspy.HighsModelStatus
    if status in (states.kInfeasible, states.kUnboundedOrInfeasible):
        return None
    raise RuntimeError(f"the audit ended as {solver.modelStatusToString(status)}")


def _number_rows(
    equations: Sequence[Known], columns: Mapping[int, int]
) -> Iterator[dict[int, int]]:
    for one in equations:
        yield {columns[atom]: factor for atom, factor in one.factors.items()}


def _adds_up(
    equations: Sequence[Known],
    columns: Mapping[int, int],
    table: Sequence[float],
    atoms: frozenset[int],
    least: int,
) -> bool:
    """Whether the table, in whole numbers, fits: plain adding, no solver."""
    whole = {atom: round(table[column]) for atom, column in columns.items()}
    fits = all(one.fits(whole) for one in equations)
    large = sum(whole[atom] for atom in atoms) >= least
    if not (fits and large and min(whole.values()) >= 0):
        raise RuntimeError("the audit found a table that does not add up")
    return True
