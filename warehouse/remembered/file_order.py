"""The rows of a table in the order of their file: by it most lines of the next delivery are known without being read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]

# So many lines in a row that do not fit mean that lines were put in or taken out, and not that they changed.
_LOST = 8
_RESYNCS = 16


@dataclass(frozen=True)
class FileOrder:
    """Of each row, in file order: the hash of it, and which of the table's keys (in order of their hash) it bears."""

    rows: Hashes
    keys: np.ndarray[tuple[int], np.dtype[np.int32]]

    def follow(self, lines: Hashes, place: int) -> tuple[Places, int]:
        """Which row each of these lines was, -1 where it was none that is found quickly; and where the next line is looked for.

        ``place`` is that for the first of them. A line that was a row is always told as a row of the same hash.
        """
        found = np.full(len(lines), -1, dtype=np.int64)
        begun = 0
        for _ in range(_RESYNCS):
            same = self._same(lines[begun:], place)
            upto = _first_run(~same, _LOST)
            kept = np.flatnonzero(same[:upto])
            found[begun + kept] = place + kept
            begun, place = begun + upto, place + upto
            if begun == len(lines):
                break
            known = next(self._elsewhere(lines, begun), None)
            if known is None:
                return found, place + len(lines) - begun
            begun, place = known
        return found, place

    def _same(self, lines: Hashes, place: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        here = self.rows[place : place + len(lines)]
        same = np.zeros(len(lines), dtype=bool)
        same[: len(here)] = here == lines[: len(here)]
        return same

    def _elsewhere(self, lines: Hashes, begun: int) -> Iterator[tuple[int, int]]:
        """Lines soon after ``begun`` that were a row somewhere, with the place of it."""
        for number in range(begun, min(begun + _LOST, len(lines))):
            places = np.flatnonzero(self.rows == lines[number])
            if len(places):
                yield number, int(places[0])


def _first_run(missed: np.ndarray[tuple[int], np.dtype[np.bool_]], length: int) -> int:
    """Where the first ``length`` misses in a row begin, the misses at the end counting as well; the whole length if there are none."""
    sums = np.concatenate([[0], np.cumsum(missed), np.full(length, 0)])
    sums[len(missed) + 1 :] = sums[len(missed)] + np.arange(1, length + 1)
    runs = np.flatnonzero(sums[length:] - sums[:-length] == length)
    return int(runs[0]) if len(runs) else len(missed)
