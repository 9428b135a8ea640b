"""Which rows (or keys) were there before in the same table: exact over all batches, with memory of 8 bytes a row and one bit array."""

from __future__ import annotations

import numpy as np

from mappings.engine.hashing import Hashes

_BITS = 27


class Seen:
    """Remembers 64-bit hashes over batches. A bit array sorts out what is surely new; only the rest is looked up exactly."""

    def __init__(self) -> None:
        self._bits = np.zeros(1 << _BITS, dtype=bool)
        self._runs: list[Hashes] = []

    def check(self, hashes: Hashes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """True for each row whose hash came before, in this batch or an earlier one; then all are remembered."""
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        again = np.zeros(len(hashes), dtype=bool)
        again[order[1:]] = ordered[1:] == ordered[:-1]
        slots = (hashes >> np.uint64(64 - _BITS)).astype(np.int64)
        maybe = np.flatnonzero(self._bits[slots])
        for run in self._runs:
            if len(maybe):
                at = np.minimum(np.searchsorted(run, hashes[maybe]), len(run) - 1)
                again[maybe] |= run[at] == hashes[maybe]
        self._bits[slots] = True
        if len(ordered):
            self._runs.append(ordered)
        return again
