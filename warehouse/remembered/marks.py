"""One mark per key over all rows that bear it, in their order: what two deliveries of a table have in common. Files stand in cache.py."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from warehouse.remembered.file_order import FileOrder, Hashes, Places

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]
_STEP = np.uint64(0x9E3779B97F4A7C15)
_ONE, _TWO = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


@dataclass(frozen=True)
class Marks:
    """The keys of a table in order of their hash, each once.

    ``marks`` change with any row of the key, with their number and their order. ``watched`` keys had a finding or rows that
    contradict each other, and are looked at again every time. ``order`` tells the rows one by one.
    """

    keys: pa.StringArray
    hashes: Hashes
    marks: Hashes
    rows: np.ndarray[tuple[int], np.dtype[np.int64]]
    watched: Mask
    order: FileOrder

    @cached_property
    def single(self) -> bool:
        """True where no key stands in two rows."""
        return len(self.rows) == 0 or int(self.rows.max()) == 1

    def plainly_here(self, key_hashes: Hashes, row_hashes: Hashes) -> Mask:
        """Which of these rows were here before, as the only row of their key and with nothing to be said of them."""
        if not len(self.hashes):
            return np.zeros(len(key_hashes), dtype=bool)
        order = np.argsort(key_hashes)
        at = np.empty(len(key_hashes), dtype=np.int64)
        # Looked up in order, neighbours share the processor's cache.
        at[order] = np.minimum(np.searchsorted(self.hashes, key_hashes[order]), len(self.hashes) - 1)
        same = (self.hashes[at] == key_hashes) & (self.marks[at] == _mixed(row_hashes))
        return np.asarray(same & (self.rows[at] == 1) & ~self.watched[at])

    def places(self, hashes: Hashes) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Mask]:
        """Where these sorted hashes stand here, and which of them do at all."""
        if not len(self.hashes):
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), dtype=bool)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return at, self.hashes[at] == hashes

    def at(self, hashes: Hashes) -> Places:
        """Where keys of these hashes stand here, -1 for those that do not."""
        order = np.argsort(hashes)
        at, known = self.places(hashes[order])
        found = np.empty(len(hashes), dtype=np.int64)
        found[order] = np.where(known, at, -1)
        return found

    def renewed(self, at: Places, row_hashes: Hashes) -> Marks | None:
        """The marks of a table with the same keys, from the rows in their order: the keys they bear, their hashes.

        None where the keys are not the same, each in one row: only then they need not be put in order.
        """
        alike = len(at) == len(self.hashes) and (not len(at) or int(at.min()) >= 0)
        if not alike or (np.bincount(at, minlength=len(at)) != 1).any():
            return None
        marks = np.empty(len(at), dtype=np.uint64)
        marks[at] = _mixed(row_hashes)
        none, ones = np.zeros(len(at), dtype=bool), np.ones(len(at), dtype=np.int64)
        return Marks(self.keys, self.hashes, marks, ones, none, FileOrder(row_hashes, at.astype(np.int32)))

    def watching(self, hashes: Hashes) -> Marks:
        """The same, with the keys of these hashes watched, too."""
        return replace(self, watched=self.watched | np.isin(self.hashes, hashes))

    def follow(self, lines: Hashes, place: int) -> tuple[Places, int]:
        """Of each of these lines the key it bears (its place here), if it is a row as it was and the only one of its key; else -1.

        ``place``: where in the file's order the first of them is looked for; returned is that for the line after them.
        """
        rows, place = self.order.follow(lines, place)
        at = np.where(rows < 0, -1, self.order.keys[rows]) if len(self.order.keys) else rows
        plain = (at >= 0) & (self.rows[at] == 1) & ~self.watched[at] if len(self.rows) else at >= 0
        return np.where(plain, at, -1), place


def marks_of(keys: pa.StringArray, key_hashes: Hashes, row_hashes: Hashes, watched: Mask) -> Marks:
    """The marks of a table from its rows in their order; ``watched`` are rows with findings."""
    order = np.argsort(key_hashes, kind="stable")
    ordered = key_hashes[order]
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(first)
    rows = np.diff(np.append(starts, len(ordered)))
    at_key = np.empty(len(ordered), dtype=np.int32)
    at_key[order] = np.cumsum(first) - 1
    in_file = FileOrder(row_hashes, at_key)
    place = np.arange(len(ordered)) - np.repeat(starts, rows)
    with np.errstate(over="ignore"):
        mixed = _mixed(row_hashes[order] + place.astype(np.uint64) * _STEP)
    if not len(starts):
        return Marks(keys, ordered, mixed, rows, watched, in_file)
    marks = mixed if len(starts) == len(mixed) else np.add.reduceat(mixed, starts)
    some = np.logical_or.reduceat(watched[order], starts)
    return Marks(keys.take(pa.array(order[starts])), ordered[starts], marks, rows, some, in_file)


def touched(old: Marks, new: Marks) -> tuple[Mask, Mask]:
    """Which keys of ``new`` have to be looked at, and which of ``old`` have vanished."""
    at, known = old.places(new.hashes)
    same = known.copy()
    same[known] &= (old.marks[at[known]] == new.marks[known]) & ~old.watched[at[known]]
    _, still = new.places(old.hashes)
    return ~same, ~still


def _mixed(hashes: Hashes) -> Hashes:
    # Sums of what is not mixed would be equal for rows that have changed places.
    with np.errstate(over="ignore"):
        mixed = (hashes ^ (hashes >> np.uint64(30))) * _ONE
        mixed = (mixed ^ (mixed >> np.uint64(27))) * _TWO
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
