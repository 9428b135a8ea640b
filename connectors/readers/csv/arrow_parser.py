"""Parses blocks of CSV with Arrow where that provably gives the strict parser's table and lines."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from connectors.readers.csv.strict_parser import StrictParser
from connectors.readers.rows.data_rows import DataRows, OtherBlock
from connectors.readers.rows.row_words import cell_offsets
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import Batch, Dialect, RaggedRow

_NEWLINE, _RETURN = 10, 13


@dataclass(frozen=True)
class ParsedBlock:
    """A parsed block; lines count from 0, since its position in the file is not known yet."""

    columns: Sequence[pa.Array]
    lines: np.ndarray
    ragged: Sequence[RaggedRow]
    rows: DataRows
    line_count: int

    def as_batch(self, first_line: int) -> Batch:
        """The block as a batch, once its first line is known."""
        ragged = [RaggedRow(r.row + first_line, r.cells) for r in self.ragged]
        return self.rows.make_batch(self.columns, self.lines + first_line, ragged)


@dataclass(frozen=True)
class ArrowParser:
    """Parses whole blocks of one text; blocks are independent and can be parsed in parallel."""

    dialect: Dialect
    rows: DataRows
    limits: Limits

    def supports_dialect(self) -> bool:
        """Whether Arrow can read this dialect at all."""
        quote, separator = self.dialect.quote, self.dialect.separator
        return (
            self.dialect.escape is None
            and len(separator) == 1
            and separator.isascii()
            and (quote is None or quote.isascii())
        )

    def is_safe(self, block: bytes) -> bool:
        """Whether Arrow reads this block as the strict parser does.

        That takes plain line ends and quotes only around fields.
        """
        if block.startswith(codecs.BOM_UTF8):
            return False
        if not self._has_quotes(block):
            # A lone return within the block makes one more record than lines and is noticed there.
            return not block.endswith(b"\r")
        text = np.frombuffer(block, dtype=np.uint8)
        quote = ord(self.dialect.quote or "")
        return _returns_are_plain(text) and _quotes_are_plain(
            text, ord(self.dialect.separator), quote
        )

    def parse_block(self, block: bytes) -> ParsedBlock | None:
        """The block's data rows and what was left out; None if only the strict parser is exact."""
        try:
            return self._parse_safe(block) if self.is_safe(block) else None
        except OtherBlock:
            return None

    def _parse_safe(self, block: bytes) -> ParsedBlock | None:
        invalid: list[tuple[int, str]] = []
        columns = self._parse_columns(block, invalid)
        found = self._locate_lines(block, columns, invalid)
        if found is None or any(measure_longest(c) > self.limits.cell_chars for c in columns):
            return None
        lines, ragged_lines, count = found
        split = [self._split_line(text) for _, text in invalid]
        if any(len(cell) > self.limits.cell_chars for cells in split for cell in cells):
            return None
        rows = self.rows.of_block()
        kept = rows.keep_columns(columns, lines) if len(lines) else None
        if kept is not None:
            columns, lines = [c.take(pa.array(kept)) for c in columns], lines[kept]
        ragged = [
            RaggedRow(line, tuple(cells))
            for line, cells in zip(ragged_lines, split, strict=True)
            if rows.keep_row(cells, line)
        ]
        return ParsedBlock(columns, lines, ragged, rows, count)

    def _parse_columns(self, block: bytes, invalid: list[tuple[int, str]]) -> list[pa.Array]:
        """The columns of the valid rows; adds number and text of the others to ``invalid``."""
        names = [str(i) for i in range(self.rows.width)]
        table = pacsv.read_csv(
            pa.BufferReader(block),
            read_options=pacsv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(block) + 1
            ),
            parse_options=self._parse_options(invalid),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                check_utf8=False,  # checked before for the whole file
            ),
        )
        return [c.chunk(0) if c.num_chunks == 1 else c.combine_chunks() for c in table.columns]

    def _parse_options(self, invalid: list[tuple[int, str]]) -> pacsv.ParseOptions:
        def skip_row(row: pacsv.InvalidRow) -> str:
            invalid.append((row.number, row.text))
            return "skip"

        return pacsv.ParseOptions(
            delimiter=self.dialect.separator,
            quote_char=self.dialect.quote or False,
            escape_char=False,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=skip_row,
        )

    def _locate_lines(
        self, block: bytes, columns: Sequence[pa.Array], invalid: Sequence[tuple[int, str]]
    ) -> tuple[np.ndarray, list[int], int] | None:
        """Line in the block, from 0, of each valid and each ragged row, and the number of lines.

        None if the lines cannot be assigned. Line breaks within cells are only looked for if
        there are more lines than records.
        """
        total = len(columns[0]) + len(invalid)
        has_quotes = self._has_quotes(block)
        count = _line_count(block) if has_quotes or b"\r" in block else total
        bad = np.array([number - 1 for number, _ in invalid], dtype=np.int64)
        starts = np.arange(total, dtype=np.int64)
        valid = np.delete(starts, bad)
        if count != total:
            if not has_quotes:
                return None
            breaks = np.zeros(total, dtype=np.int64)
            breaks[valid] = _count_breaks(columns)
            breaks[bad] = [text.count("\n") for _, text in invalid]
            longest = breaks.max(initial=0) + 1
            if total + breaks.sum() != count or longest >= self.limits.record_lines:
                return None
            starts += np.cumsum(breaks) - breaks
        return starts[valid], starts[bad].tolist(), count

    def _has_quotes(self, block: bytes) -> bool:
        return self.dialect.quote is not None and self.dialect.quote.encode() in block

    def _split_line(self, text: str) -> list[str]:
        source = LineBlocks(iter(()), self.limits)
        parser = StrictParser(source, self.dialect, self.limits)
        records = parser.read_records(text.encode("utf-8"))
        return next((cells for _, cells, _ in records if cells is not None), [text])


