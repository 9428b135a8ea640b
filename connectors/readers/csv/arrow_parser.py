"""Read a block of CSV with Arrow where that is proven to give the careful reader's table, line numbers included."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from connectors.readers.csv.strict_parser import StrictParser
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import Batch, Dialect, RaggedRow

_NEWLINE, _RETURN = 10, 13


@dataclass(frozen=True)
class ParsedBlock:
    """A parsed block: its lines are counted from 0, since a block does not know where in the file it stands."""

    columns: Sequence[pa.Array]
    lines: np.ndarray
    ragged: Sequence[RaggedRow]
    rows: DataRows
    line_count: int

    def as_batch(self, first_line: int) -> Batch:
        """The block as a batch, once its place is known."""
        ragged = [RaggedRow(r.row + first_line, r.cells) for r in self.ragged]
        return self.rows.make_batch(self.columns, self.lines + first_line, ragged)


@dataclass(frozen=True)
class ArrowParser:
    """Parses whole blocks of one text; blocks are independent, so several may be parsed at once."""

    dialect: Dialect
    delimiter: str
    rows: DataRows
    limits: Limits

    def supports_dialect(self) -> bool:
        """Whether Arrow can read this dialect at all."""
        quote = self.dialect.quote
        return (
            self.dialect.escape is None
            and len(self.delimiter) == 1
            and self.delimiter.isascii()
            and (quote is None or quote.isascii())
        )

    def is_safe(self, block: bytes) -> bool:
        """Whether Arrow reads this block as the careful reader does: plain line ends, quotes only around fields."""
        if block.startswith(codecs.BOM_UTF8):
            return False
        if not self._has_quotes(block):
            # A lone return within the block is one record more than there are lines, and noticed there.
            return not block.endswith(b"\r")
        text = np.frombuffer(block, dtype=np.uint8)
        return _returns_are_plain(text) and _quotes_are_plain(
            text, ord(self.delimiter), ord(self.dialect.quote or "")
        )

    def parse_block(self, block: bytes) -> ParsedBlock | None:
        """The block's data rows and what was left out of it; None if only the careful reader can tell."""
        if not self.is_safe(block):
            return None
        invalid: list[tuple[int, str]] = []
        columns = self._parse_columns(block, invalid)
        found = self._locate_lines(block, columns, invalid)
        if found is None or any(measure_longest(c) > self.limits.cell_chars for c in columns):
            return None
        lines, ragged_lines, count = found
        rows = self.rows.of_block()
        kept = rows.keep_columns(columns, lines) if len(lines) else None
        if kept is not None:
            columns, lines = [c.take(pa.array(kept)) for c in columns], lines[kept]
        ragged = [
            RaggedRow(line, tuple(cells))
            for line, (_, text) in zip(ragged_lines, invalid, strict=True)
            if rows.keep_row(cells := self._split_line(text), line)
        ]
        return ParsedBlock(columns, lines, ragged, rows, count)

    def _parse_columns(self, block: bytes, invalid: list[tuple[int, str]]) -> list[pa.Array]:
        def skip_row(row: pacsv.InvalidRow) -> str:
            invalid.append((row.number, row.text))
            return "skip"

        names = [str(i) for i in range(self.rows.width)]
        table = pacsv.read_csv(
            pa.BufferReader(block),
            read_options=pacsv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(block) + 1
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self.delimiter,
                quote_char=self.dialect.quote or False,
                escape_char=False,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=skip_row,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
                check_utf8=False,  # proven for the whole file before
            ),
        )
        return [c.chunk(0) if c.num_chunks == 1 else c.combine_chunks() for c in table.columns]

    def _locate_lines(
        self, block: bytes, columns: Sequence[pa.Array], invalid: Sequence[tuple[int, str]]
    ) -> tuple[np.ndarray, list[int], int] | None:
        """Line in the block, from 0, of each valid and each ragged row, and the number of lines.

        Records are counted; only where a quoted cell may hold line breaks they are looked for.
        """
        total = len(columns[0]) + len(invalid)
        starts = np.arange(total, dtype=np.int64)
        quoted = self._has_quotes(block)
        count = _line_count(block) if quoted or b"\r" in block else total
        if not invalid and count == total:
            return starts, [], count
        bad = np.array([number - 1 for number, _ in invalid], dtype=np.int64)
        valid = np.delete(starts, bad)
        if count != total:
            if not quoted:
                return None
            inside = np.zeros(total, dtype=np.int64)
            for column in columns:
                inside[valid] += pc.count_substring(column, "\n").to_numpy(zero_copy_only=False)
            inside[bad] = [text.count("\n") for _, text in invalid]
            if (
                total + inside.sum() != count
                or inside.max(initial=0) + 1 >= self.limits.record_lines
            ):
                return None
            starts += np.cumsum(inside) - inside
        return starts[valid], starts[bad].tolist(), count

    def _has_quotes(self, block: bytes) -> bool:
        return self.dialect.quote is not None and self.dialect.quote.encode() in block

    def _split_line(self, text: str) -> list[str]:
        alone = StrictParser(
            LineBlocks(iter(()), self.limits), self.dialect, self.delimiter, self.limits
        )
        return next(
            (
                cells
                for _, cells, _ in alone.read_records(text.encode("utf-8"))
                if cells is not None
            ),
            [text],
        )


def _line_count(block: bytes) -> int:
    # Six times as fast as bytes.count, and other threads may go on meanwhile.
    return int(np.count_nonzero(np.frombuffer(block, dtype=np.uint8) == _NEWLINE)) + (
        not block.endswith(b"\n")
    )


def _returns_are_plain(text: np.ndarray) -> bool:
    """True if every return is followed by a line feed."""
    returns = text == _RETURN
    return not returns[-1] and np.count_nonzero(returns) == np.count_nonzero(
        returns[:-1] & (text[1:] == _NEWLINE)
    )


def _quotes_are_plain(text: np.ndarray, delimiter: int, quote: int) -> bool:
    """True if every quote opens a field at its start, closes one at its end, or is doubled inside one.

    Taken in order, quotes then alternate between opening and closing, and a doubled quote closes and opens at once.
    """
    quotes = np.flatnonzero(text == quote)
    if len(quotes) % 2:
        return False
    before = text[quotes[::2] - 1]
    if quotes[0] == 0:
        before[0] = _NEWLINE
    beyond = quotes[1::2] + 1
    at_end = beyond[-1] == len(text)
    after = text[beyond[:-1] if at_end else beyond]
    opens_well = (before == delimiter) | (before == _NEWLINE) | (before == quote)
    closes_well = (after == delimiter) | (after == _NEWLINE) | (after == _RETURN) | (after == quote)
    return bool(opens_well.all() and closes_well.all())


def measure_longest(column: pa.Array) -> int:
    """Bytes of the longest cell; never fewer than its characters."""
    offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[
        column.offset : column.offset + len(column) + 1
    ]
    return int(np.diff(offsets).max(initial=0)) if len(column) else 0
