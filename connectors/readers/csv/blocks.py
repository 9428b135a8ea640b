"""Walks the data of a CSV block by block: read fast where proven, carefully where not. Headers stand elsewhere."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.csv.arrow_parser import ArrowParser, ParsedBlock
from connectors.readers.csv.stacked_tables import NextTable
from connectors.readers.csv.strict_parser import LineRepair, Record, StrictParser
from connectors.readers.rows.data_rows import BATCH_ROWS, DataRows
from connectors.readers.text.encoding import TextFile
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import Batch, CannotRead, Dialect, Notice

_PARALLEL = 2
# Below this, starting threads takes longer than reading carefully.
SMALL_BYTES = 2**16


@dataclass(frozen=True)
class Span:
    """The lines of a text that belong to one table: from the first line of data up to before ``end`` (None: to the last)."""

    first: int
    end: int | None = None


@dataclass
class BlockReader:
    """Walks the blocks of a text in order: fast where proven, two at a time; careful where not."""

    text: TextFile
    rows: DataRows
    dialect: Dialect
    delimiter: str
    limits: Limits
    careful_only: bool
    mend: LineRepair | None = None
    further: NextTable | None = None
    ended: bool = False

    def is_fast(self) -> bool:
        """Whether blocks are read fast where that is proven to be right."""
        return (
            not self.careful_only
            and self._fast.supports_dialect()
            and self.text.path.stat().st_size >= SMALL_BYTES
        )

    def read_batches(self, span: Span, notices: list[Notice]) -> Iterator[Batch]:
        """All batches; adds to ``notices`` when through."""
        read = 0
        for batch in self._in_order(span):
            read += len(batch.row) + len(batch.ragged)
            self._check_rows(read)
            yield from _slice_batch(batch)
        self._add_notices(notices)

    def _read_block(
        self, source: LineBlocks, block: bytes, parsed: ParsedBlock | None, line: int
    ) -> tuple[Iterator[Batch], StrictParser | int]:
        """The batches of a block that begins in ``line``; and the line after it, or who knows it once they are walked."""
        if parsed is not None and not (self.mend and parsed.ragged):
            self.rows.absorb_block(parsed.rows, line)
            return iter([parsed.as_batch(line)]), line + parsed.line_count
        reader = self._strict_reader(source, line)
        return self.rows.batch_rows(reader.read_records(block), self.limits.cell_chars), reader

    @cached_property
    def _fast(self) -> ArrowParser:
        return ArrowParser(self.dialect, self.delimiter, self.rows, self.limits)

    def _check_rows(self, read: int) -> None:
        if read > self.limits.rows:
            raise CannotRead("too_large", f"Die Tabelle hat mehr als {self.limits.rows} Zeilen.")

    def _add_notices(self, notices: list[Notice]) -> None:
        notices.extend(self.rows.notices())
        if self.mend is not None and self.mend.lines:
            notices.append(_mended_notice(self.mend.lines))

    def _in_order(self, span: Span) -> Iterator[Batch]:
        """Blocks are read ahead on trust; where one turns out to need care, those after it are taken back."""
        source = LineBlocks(self.text.read_blocks(), self.limits)
        _skip_lines(source, span.first - 1)
        if not self.is_fast():
            yield from self._read_strictly(source, span.first, span.end)
            return
        line = span.first
        ahead: deque[tuple[Future[ParsedBlock | None], bytes]] = deque()
        with ThreadPoolExecutor(_PARALLEL) as pool:
            while True:
                while len(ahead) <= _PARALLEL and (block := source.next_block()):
                    ahead.append((pool.submit(self._fast.parse_block, block), block))
                if not ahead:
                    return
                result, block = ahead.popleft()
                if self.further is not None and self.further.may_begin_in(block):
                    while ahead:
                        source.put_back(ahead.pop()[1])
                    source.put_back(block)
                    yield from self._read_strictly(source, line)
                    return
                parsed = result.result()
                if parsed is None or (self.mend and parsed.ragged):
                    while ahead:
                        source.put_back(ahead.pop()[1])
                batches, after = self._read_block(source, block, parsed, line)
                yield from batches
                line = after if isinstance(after, int) else after.line + 1

    def _read_strictly(
        self, source: LineBlocks, line: int, end: int | None = None
    ) -> Iterator[Batch]:
        while block := source.next_block():
            reader = self._strict_reader(source, line)
            records = reader.read_records(block)
            mine = self._up_to(end, records)
            if self.further is not None and self.further.may_begin_in(block):
                mine = self.further.records_before(records)
            yield from self.rows.batch_rows(mine, self.limits.cell_chars)
            if self.further is not None and self.further.found is not None:
                self.further.end_before(next(records, None), reader.line + 1)
                return
            if self.ended:
                return
            line = reader.line + 1
        if self.further is not None:
            yield from self.rows.batch_rows(self.further.take_titles(), self.limits.cell_chars)

    def _strict_reader(self, source: LineBlocks, line: int) -> StrictParser:
        return StrictParser(
            source, self.dialect, self.delimiter, self.limits, line=line - 1, mend=self.mend
        )

    def _up_to(self, end: int | None, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            if end is not None and record[0] >= end:
                self.ended = True
                return
            yield record


def _skip_lines(source: LineBlocks, count: int) -> None:
    """Take so many lines from a source."""
    while count and (block := source.next_block()):
        text = io.StringIO(block.decode("utf-8"), newline="")
        while count and text.readline():
            count -= 1
        source.put_back(text.read().encode("utf-8"))


def _mended_notice(lines: Sequence[int]) -> Notice:
    named = ", ".join(map(str, lines[:10])) + (" …" if len(lines) > 10 else "")
    message = f"In {len(lines)} Zeilen ({named}) stimmen Anführungs- oder Trennzeichen nicht; sie wurden sinngemäß gelesen."
    return Notice("mended", message, row=lines[0])


def _slice_batch(batch: Batch) -> Iterator[Batch]:
    """A batch in pieces of bounded length, each with the ragged rows that stand before the next."""
    rows = len(batch.row)
    if rows <= BATCH_ROWS:
        if rows or batch.ragged:
            yield batch
        return
    ragged = deque(batch.ragged)
    for at in range(0, rows, BATCH_ROWS):
        row = batch.row.slice(at, BATCH_ROWS)
        last = pc.max(row).as_py() if at + BATCH_ROWS < rows else None
        mine = []
        while ragged and (last is None or ragged[0].row < last):
            mine.append(ragged.popleft())
        yield Batch(batch.cells.slice(at, BATCH_ROWS), pa.array(row), tuple(mine))
