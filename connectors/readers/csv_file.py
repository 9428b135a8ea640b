"""A CSV file as a text table: header, delimiter and the choice between fast and careful reading, block by block."""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.readers.csv_careful import CarefulReader, LineBlocks, Mending, Record
from connectors.readers.csv_fast import FastReader, Parsed
from connectors.readers.data_rows import BATCH_ROWS, DataRows
from connectors.readers.header import SCANNED_ROWS, Header, header_at, names_found, stated_row
from connectors.readers.limits import Limits
from connectors.readers.text_file import TextFile, examine
from connectors.readers.two_line_header import found_header, joined
from connectors.text_table import Batch, CannotRead, Dialect, Notice, TextTable, Wanted

DELIMITERS = (";", "\t", ",", "|")
SEP_LINE = re.compile(rb'\A"?sep=([^\r\n]{1,4}?)"?(?:\r\n|\n|\r)', re.IGNORECASE)
_PARALLEL = 2
# Enough for the first rows of any table; with longer quoted cells the rest of the block would be no better.
_START_BYTES = 2**20
# Below this, starting threads takes longer than reading carefully.
SMALL_BYTES = 2**16


@dataclass(frozen=True)
class Span:
    """The lines of a text that belong to one table: from the first line of data up to before ``end`` (None: to the last)."""

    first: int
    end: int | None = None


@dataclass(frozen=True)
class Start:
    """What the first lines of a file say: the delimiter and the records found with it, before any header is known."""

    delimiter: str
    records: tuple[Record, ...]
    end_line: int

    def rows(self) -> list[tuple[int, list[str]]]:
        """The records as rows; a line of broken quoting is one cell."""
        return [(line, cells if cells is not None else [text]) for line, cells, text in self.records]

    def line_after(self, index: int) -> int:
        """The line where the record after this one begins."""
        return self.records[index + 1][0] if index + 1 < len(self.records) else self.end_line


def csv_table(path: Path, shown_as: str, wanted: Wanted, limits: Limits, *, careful: bool = False) -> TextTable:
    """The one table of a CSV file; ``careful`` forbids the fast path. Raises CannotRead for the whole."""
    text = examine(path, wanted.dialect.encoding)
    title = Path(shown_as).stem
    start = start_for(text, wanted, limits)
    header, first_line = _header(start, wanted, title)
    if len(header.names) > limits.columns:
        raise CannotRead("too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.", table=wanted.name)
    dialect = replace(wanted.dialect, delimiter=start.delimiter)
    return table_from(text, shown_as, wanted.name, header, Span(first_line), dialect, limits, careful=careful)


def table_from(
    text: TextFile,
    shown_as: str,
    name: str,
    header: Header,
    span: Span,
    dialect: Dialect,
    limits: Limits,
    *,
    careful: bool = False,
    mend: Mending | None = None,
    title: str = "",
) -> TextTable:
    """The table of a text whose header, lines and dialect (with its delimiter) are known; ``mend`` allows repairs."""
    notices = text.notices()
    rows = DataRows(header, dialect.footers)
    walk = _Walk(text, rows, dialect, dialect.delimiter or ";", limits, careful or span.end is not None, mend)
    return TextTable(
        file=shown_as,
        name=name,
        sheet=None,
        header=header.shown,
        unknown=header.unknown,
        preamble=header.preamble,
        batches=walk.batches(span, notices),
        notices=notices,
        title=title or Path(shown_as).stem,
        raw=header.raw,
        written={"encoding": text.encoding, "delimiter": dialect.delimiter, "quote": dialect.quote, "escape": dialect.escape},
    )


def read_start(text: TextFile, delimiter: str, dialect: Dialect, limits: Limits) -> Start:
    """The first records of a file, by a given delimiter or the one its own ``sep=`` line names."""
    block = LineBlocks(text.blocks(), limits).next_block()
    cut = block.rfind(b"\n", 0, _START_BYTES) + 1
    block = block[:cut] if cut and not dialect.header_row else block
    own = SEP_LINE.match(block)
    skipped = 0
    if own:
        delimiter, skipped, block = own.group(1).decode("utf-8", "replace"), 1, block[own.end() :]
    reader = CarefulReader(LineBlocks(iter(()), limits), dialect, delimiter, limits, line=skipped)
    scanned = max(SCANNED_ROWS, dialect.header_row or 0)
    found = tuple(islice(reader.records(block), scanned + 1))
    end = found[-1][0] + 1 if len(found) > scanned else reader.line + 1
    return Start(delimiter, found, end)


