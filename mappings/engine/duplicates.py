"""Which rows (or keys) were there before in the same table: exact over all batches, with memory of 8 bytes a row and one bit array."""

from __future__ import annotations

import numpy as np

from mappings.engine.hashes import Hashes

_BITS = 27
# Below this many rows looking everything up costs less than touching the pages of the bit array for the first time.
_FEW = 1 << 18


class SeenHashes:
    """Remembers 64-bit hashes over batches. From many rows on a bit array sorts out what is surely new; the rest is looked up."""

    def __init__(self) -> None:
        self._bits: np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None
        self._runs: list[Hashes] = []
        self._count = 0

    def check(self, hashes: Hashes) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """True for each row whose hash came before, in this batch or an earlier one; then all are remembered."""
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        again = np.zeros(len(hashes), dtype=bool)
        again[order[1:]] = ordered[1:] == ordered[:-1]
        maybe = (
            np.arange(len(hashes))
            if self._bits is None
            else np.flatnonzero(self._bits[_bit_positions(hashes)])
        )
        for run in self._runs:
            if len(maybe):
                at = np.minimum(np.searchsorted(run, hashes[maybe]), len(run) - 1)
                again[maybe] |= run[at] == hashes[maybe]
        self._remember_hashes(ordered)
        return again

    def _remember_hashes(self, ordered: Hashes) -> None:
        if not len(ordered):
            return
        self._runs.append(ordered)
        self._count += len(ordered)
        if self._bits is not None:
            self._bits[_bit_positions(ordered)] = True
        elif self._count > _FEW:
            self._bits = np.zeros(1 << _BITS, dtype=bool)
            for run in self._runs:
                self._bits[_bit_positions(run)] = True


def _bit_positions(hashes: Hashes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return (hashes >> np.uint64(64 - _BITS)).astype(np.int64)
