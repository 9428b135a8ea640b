"""A hard district: its records, who they are, and who is meant to be mistaken for whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from examples.hard.look_alikes import plant_look_alikes
from examples.hard.people import Human, make_humans
from examples.hard.phenomena import ALL_PHENOMENA, Phenomena
from examples.hard.records import HardRecord, record_humans

# Two records by their place in the district, the smaller first.
Pair = tuple[int, int]


@dataclass(frozen=True)
class HardDistrict:
    """``records`` are in the order of source and key."""

    humans: Sequence[Human]
    records: Sequence[HardRecord]

    def list_true_pairs(self, *, within_source: bool = False) -> set[Pair]:
        """The pairs of records of one human being, of two systems or of one."""
        groups = self._group_by_human().values()
        pairs = (pair for rows in groups for pair in combinations(rows, 2))
        return {pair for pair in pairs if self._is_within_source(pair) is within_source}

    def _is_within_source(self, pair: Pair) -> bool:
        one, other = (self.records[row] for row in pair)
        return one.source == other.source

    def list_look_alikes(self) -> set[Pair]:
        """The pairs of records of two human beings who were made to resemble each other."""
        return set(self._pair_look_alikes())

    def _pair_look_alikes(self) -> Iterator[Pair]:
        rows = self._group_by_human()
        for human in self.humans:
            if human.double is not None and human.number < human.double:
                for a in rows[human.number]:
                    yield from ((min(a, b), max(a, b)) for b in rows[human.double])

    def _group_by_human(self) -> dict[int, list[int]]:
        rows: dict[int, list[int]] = defaultdict(list)
        for row, record in enumerate(self.records):
            rows[record.human].append(row)
        return rows


def make_district(seed: int, persons: int, phenomena: Phenomena = ALL_PHENOMENA) -> HardDistrict:
    """The district of a seed; the same arguments give the same district."""
    rng = Random(seed)
    humans = make_humans(rng, persons)
    plant_look_alikes(rng, humans, phenomena.look_alikes)
    return HardDistrict(humans, record_humans(rng, humans, phenomena))