def start_for(text: TextFile, wanted: Wanted, limits: Limits) -> Start:
    """The first rows; the delimiter is the mapping's, the file's own, or the one under which most wanted names are found."""
    dialect = wanted.dialect
    if dialect.delimiter is not None:
        return read_start(text, dialect.delimiter, dialect, limits)
    starts = [read_start(text, delimiter, dialect, limits) for delimiter in DELIMITERS]
    if dialect.columns:
        return max(starts, key=lambda s: sum(len(cells) == len(dialect.columns) for _, cells in s.rows()))
    return max(starts, key=lambda s: names_found(s.rows(), wanted))


def _header(start: Start, wanted: Wanted, title: str) -> tuple[Header, int]:
    """The header and the line where data begin."""
    rows = start.rows()
    dialect = wanted.dialect
    if dialect.columns:
        return header_at(dialect.columns, 0, wanted, title=title), rows[0][0] if rows else 1
    if dialect.header_row:
        index = stated_row(rows, dialect.header_row, title)
        reach = dialect.header_rows or 1
        cells = joined(rows[index : index + reach], wanted) if reach > 1 else rows[index][1]
        return header_at(cells, rows[index][0], wanted, title=title, above=rows[:index]), start.line_after(index + reach - 1)
    header, last = found_header(rows, wanted, title)
    return header, start.line_after(next(i for i, (line, _) in enumerate(rows) if line == last))


@dataclass
class _Walk:
    """Walks the blocks of a text in order: fast where proven, two at a time; careful where not."""

    text: TextFile
    rows: DataRows
    dialect: Dialect
    delimiter: str
    limits: Limits
    careful_only: bool
    mend: Mending | None = None
    ended: bool = False

    def batches(self, span: Span, notices: list[Notice]) -> Iterator[Batch]:
        """All batches; adds to ``notices`` when through."""
        read = 0
        for batch in self._in_order(span):
            read += len(batch.row) + len(batch.ragged)
            if read > self.limits.rows:
                raise CannotRead("too_large", f"Die Tabelle hat mehr als {self.limits.rows} Zeilen.")
            yield from _sliced(batch)
        notices.extend(self.rows.notices())
        if self.mend is not None and self.mend.lines:
            notices.append(_mended(self.mend.lines))

    def _in_order(self, span: Span) -> Iterator[Batch]:
        """Blocks are read ahead on trust; where one turns out to need care, those after it are taken back."""
        source = LineBlocks(self.text.blocks(), self.limits)
        _skip(source, span.first - 1)
        fast = FastReader(self.dialect, self.delimiter, self.rows, self.limits)
        if self.careful_only or not fast.fits() or self.text.path.stat().st_size < SMALL_BYTES:
            yield from self._carefully(source, span)
            return
        line = span.first
        ahead: deque[tuple[Future[Parsed | None], bytes]] = deque()
        with ThreadPoolExecutor(_PARALLEL) as pool:
            while True:
                while len(ahead) <= _PARALLEL and (block := source.next_block()):
                    ahead.append((pool.submit(fast.parse, block), block))
                if not ahead:
                    return
                result, block = ahead.popleft()
                if (parsed := result.result()) is not None and not (self.mend and parsed.ragged):
                    self.rows.absorb(parsed.rows, line)
                    yield parsed.batch(line)
                    line += parsed.line_count
                    continue
                while ahead:
                    source.put_back(ahead.pop()[1])
                reader = self._reader(source, line)
                yield from self.rows.batches(reader.records(block), self.limits.cell_chars)
                line = reader.line + 1

    def _carefully(self, source: LineBlocks, span: Span) -> Iterator[Batch]:
        line = span.first
        while block := source.next_block():
            reader = self._reader(source, line)
            yield from self.rows.batches(self._up_to(span.end, reader.records(block)), self.limits.cell_chars)
            if self.ended:
                return
            line = reader.line + 1

    def _reader(self, source: LineBlocks, line: int) -> CarefulReader:
        return CarefulReader(source, self.dialect, self.delimiter, self.limits, line=line - 1, mend=self.mend)

    def _up_to(self, end: int | None, records: Iterator[Record]) -> Iterator[Record]:
        for record in records:
            if end is not None and record[0] >= end:
                self.ended = True
                return
            yield record


def _skip(source: LineBlocks, count: int) -> None:
    """Take so many lines from a source."""
    while count and (block := source.next_block()):
        text = io.StringIO(block.decode("utf-8"), newline="")
        while count and text.readline():
            count -= 1
        source.put_back(text.read().encode("utf-8"))


def _mended(lines: Sequence[int]) -> Notice:
    named = ", ".join(map(str, lines[:10])) + (" …" if len(lines) > 10 else "")
    message = f"In {len(lines)} Zeilen ({named}) stimmen Anführungs- oder Trennzeichen nicht; sie wurden sinngemäß gelesen."
    return Notice("mended", message, row=lines[0])


def _sliced(batch: Batch) -> Iterator[Batch]:
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
