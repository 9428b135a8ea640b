"""Mapping ahead: batches are read and mapped in a thread of their own while the caller stores what is done. What mapping is: table.py."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, NamedTuple, Protocol, TypeVar

import pyarrow as pa

from mappings.engine.findings import MappedBatch
from mappings.engine.table import TableMapper

# A batch looks its distinct values up once: more rows at once mean fewer look-ups, until they outgrow the processor's cache.
_ROWS_AT_ONCE = 131_072
_WAITING = 2


class Ragged(Protocol):
    """A row the reader could not place into columns."""

    @property
    def row(self) -> int: ...


R = TypeVar("R", bound=Ragged)
R_co = TypeVar("R_co", bound=Ragged, covariant=True)


class TextBatch(Protocol[R_co]):
    """A batch as the readers give it: text columns without nulls, their visible row numbers, and the ragged rows between them."""

    @property
    def cells(self) -> pa.RecordBatch: ...

    @property
    def row(self) -> pa.Array: ...

    @property
    def ragged(self) -> Sequence[R_co]: ...


class PrefetchedBatch(NamedTuple, Generic[R]):
    """What became of some rows, and the ragged ones among them as the reader gave them."""

    mapped: MappedBatch
    ragged: Sequence[R]


def map_ahead(mapper: TableMapper, batches: Iterable[TextBatch[R]]) -> Iterator[PrefetchedBatch[R]]:
    """Maps the batches in their order, some at once, while the caller is busy with those before; only few wait at a time.

    What reading or mapping raises is raised here, after all that came before it. Left early (closed, or by an exception of the
    caller), reading ends with the batch in hand.
    """
    ready: queue.Queue[PrefetchedBatch[R] | BaseException | None] = queue.Queue(_WAITING)
    left = threading.Event()
    worker = threading.Thread(
        target=_map_in_thread, args=(mapper, batches, ready, left), name="mapping", daemon=True
    )
    worker.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        while worker.is_alive():
            _drain_queue(ready)
            worker.join(0.01)


def _map_in_thread(
    mapper: TableMapper,
    batches: Iterable[TextBatch[R]],
    ready: queue.Queue[PrefetchedBatch[R] | BaseException | None],
    left: threading.Event,
) -> None:
    try:
        for some in _gather_batches(batches):
            if left.is_set():
                return
            ready.put(_map_gathered(mapper, some))
        ready.put(None)
    except BaseException as error:
        ready.put(error)


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
        # What was read before a file breaks off still has its findings.
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


def _drain_queue(ready: queue.Queue[PrefetchedBatch[R] | BaseException | None]) -> None:
    while not ready.empty():
        ready.get_nowait()
