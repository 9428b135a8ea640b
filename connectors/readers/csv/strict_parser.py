"""Reads CSV records one by one with the standard library.

Exact about quotes, line breaks and line numbers, but slow.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from connectors.readers.csv.cell_limit import next_record
from connectors.readers.csv.line_repair import LineSplitter
from connectors.readers.text.line_blocks import LineBlocks, open_lines
from connectors.tables.limits import Limits
from connectors.tables.text_table import Dialect

Record = tuple[int, list[str] | None, str]

# Replaces a delimiter of several characters, which the csv module does not support; texts hold no
# noncharacters.
STAND_IN = "\ufdd0"
_MENDED_LINES = 20


@dataclass
class StrictParser:
    """Reads the records of a text block by block with the physical line of each."""

    source: LineBlocks
    dialect: Dialect
    limits: Limits
    line: int = 0
    mend: LineRepair | None = None

    def read_records(self, block: bytes) -> Iterator[Record]:
        """The records that begin in this block, as (line where it begins, cells, text).

        A record that extends beyond the block is completed from the source; the remainder is put
        back. Where the quoting is broken, only that one line is returned, without cells, and
        reading continues with the next line.
        """
        lines = _Lines(self, block)
        reader = self._csv_reader(lines)
        while not lines.in_next_block():
            start = lines.begin_record()
            try:
                cells = self._restore_delimiter(next_record(reader, self.limits.cell_chars))
            except StopIteration:
                break
            except (csv.Error, _TooManyLines):
                mended = self._mend_record(lines, start)
                yield start, mended, "" if mended is not None else lines.only_first()
            else:
                yield start, self._fit_record(lines, start, cells), ""
        self.line = lines.line
        self.source.put_back(lines.encode_unread())

    @cached_property
    def _splitter(self) -> LineSplitter:
        return LineSplitter(self.dialect.separator, self.dialect.quote, self.dialect.escape)

    def _mend_record(self, lines: _Lines, start: int) -> list[str] | None:
        """A record of broken quoting, perhaps with some of the next lines; None if that fails."""
        if self.mend is None:
            return None
        for count, cells in self._readings(lines, self.mend.width):
            if cells is not None and len(cells) == self.mend.width:
                lines.keep_lines(count)
                self.mend.lines.append(start)
                return cells
        return None

    def _readings(self, lines: _Lines, width: int) -> Iterator[tuple[int, list[str] | None]]:
        """Ways to read the current record, with the number of lines each of them takes."""
        taken = lines.list_taken()
        own = self._splitter.mend_line(taken[0], width)
        yield 1, own or self._splitter.mend_delimiter(taken[0], width)
        for count in range(2, _MENDED_LINES):
            if len(taken) < count and not lines.one_more(taken):
                return
            yield count, self._splitter.split_line("".join(taken[:count]).rstrip("\r\n"))

    def _fit_record(self, lines: _Lines, start: int, cells: list[str]) -> list[str]:
        """A record, mended if its width is wrong: a stray quote or another delimiter."""
        if self.mend is None or len(cells) == self.mend.width or not any(cells):
            return cells
        better = self._reread_first(lines.list_taken(), cells, self.mend.width)
        if better is None:
            return cells
        lines.keep_lines(1)
        self.mend.lines.append(start)
        return better

    def _reread_first(
        self, taken: Sequence[str], cells: Sequence[str], width: int
    ) -> list[str] | None:
        if len(taken) == 1:
            return self._splitter.mend_delimiter(taken[0], width) if len(cells) == 1 else None
        # A stray quote swallows whole rows; a line break in a quoted cell does not.
        is_row = self._splitter.mend_line(taken[1], width)
        return self._splitter.mend_line(taken[0], width) if is_row else None

    def _restore_delimiter(self, cells: list[str]) -> list[str]:
        """Cells with a delimiter of several characters put back in place of its stand-in."""
        separator = self.dialect.separator
        if len(separator) == 1:
            return cells
        return [c.replace(STAND_IN, separator) if STAND_IN in c else c for c in cells]

    def _replace_delimiter(self, line: str) -> str:
        return line.replace(self.dialect.separator, STAND_IN)

    def _csv_reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        separator = self.dialect.separator
        is_long = len(separator) > 1
        return csv.reader(
            # A generator would end at the first exception of ``lines``; map continues.
            map(self._replace_delimiter, lines) if is_long else lines,
            strict=True,
            delimiter=STAND_IN if is_long else separator,
            quotechar=self.dialect.quote,
            quoting=csv.QUOTE_MINIMAL if self.dialect.quote else csv.QUOTE_NONE,
            escapechar=self.dialect.escape,
        )


@dataclass
class LineRepair:
    """Allows to mend broken records of a table of this width; records their lines."""

    width: int
    lines: list[int] = field(default_factory=list)


class _TooManyLines(Exception):
    """A quoted cell spans more lines than any note would: its closing quote is missing."""


class _Lines:
    """Feeds lines to the csv module and keeps those of the current record."""

    def __init__(self, reader: StrictParser, block: bytes) -> None:
        self._reader = reader
        self._text = open_lines(block)
        self._returned: deque[str] = deque()
        self._taken: list[str] = []
        self._is_beyond = False
        self.line = reader.line

    def begin_record(self) -> int:
        self._taken.clear()
        return self.line + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text = self._returned.popleft() if self._returned else self._text.readline()
        if not text and self._taken:
            text = self._next_source_line()
        if not text:
            raise StopIteration
        if len(self._taken) >= self._reader.limits.record_lines:
            self._returned.appendleft(text)
            raise _TooManyLines
        self._taken.append(text)
        self.line += 1
        return text

    def only_first(self) -> str:
        """Returns all lines of the current record but its first, and gives that one."""
        self.keep_lines(1)
        return self._taken[0].rstrip("\r\n")

    def keep_lines(self, count: int) -> None:
        """Returns all lines of the current record but the first ``count``."""
        self._returned.extendleft(reversed(self._taken[count:]))
        self.line -= len(self._taken) - count
        del self._taken[count:]

    def list_taken(self) -> list[str]:
        """The lines of the current record."""
        return list(self._taken)

    def one_more(self, lines: list[str]) -> bool:
        """Takes the next line into the current record and appends it; False at the end."""
        try:
            lines.append(next(self))
        except (StopIteration, _TooManyLines):
            return False
        return True

    def in_next_block(self) -> bool:
        """Whether the block is read and its last record ended in the block after it."""
        return self._is_beyond and not self._returned

    def encode_unread(self) -> bytes:
        return ("".join(self._returned) + self._text.read()).encode("utf-8")

    def _next_source_line(self) -> str:
        """The first line of the next block, "" at the end of the text."""
        block = self._reader.source.next_block()
        if block:
            self._is_beyond = True
            self._text = open_lines(block)
        return self._text.readline()
