"""Reads lines one block ahead, in a thread of its own, and has them hashed there. What is made of them stands in csv_walk.py."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import NamedTuple

import pyarrow as pa

from connectors.readers.csv_careful import LineBlocks
from connectors.readers.csv_fast import lines_of
from connectors.text_table import Hasher, Hashes


class Ready(NamedTuple):
    """Some whole lines: as they stand in the text, one by one, and their hashes."""

    block: bytes
    lines: pa.StringArray
    hashes: Hashes


class LinesAhead:
    """The lines of a source, block by block. To be closed (``with``): a thread works for it."""

    def __init__(self, source: LineBlocks, hasher: Hasher) -> None:
        self._source, self._hasher = source, hasher
        self._worker = ThreadPoolExecutor(1, "lines")
        self._ahead: Future[Ready | None] | None = None

    def __enter__(self) -> LinesAhead:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._worker.shutdown()

    def next(self) -> Ready | None:
        """The next lines, None behind the last; raises CannotRead ``too_large``."""
        ready = (self._ahead or self._worker.submit(self._read)).result()
        self._ahead = self._worker.submit(self._read) if ready else None
        return ready

    def take_back(self) -> None:
        """Gives the source back what was read ahead: somebody else reads on from where it stands."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None and (ready := ahead.result()):
            self._source.put_back(ready.block)

    def _read(self) -> Ready | None:
        block = self._source.next_block()
        if not block:
            return None
        lines = lines_of(block)
        return Ready(block, lines, self._hasher(lines))
