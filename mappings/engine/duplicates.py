"""Finds rows and keys that occurred before in the same table, exactly and over all batches.

It takes 8 bytes of memory per row and one bit array.
"""

from __future__ import annotations

import numpy as np

from mappings.engine.hashes import Hashes, Mask, Positions

_BITS = 27
# Below this many rows looking everything up is cheaper than touching the bit array's pages for the
# first time.
_FEW = 1 << 18


class SeenHashes:
    """Remembers 64-bit hashes over batches.

    From many rows on a bit array sorts out hashes that are surely new; only the rest is looked up.
    """

    def __init__(self) -> None:
        self._bits: Mask | None = None
        self._runs: list[Hashes] = []
        self._count = 0

    def check(self, hashes: Hashes) -> Mask:
        """True for each row whose hash came before, in this batch or an earlier one.

        Afterwards all of them are remembered.
        """
        order = np.argsort(hashes, kind="stable")
        ordered = hashes[order]
        again = self.find(hashes)
        again[order[1:]] |= ordered[1:] == ordered[:-1]
        self._remember_hashes(ordered)
        return again

    def find(self, hashes: Hashes) -> Mask:
        """True for each row whose hash is remembered."""
        found = np.zeros(len(hashes), dtype=bool)
        maybe = self._select_candidates(hashes) if self._runs else ()
        for run in self._runs:
            if len(maybe):
                at = np.minimum(np.searchsorted(run, hashes[maybe]), len(run) - 1)
                found[maybe] |= run[at] == hashes[maybe]
        return found

    def remember(self, hashes: Hashes) -> None:
        """Remembers hashes without asking for them."""
        self._remember_hashes(np.unique(hashes))

    def _select_candidates(self, hashes: Hashes) -> Positions:
        """The rows whose hash may have come before."""
        if self._bits is None:
            return np.arange(len(hashes))
        return np.flatnonzero(self._bits[_bit_positions(hashes)])

    def _remember_hashes(self, ordered: Hashes) -> None:
        if not len(ordered):
            return
        self._runs.append(ordered)
        # Runs stay few, however many small files a table is in: each is shorter than the one
        # before it.
        while len(self._runs) > 1 and len(self._runs[-2]) <= len(self._runs[-1]):
            self._runs[-2:] = [np.sort(np.concatenate(self._runs[-2:]), kind="stable")]
        self._count += len(ordered)
        if self._bits is not None:
            self._bits[_bit_positions(ordered)] = True
        elif self._count > _FEW:
            self._bits = np.zeros(1 << _BITS, dtype=bool)
            for run in self._runs:
                self._bits[_bit_positions(run)] = True


class TableKeys:
    """The keys of a table that may be in several files of a delivery.

    ``several`` files: only then the keys are kept, by file.
    """

    def __init__(self, *, several: bool) -> None:
        self.several = several
        self._earlier = SeenHashes()
        self._files: list[tuple[str, Hashes]] = []
        self._own: list[Hashes] = []
        self._own_seen = SeenHashes()

    def begin_file(self) -> None:
        """Forgets the keys of a file that was not read to its end."""
        self._own, self._own_seen = [], SeenHashes()

    def end_file(self, name: str) -> None:
        """Keeps the keys of a file that was read to its end."""
        if self._own:
            keys = np.unique(np.concatenate(self._own))
            self._earlier.remember(keys)
            self._files.append((name, keys))
        self.begin_file()

    def find_earlier(self, hashes: Hashes) -> Mask:
        """True for each key that is in an earlier file; all others are this file's own."""
        found = self._earlier.find(hashes)
        self._own.append(hashes[~found])
        return found

    def find_repeated(self, hashes: Hashes) -> Mask:
        """True for each key that is in an earlier row of this file."""
        return self._own_seen.check(hashes)

    def name_files(self, hashes: Hashes) -> list[str]:
        """The first file that each of these keys of earlier files is in."""
        names = np.full(len(hashes), "", dtype=object)
        for name, keys in reversed(self._files):
            names[np.isin(hashes, keys)] = name
        return names.tolist()


def _bit_positions(hashes: Hashes) -> Positions:
    return (hashes >> np.uint64(64 - _BITS)).astype(np.int64)
