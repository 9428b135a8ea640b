"""What everybody knows of published counts beside their sums: what is part of what, and ranks.

Each is an upper limit of a sum of atoms. Where the true counts exceed it (the sources contradict
each other, or were corrected since), by how much counts as known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipelines.publication.atoms import Atom, Spans, list_atoms
from pipelines.publication.layouts import NOWHERE
from pipelines.publication.ledger import PrintedCell
from warehouse.gates.suppression import THRESHOLD

# What counts some of the things that the other indicator counts, in every unit and time. Parts that
# add up to their whole (find_whole) are not here: they are equations.
PART_OF = {
    "topics": "conversations",
    "referrals": "conversations",
    "persons_reached": "records_reached",
    "clients": "client_records",
}
# Atoms by factor, and what they add up to at most.
Bound = tuple[dict[Atom, int], int]


@dataclass(frozen=True)
class Ranking:
    """Cells printed together, of which the ``top`` most frequent categories had columns.

    ``by_size``: the columns stood in the order of their size.
    """

    cells: Sequence[PrintedCell]
    top: int | None
    by_size: bool


def bound_parts(atoms: Iterable[Atom]) -> Iterator[Bound]:
    """A part is no larger than its whole, in every unit and time."""
    for atom in atoms:
        indicator, _, place, first, last = atom
        whole = PART_OF.get(indicator)
        if whole:
            yield {atom: 1, (whole, None, place, first, last): -1}, 0


@dataclass(frozen=True)
class PrintedLimits:
    """Limits of printed cells, where units or times overlap and sums of atoms exceed them."""

    spans: Spans
    count: Callable[[Atom], int]

    def bound_cells(self, printed: Sequence[PrintedCell]) -> Iterator[Bound]:
        """A printed part is no larger than its whole, if that is printed too."""
        wholes = {(c.indicator, c.places, c.first, c.last): c for c in reversed(printed)}
        for cell in printed:
            name = PART_OF.get(cell.indicator, "")
            whole = wholes.get((name, cell.places, cell.first, cell.last))
            if whole and len(cell.categories or ("",)) == 1:
                most = self._find_surplus(cell) - self._find_surplus(whole)
                # Otherwise it follows from the atoms.
                if most < 0:
                    yield self._compare(cell, whole), most

    def bound_all_ranks(self, rankings: Iterable[Ranking]) -> Iterator[Bound]:
        """The ranks of everything that was printed together."""
        for ranking in rankings:
            yield from self.bound_ranks(ranking)

    def bound_ranks(self, ranking: Ranking) -> Iterator[Bound]:
        """No category under "weitere" is more frequent than one that has a column."""
        rows: dict[tuple[str, str | None, str], list[PrintedCell]] = {}
        for cell in ranking.cells:
            if NOWHERE in cell.places and cell.categories:
                rows.setdefault((cell.indicator, cell.first, cell.last), []).append(cell)
        for row in rows.values():
            for others in (cell for cell in row if len(cell.categories or ()) > 1):
                heads = [cell for cell in row if cell != others]
                yield from self._bound_others(others, heads, ranking.top)
                if ranking.by_size:
                    yield from (self._rank(second, first) for first, second in pairwise(heads))

    def _bound_others(
        self, others: PrintedCell, heads: Sequence[PrintedCell], top: int | None
    ) -> Iterator[Bound]:
        for code in others.categories or ():
            # How many count in several places is not printed: the sum of places is the limit.
            alone = replace(others, categories=(code,))
            alone = replace(alone, value=self._sum(alone))
            yield from (self._rank(alone, head) for head in heads)
            if top is not None and len(heads) < top:
                yield dict.fromkeys(list_atoms(alone, self.spans), 1), THRESHOLD

    def _rank(self, lower: PrintedCell, higher: PrintedCell) -> Bound:
        """The lower one is no larger; of equal ones, the code that comes first is the higher."""
        is_less = (lower.categories or ()) < (higher.categories or ())
        surplus = self._find_surplus(lower) - self._find_surplus(higher)
        return self._compare(lower, higher), surplus - int(is_less)

    def _compare(self, lower: PrintedCell, higher: PrintedCell) -> dict[Atom, int]:
        plus = dict.fromkeys(list_atoms(lower, self.spans), 1)
        return plus | dict.fromkeys(list_atoms(higher, self.spans), -1)

    def _find_surplus(self, cell: PrintedCell) -> int:
        """By how much the atoms exceed the printed number."""
        return self._sum(cell) - cell.value

    def _sum(self, cell: PrintedCell) -> int:
        return sum(map(self.count, list_atoms(cell, self.spans)))
