"""Watches the rows of one table go by: marks all of them, and holds back those that were not there before. Mapping is done elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from connectors.text_table import Batch, RaggedRow
from mappings.engine.hashing import Hashes
from mappings.engine.row_marks import Marked, RowMarker
from warehouse.remembered.marks import Marks, marks_of, touched

_MOST_BYTES = 256 << 20


class Doubt(Exception):
    """What is remembered does not carry this delivery: it has to go the full way. Nothing is wrong with it."""


@dataclass(frozen=True)
class Sifted:
    """The rows that have to be looked at, the keys they and what vanished have, and how many rows need no look."""

    batches: list[Batch]
    keys: pa.StringArray
    untouched: int


class RowWatch:
    """The rows of one table of a delivery, in their order."""

    def __init__(self, marker: RowMarker) -> None:
        self.marker = marker
        self._keys: list[pa.StringArray] = []
        self._hashes: list[tuple[Hashes, Hashes]] = []
        self._rows: list[pa.Array] = []
        self._marks: Marks | None = None

    def passing(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches as they are."""
        for batch in batches:
            self._see(batch)
            yield batch

    def sift(self, batches: Iterable[Batch], old: Marks) -> Sifted:
        """Reads all batches and keeps those rows whose key has changed in any way. Doubt where that would be too many."""
        held: list[tuple[Batch, Hashes]] = []
        size = 0
        for batch in batches:
            seen = self._see(batch)
            anew = np.flatnonzero(~old.plainly_here(seen.key_hashes, seen.row_hashes))
            if not len(anew) and not batch.ragged:
                continue
            some = _some(batch, anew, batch.ragged)
            size += some.cells.nbytes
            if size > _MOST_BYTES:
                raise Doubt
            held.append((some, seen.key_hashes[anew]))
        return self._sifted(held, old)

    def marks(self, found: Sequence[int] | pa.ChunkedArray = ()) -> Marks:
        """The marks of all rows that went by; the keys of those with these numbers are watched."""
        if self._marks is None:
            keys = pa.concat_arrays([pa.array([], pa.string()), *self._keys])
            of_keys, of_rows = (np.concatenate([np.empty(0, np.uint64), *(h[i] for h in self._hashes)]) for i in (0, 1))
            self._marks = marks_of(keys, of_keys, of_rows, np.zeros(len(keys), dtype=bool))
        if not len(found):
            return self._marks
        numbers = np.unique(np.asarray(found))
        theirs = [h[np.isin(r.to_numpy(), numbers)] for (h, _), r in zip(self._hashes, self._rows, strict=True)]
        return self._marks.watching(np.concatenate([np.empty(0, np.uint64), *theirs]))

    def _see(self, batch: Batch) -> Marked:
        seen = self.marker.mark(batch.cells)
        self._keys.append(seen.keys)
        self._hashes.append((seen.key_hashes, seen.row_hashes))
        self._rows.append(batch.row)
        return seen

    def _sifted(self, held: Sequence[tuple[Batch, Hashes]], old: Marks) -> Sifted:
        new = self.marks()
        look, vanished = touched(old, new)
        hashes = new.hashes[look]
        batches, rows = [], 0
        for batch, key_hashes in held:
            mine = np.flatnonzero(np.isin(key_hashes, hashes))
            rows += len(mine)
            if len(mine) or batch.ragged:
                batches.append(_some(batch, mine, batch.ragged))
        if rows != int(new.rows[look].sum()):
            # A row was let go because it was known, and then its key came once more.
            raise Doubt
        keys = pa.concat_arrays([new.keys.filter(pa.array(look)), old.keys.filter(pa.array(vanished))])
        return Sifted(batches, keys, int(new.rows.sum()) - rows)


def _some(batch: Batch, rows: np.ndarray[tuple[int], np.dtype[np.int64]], ragged: Sequence[RaggedRow]) -> Batch:
    at = pa.array(rows)
    return Batch(batch.cells.take(at), batch.row.take(at), ragged)
