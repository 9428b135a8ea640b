"""Reads and maps batches in a thread of their own while the caller stores those before."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from mappings.engine.findings import MappedBatch
from mappings.engine.table import TableMapper

# A batch looks its distinct values up once: more rows at once mean fewer look-ups, until they
# outgrow the processor's cache.
_ROWS_AT_ONCE = 131_072
_WAITING = 2


class Ragged(Protocol):
    """A row the reader could not place into columns."""

    @property
    def row(self) -> int: ...


R = TypeVar("R", bound=Ragged)
R_co = TypeVar("R_co", bound=Ragged, covariant=True)


class TextBatch(Protocol[R_co]):
    """A batch of the readers: text columns without nulls, visible row numbers, and ragged rows."""

    @property
    def cells(self) -> pa.RecordBatch: ...

    @property
    def row(self) -> pa.Array: ...

    @property
    def ragged(self) -> Sequence[R_co]: ...


class PrefetchedBatch(NamedTuple, Generic[R]):
    """A mapped batch, and its ragged rows as the reader gave them."""

    mapped: MappedBatch
    ragged: Sequence[R]


def map_ahead(mapper: TableMapper, batches: Iterable[TextBatch[R]]) -> Iterator[PrefetchedBatch[R]]:
    """Maps the batches in order, some at once, while the caller handles those before.

    At most two results wait while a third is made. An exception of reading or mapping is raised
    here, after all batches before it. When the generator is closed early, reading ends with the
    current batch.
    """
    results = (_map_gathered(mapper, some) for some in _gather_batches(batches))
    pool = ThreadPoolExecutor(1, "mapping")
    try:
        ahead = deque(pool.submit(next, results, None) for _ in range(_WAITING + 1))
        while (result := ahead.popleft().result()) is not None:
            ahead.append(pool.submit(next, results, None))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)


def _gather_batches(batches: Iterable[TextBatch[R]]) -> Iterator[list[TextBatch[R]]]:
    some: list[TextBatch[R]] = []
    rows = 0
    try:
        for batch in batches:
            if some and rows + batch.cells.num_rows > _ROWS_AT_ONCE:
                yield some
                some, rows = [], 0
            some.append(batch)
            rows += batch.cells.num_rows
    except Exception:
        # The rows before the place where a file breaks off still have their findings.
        if some:
            yield some
        raise
    if some:
        yield some


def _map_gathered(mapper: TableMapper, some: Sequence[TextBatch[R]]) -> PrefetchedBatch[R]:
    ragged = [row for batch in some for row in batch.ragged]
    cells = pa.concat_batches([batch.cells for batch in some])
    numbers = pa.concat_arrays([batch.row for batch in some])
    return PrefetchedBatch(mapper.map_batch(cells, numbers, [row.row for row in ragged]), ragged)
