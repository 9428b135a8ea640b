"""Watches the rows of one table go by: marks all of them, and holds back those that were not there before. Mapping is done elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from connectors.text_table import Batch, RaggedRow, TextTable, UnreadLines
from mappings.engine.hashing import Hashes
from mappings.engine.row_marks import Marked, RowMarker
from warehouse.remembered.file_order import Places
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


class _Rows(NamedTuple):
    """Rows in file order: their numbers, what marks them, and where their keys stood last time (-1: they did not, None: not known).

    ``keys`` are made when asked for: where they are those of last time, nobody asks.
    """

    numbers: Places
    keys: Callable[[], pa.StringArray]
    key_hashes: Hashes
    row_hashes: Hashes
    at: Places | None = None


@dataclass
class _Held:
    """Rows that may have changed since ``old``, with the hashes of their keys."""

    old: Marks
    rows: list[tuple[Batch, Hashes]] = field(default_factory=list)
    size: int = 0

    def add(self, batch: Batch, seen: Marked) -> None:
        """Keeps of the batch what was not there before."""
        anew = np.flatnonzero(~self.old.plainly_here(seen.key_hashes, seen.row_hashes))
        if not len(anew) and not batch.ragged:
            return
        some = _some(batch, anew, batch.ragged)
        self.size += some.cells.nbytes
        if self.size > _MOST_BYTES:
            raise Doubt
        self.rows.append((some, seen.key_hashes[anew]))


class RowWatch:
    """The rows of one table of a delivery, in their order."""

    def __init__(self, marker: RowMarker) -> None:
        self.marker = marker
        self._rows: list[_Rows] = []
        self._marks: Marks | None = None

    def passing(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """The batches as they are."""
        for batch in batches:
            self._see(batch)
            yield batch

    def sift(self, item: TextTable, old: Marks) -> Sifted:
        """Goes through the whole table and keeps those rows whose key has changed in any way. Doubt where that would be too many."""
        held = _Held(old)
        if item.unread is not None and self.marker.by_text:
            self._sift_lines(item.unread(self.marker.hash_texts), held)
        else:
            for batch in item.batches:
                held.add(batch, self._see(batch))
        return self._sifted(held)

    def marks(self, found: Sequence[int] | pa.ChunkedArray = (), old: Marks | None = None) -> Marks:
        """The marks of all rows that went by; the keys of those with these numbers are watched. ``old``: those they were sifted by."""
        if self._marks is None:
            renewed = old.renewed(_places(self._rows), _row_hashes(self._rows)) if old else None
            self._marks = renewed or marks_of(_keys(self._rows), _key_hashes(self._rows), _row_hashes(self._rows))
        if not len(found):
            return self._marks
        numbers = np.unique(np.asarray(found))
        theirs = [r.key_hashes[np.isin(r.numbers, numbers)] for r in self._rows]
        return self._marks.watching(np.concatenate([np.empty(0, np.uint64), *theirs]))

    def _see(self, batch: Batch) -> Marked:
        seen = self.marker.mark(batch.cells, self.marker.hash_texts(batch.raw()) if batch.raw and self.marker.by_text else None)
        self._rows.append(_seen(batch.row.to_numpy(), seen))
        return seen

    def _sift_lines(self, blocks: Iterable[UnreadLines], held: _Held) -> None:
        """Lines that were rows last time are not read; a block of which too little is known is read whole."""
        old, place = held.old, 0
        for block in blocks:
            hashes = block.hashes
            at, place = old.follow(hashes, place)
            new, known = np.flatnonzero(at < 0), np.flatnonzero(at >= 0)
            read = block.some(new) if 0 < len(new) <= len(at) // 2 else None
            if len(new) and read is None:
                for batch in block.whole():
                    held.add(batch, self._see(batch))
                continue
            keys = at[known]
            rows = [_Rows(known + block.row, partial(old.keys_at, keys), old.hashes[keys], hashes[known], keys)]
            if read is not None:
                numbers = read.row.to_numpy()
                seen = self.marker.mark(read.cells, hashes[numbers - block.row])
                held.add(read, seen)
                rows.append(_seen(numbers, seen, old.at(seen.key_hashes)))
            self._rows.append(_in_order(rows) if len(rows) > 1 else rows[0])

    def _sifted(self, held: _Held) -> Sifted:
        new = self.marks(old=held.old)
        look, vanished = touched(held.old, new)
        hashes = new.hashes[look]
        batches, rows = [], 0
        for batch, key_hashes in held.rows:
            mine = np.flatnonzero(np.isin(key_hashes, hashes))
            rows += len(mine)
            if len(mine) or batch.ragged:
                batches.append(_some(batch, mine, batch.ragged))
        if rows != int(new.rows[look].sum()):
            # A row was let go because it was known, and then its key came once more.
            raise Doubt
        keys = pa.concat_arrays([new.keys.filter(pa.array(look)), held.old.keys.filter(pa.array(vanished))])
        return Sifted(batches, keys, int(new.rows.sum()) - rows)


def _seen(numbers: Places, marked: Marked, at: Places | None = None) -> _Rows:
    return _Rows(numbers, lambda: marked.keys, marked.key_hashes, marked.row_hashes, at)


def _keys(rows: Sequence[_Rows]) -> pa.StringArray:
    return pa.concat_arrays([pa.array([], pa.string()), *(r.keys() for r in rows)])


def _key_hashes(rows: Sequence[_Rows]) -> Hashes:
    return np.concatenate([np.empty(0, np.uint64), *(r.key_hashes for r in rows)])


def _row_hashes(rows: Sequence[_Rows]) -> Hashes:
    return np.concatenate([np.empty(0, np.uint64), *(r.row_hashes for r in rows)])


def _places(rows: Sequence[_Rows]) -> Places | None:
    places = [r.at for r in rows if r.at is not None]
    return np.concatenate([np.empty(0, np.int64), *places]) if len(places) == len(rows) else None


def _in_order(rows: Sequence[_Rows]) -> _Rows:
    """The same rows as one piece, by their number."""
    numbers, at = np.concatenate([r.numbers for r in rows]), _places(rows)
    order = np.argsort(numbers, kind="stable")
    places = None if at is None else at[order]
    return _Rows(numbers[order], lambda: _keys(rows).take(pa.array(order)), _key_hashes(rows)[order], _row_hashes(rows)[order], places)


def _some(batch: Batch, rows: np.ndarray[Any, np.dtype[np.int64]], ragged: Sequence[RaggedRow]) -> Batch:
    at = pa.array(rows)
    return Batch(batch.cells.take(at), batch.row.take(at), ragged)