def _count_breaks(columns: Sequence[pa.Array]) -> np.ndarray:
    """The number of line breaks within the cells of each row."""
    counts = [pc.count_substring(column, "\n") for column in columns]
    breaks: np.ndarray = sum(c.to_numpy(zero_copy_only=False) for c in counts)
    return breaks


def _line_count(block: bytes) -> int:
    # Six times as fast as bytes.count, and without holding the GIL.
    feeds = np.count_nonzero(np.frombuffer(block, dtype=np.uint8) == _NEWLINE)
    return int(feeds) + (not block.endswith(b"\n"))


def _returns_are_plain(text: np.ndarray) -> bool:
    """Whether every return is followed by a line feed."""
    returns = text == _RETURN
    following = text[1:][returns[:-1]]
    return not returns[-1] and bool((following == _NEWLINE).all())


def _quotes_are_plain(text: np.ndarray, delimiter: int, quote: int) -> bool:
    """Whether every quote opens a field, closes one, or is doubled inside one.

    In order, quotes then alternate between opening and closing; a doubled quote does both at once.
    """
    quotes = np.flatnonzero(text == quote)
    if len(quotes) % 2:
        return False
    before = text[quotes[::2] - 1]
    if quotes[0] == 0:
        before[0] = _NEWLINE
    beyond = quotes[1::2] + 1
    after = text[beyond[:-1] if beyond[-1] == len(text) else beyond]
    opens = (before == delimiter) | (before == _NEWLINE) | (before == quote)
    closes = (after == delimiter) | (after == _NEWLINE) | (after == _RETURN) | (after == quote)
    return bool(opens.all() and closes.all())


def measure_longest(column: pa.Array) -> int:
    """Bytes of the longest cell, which are at least as many as its characters."""
    return int(np.diff(cell_offsets(column)).max(initial=0)) if len(column) else 0
