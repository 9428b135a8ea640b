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
    """The keys of a table in order of their hash, each once and each with at least one row.

    ``watched`` keys had a finding or rows that contradict each other, and are looked at again every time. ``order`` tells the rows
    one by one. What follows from these is made when asked for: in most nights nobody asks, and it is the larger part.
    """

    keys: pa.StringArray
    hashes: Hashes
    watched: Mask
    order: FileOrder

    @property
    def single(self) -> bool:
        """True where no key stands in two rows."""
        return len(self.order.keys) == len(self.hashes)

    @cached_property
    def rows(self) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """In how many rows each key stands."""
        if self.single:
            return np.broadcast_to(np.int64(1), len(self.hashes))
        return np.bincount(self.order.keys, minlength=len(self.hashes))

    @cached_property
    def marks(self) -> Hashes:
        """One for each key, another one with any of its rows, with their number and their order: of a single row, its hash."""
        if self.single:
            marks = np.empty(len(self.hashes), dtype=np.uint64)
            marks[self.order.keys] = self.order.rows
            return marks
        by_key = np.argsort(self.order.keys, kind="stable")
        starts = np.cumsum(self.rows) - self.rows
        place = np.arange(len(by_key)) - np.repeat(starts, self.rows)
        hashes = self.order.rows[by_key]
        with np.errstate(over="ignore"):
            mixed = _mixed(hashes + place.astype(np.uint64) * _STEP)
        return np.where(self.rows == 1, hashes[starts], np.add.reduceat(mixed, starts))

    def plainly_here(self, key_hashes: Hashes, row_hashes: Hashes) -> Mask:
        """Which of these rows were here before, as the only row of their key and with nothing to be said of them."""
        if not len(self.hashes):
            return np.zeros(len(key_hashes), dtype=bool)
        order = np.argsort(key_hashes)
        at = np.empty(len(key_hashes), dtype=np.int64)
        # Looked up in order, neighbours share the processor's cache.
        at[order] = np.minimum(np.searchsorted(self.hashes, key_hashes[order]), len(self.hashes) - 1)
        same = (self.hashes[at] == key_hashes) & (self.marks[at] == row_hashes)
        return np.asarray(same & (self.rows[at] == 1) & ~self.watched[at])

    def places(self, hashes: Hashes) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], Mask]:
        """Where these sorted hashes stand here, and which of them do at all."""
        if not len(self.hashes):
            return np.zeros(len(hashes), np.int64), np.zeros(len(hashes), dtype=bool)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        return at, self.hashes[at] == hashes

    def keys_at(self, places: Places) -> pa.StringArray:
        """The keys that stand at these places."""
        return self.keys.take(pa.array(places))

    def at(self, hashes: Hashes) -> Places:
        """Where keys of these hashes stand here, -1 for those that do not."""
        order = np.argsort(hashes)
        at, known = self.places(hashes[order])
        found = np.empty(len(hashes), dtype=np.int64)
        found[order] = np.where(known, at, -1)
        return found

    def renewed(self, at: Places | None, row_hashes: Hashes) -> Marks | None:
        """The marks of a table with the same keys, from the rows in their order: the keys they bear, their hashes.

        None where the keys are not the same, each in one row: only then they need not be put in order.
        """
        if at is None or len(at) != len(self.hashes) or (len(at) and int(at.min()) < 0):
            return None
        there = np.zeros(len(at), dtype=bool)
        there[at] = True
        if not there.all():
            return None
        keys = self.order.keys if np.array_equal(at, self.order.keys) else at.astype(np.int32)
        return Marks(self.keys, self.hashes, np.zeros(len(at), dtype=bool), FileOrder(row_hashes, keys))

    def watching(self, hashes: Hashes) -> Marks:
        """The same, with the keys of these hashes watched, too."""
        at, known = self.places(np.unique(hashes))
        watched = self.watched.copy()
        watched[at[known]] = True
        return replace(self, watched=watched)

    def follow(self, lines: Hashes, place: int) -> tuple[Places, int]:
        """Of each of these lines the key it bears (its place here), if it is a row as it was and the only one of its key; else -1.

        ``place``: where in the file's order the first of them is looked for; returned is that for the line after them.
        """
        rows, place = self.order.follow(lines, place)
        at = np.where(rows < 0, -1, self.order.keys[rows]) if len(self.order.keys) else rows
        plain = (at >= 0) & (self.rows[at] == 1) & ~self.watched[at] if len(self.rows) else at >= 0
        return np.where(plain, at, -1), place


def marks_of(keys: pa.StringArray, key_hashes: Hashes, row_hashes: Hashes) -> Marks:
    """The marks of a table from its rows in their order; nothing is watched."""
    order = np.argsort(key_hashes, kind="stable")
    ordered = key_hashes[order]
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    at = np.empty(len(ordered), dtype=np.int32)
    at[order] = np.cumsum(first) - 1
    mine = order[first]
    return Marks(keys.take(pa.array(mine)), key_hashes[mine], np.zeros(len(mine), dtype=bool), FileOrder(row_hashes, at))


def touched(old: Marks, new: Marks) -> tuple[Mask, Mask]:
    """Which keys of ``new`` have to be looked at, and which of ``old`` have vanished."""
    if new.hashes is old.hashes and new.order.keys is old.order.keys:
        look = old.watched.copy()
        look[old.order.keys[new.order.rows != old.order.rows]] = True
        return look, np.zeros(len(look), dtype=bool)
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
