"""Mapping in a thread of its own gives the same as mapping here, in order; errors and an early end come through."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import pyarrow as pa
import pytest

from mappings.engine.prefetch import map_ahead
from mappings.engine.table import TableMapper
from tests.mappings.small import batch, plan

PLAN = """
key: Nr
feeds:
  conversation:
    fields: {held_on: {column: Datum, required: true}}
"""
HEADER = ("Nr", "Datum")


class Ragged(NamedTuple):
    row: int
    cells: tuple[str, ...] = ()


class Batch(NamedTuple):
    cells: pa.RecordBatch
    row: pa.Array
    ragged: Sequence[Ragged] = ()


class Broken(Exception):
    """What a reader might raise in the middle."""


def some(first: int, rows: int) -> Batch:
    numbers = range(first, first + rows)
    return Batch(
        batch(HEADER, [(str(n), "01.02.2024" if n % 7 else "31.02.2024") for n in numbers]),
        pa.array(numbers),
    )


def many(left: threading.Event) -> Iterator[Batch]:
    try:
        for first in range(0, 100_000_000, 100_000):
            yield some(first, 100_000)
    finally:
        left.set()


def test_the_same_in_the_same_order() -> None:
    batches = [
        some(0, 50),
        Batch(*some(50, 100_000)[:2], [Ragged(77, ("x",))]),
        some(200_000, 60_000),
        some(50, 3),
    ]
    mapper = TableMapper(plan(PLAN))
    plainly = [mapper.map_batch(b.cells, b.row, [r.row for r in b.ragged]) for b in batches]
    ahead = list(map_ahead(TableMapper(plan(PLAN)), batches))
    assert len(ahead) < len(batches)
    for count in ("read", "used", "rejected", "repeated"):
        assert sum(getattr(m, count) for m in plainly) == sum(
            getattr(d.mapped, count) for d in ahead
        )
    both = (plainly, [d.mapped for d in ahead])
    rows = [
        pa.Table.from_batches(m.entities["conversation"] for m in maps if m.entities)
        for maps in both
    ]
    assert rows[0].equals(rows[1])
    found = [pa.concat_tables(m.findings for m in maps).sort_by("row") for maps in both]
    assert found[0].equals(found[1])
    assert [r.cells for d in ahead for r in d.ragged] == [("x",)]


def test_what_the_reader_raises_comes_after_what_it_gave() -> None:
    def breaking() -> Iterator[Batch]:
        yield some(0, 100_000)
        yield some(100_000, 100_000)
        raise Broken

    seen = []
    with pytest.raises(Broken):
        for mapped, _ in map_ahead(TableMapper(plan(PLAN)), breaking()):
            seen.append(mapped.read)
    assert seen == [100_000, 100_000]


def test_left_early_reading_ends() -> None:
    ended = threading.Event()
    mapping = map_ahead(TableMapper(plan(PLAN)), many(ended))
    assert next(mapping).mapped.read == 100_000
    mapping.close()
    assert ended.wait(5)


def test_nothing_gives_nothing() -> None:
    assert list(map_ahead(TableMapper(plan(PLAN)), [])) == []
