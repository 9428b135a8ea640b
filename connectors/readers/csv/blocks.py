"""Reads the data of a CSV file block by block: with Arrow where that is exact, else strictly."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.csv.arrow_parser import ArrowParser, ParsedBlock
from connectors.readers.csv.stacked_tables import NextTable
from connectors.readers.csv.strict_parser import LineRepair, Record, StrictParser
from connectors.readers.rows.data_rows import BATCH_ROWS, DataRows, list_places
from connectors.readers.text.encoding import TextFile
from connectors.readers.text.line_blocks import LineBlocks, open_blocks, open_lines
from connectors.tables.text_table import Batch, Dialect, Notice

_PARALLEL = 2
# Below this, starting threads takes longer than reading strictly.
SMALL_BYTES = 2**16


@dataclass(frozen=True)
class Span:
    """The lines of one table: from ``first`` up to before ``end`` (None: to the last line)."""

    first: int
    end: int | None = None


@dataclass
class _BlocksAhead:
    """Parses the next blocks of a source in threads."""

    source: LineBlocks
    parser: ArrowParser
    pool: ThreadPoolExecutor
    waiting: deque[tuple[bytes, Future[ParsedBlock | None]]] = field(default_factory=deque)

    def read_blocks(self) -> Iterator[tuple[bytes, Future[ParsedBlock | None]]]:
        """The blocks with their parsed form; blocks put back meanwhile are parsed again."""
        while True:
            while len(self.waiting) <= _PARALLEL and (block := self.source.next_block()):
                self.waiting.append((block, self.pool.submit(self.parser.parse_block, block)))
            if not self.waiting:
                return
            yield self.waiting.popleft()

    def put_back(self) -> None:
        """Discards what was parsed ahead and returns its blocks to the source."""
        while self.waiting:
            self.source.put_back(self.waiting.pop()[0])


@dataclass
class BlockReader:
    """Reads the blocks of a text in order, two at a time where Arrow parses them.

    ``further`` ends the table where the header of another one follows; ``mend`` allows repairs.
    """

    text: TextFile
    rows: DataRows
    dialect: Dialect
    careful_only: bool
    mend: LineRepair | None = None
    further: NextTable | None = None
    ended: bool = False

    def is_fast(self) -> bool:
        """Whether blocks are parsed with Arrow where that is exact."""
        return (
            not self.careful_only
            and self._fast.supports_dialect()
            and self.text.file.path.stat().st_size >= SMALL_BYTES
        )

    def read_batches(self, span: Span, notices: list[Notice]) -> Iterator[Batch]:
        """All batches; adds to ``notices`` at the end."""
        read = 0
        for batch in self._in_order(span):
            read += len(batch.row) + len(batch.ragged)
            self.text.file.limits.check_rows(read)
            yield from _slice_batch(batch)
        self._add_notices(notices)

    @cached_property
    def _fast(self) -> ArrowParser:
        return ArrowParser(self.dialect, self.rows, self.text.file.limits)

    def _add_notices(self, notices: list[Notice]) -> None:
        notices.extend(self.rows.notices())
        if self.mend is not None and self.mend.lines:
            notices.append(_mended_notice(self.mend.lines))

    def _in_order(self, span: Span) -> Iterator[Batch]:
        source = open_blocks(self.text)
        _skip_lines(source, span.first - 1)
        if self.is_fast():
            with ThreadPoolExecutor(_PARALLEL) as pool:
                yield from self._read_fast(_BlocksAhead(source, self._fast, pool), span.first)
        else:
            yield from self._read_strictly(source, span.first, span.end)

    def _read_fast(self, ahead: _BlocksAhead, line: int) -> Iterator[Batch]:
        """Yields parsed blocks; discards those after a block that needs the strict parser."""
        for block, result in ahead.read_blocks():
            if self.further is not None and self.further.may_begin_in(block):
                ahead.put_back()
                ahead.source.put_back(block)
                yield from self._read_strictly(ahead.source, line)
                return
            parsed = result.result()
            if parsed is not None and not (self.mend and parsed.ragged):
                self.rows.absorb_block(parsed.rows, line)
                yield parsed.as_batch(line)
                line += parsed.line_count
            else:
                ahead.put_back()
                reader = self._strict_reader(ahead.source, line)
                yield from self._batch_records(reader.read_records(block))
                line = reader.line + 1
            if self.rows.is_rearranged:
                ahead.put_back()
                yield from self._read_strictly(ahead.source, line)
                return

    def _read_strictly(
        self, source: LineBlocks, line: int, end: int | None = None
    ) -> Iterator[Batch]:
        further = self.further
        while block := source.next_block():
            reader = self._strict_reader(source, line)
            records = reader.read_records(block)
            if further is not None and further.may_begin_in(block):
                yield from self._batch_records(further.records_before(records))
            else:
                yield from self._batch_records(self._up_to(end, records))
            if further is not None and further.found is not None:
                further.end_before(next(records, None), reader.line + 1)
                return
            if self.ended:
                return
            line = reader.line + 1
        if further is not None:
            yield from self._batch_records(further.take_titles())

    def _batch_records(self, records: Iterable[Record]) -> Iterator[Batch]:
        return self.rows.batch_rows(records, self.text.file.limits.cell_chars)

    def _strict_reader(self, source: LineBlocks, line: int) -> StrictParser:
        limits = self.text.file.limits
        return StrictParser(source, self.dialect, limits, line=line - 1, mend=self.mend)

    def _up_to(self, end: int | None, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            if end is not None and record[0] >= end:
                self.ended = True
                return
            yield record


def _skip_lines(source: LineBlocks, count: int) -> None:
    """Takes ``count`` lines from a source."""
    while count and (block := source.next_block()):
        text = open_lines(block)
        while count and text.readline():
            count -= 1
        source.put_back(text.read().encode("utf-8"))


def _mended_notice(lines: Sequence[int]) -> Notice:
    return Notice(
        "mended",
        f"In {len(lines)} Zeilen ({list_places(lines)}) stimmen Anführungs- oder Trennzeichen "
        "nicht; sie wurden sinngemäß gelesen.",
        row=lines[0],
    )


def _slice_batch(batch: Batch) -> Iterator[Batch]:
    """A batch in slices of bounded length, each with the ragged rows before the next slice."""
    rows = len(batch.row)
    if rows <= BATCH_ROWS:
        if rows or batch.ragged:
            yield batch
        return
    ragged = deque(batch.ragged)
    for at in range(0, rows, BATCH_ROWS):
        row = batch.row.slice(at, BATCH_ROWS)
        last = pc.max(row).as_py() if at + BATCH_ROWS < rows else math.inf
        before = []
        while ragged and ragged[0].row < last:
            before.append(ragged.popleft())
        yield Batch(batch.cells.slice(at, BATCH_ROWS), pa.array(row), tuple(before))
