"""Read CSV records one by one with the standard library: exact about quotes, line breaks and lines; slow on purpose."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.readers.csv.cell_limit import next_record
from connectors.readers.csv.line_repair import by_another_delimiter, mend_line, split_tolerantly
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import Dialect

Record = tuple[int, list[str] | None, str]

# Stands for a delimiter of several characters, which the csv module does not know; no text may hold a noncharacter.
STAND_IN = "\ufdd0"
_MENDED_LINES = 20


@dataclass
class StrictParser:
    """Reads the records of a text block by block and knows the physical line of each."""

    source: LineBlocks
    dialect: Dialect
    delimiter: str
    limits: Limits
    line: int = 0
    mend: LineRepair | None = None

    def read_records(self, block: bytes) -> Iterator[Record]:
        """The records that begin in this block, as (line where it begins, cells, text).

        A record reaching over the block's end is finished from the source and the remainder put back. Where the quoting
        is broken, only that one line is given, without cells, and reading goes on with the next line.
        """
        lines = _Lines(self, block)
        reader = self._csv_reader(lines)
        while True:
            start = lines.begin_record()
            try:
                cells: list[str] | None = self._restore_delimiter(
                    next_record(reader, self.limits.cell_chars)
                )
            except StopIteration:
                break
            except (csv.Error, _TooManyLines):
                cells = self._mend_record(lines, start)
                yield start, cells, "" if cells is not None else lines.only_first()
            else:
                if self.mend is not None and cells is not None and len(cells) != self.mend.width:
                    cells = self._fit_record(lines, start, cells)
                yield start, cells, ""
            if lines.in_next_block():
                break
        self.line = lines.line
        self.source.put_back(lines.encode_unread())

    def _mend_record(self, lines: _Lines, start: int) -> list[str] | None:
        """A record of broken quoting read as a person would, perhaps with some of the next lines; None if that fails."""
        if self.mend is None:
            return None
        own = (self.mend.width, self.delimiter, self.dialect.quote, self.dialect.escape)
        taken = lines.list_taken()
        first = mend_line(taken[0], *own) or by_another_delimiter(taken[0], *own)
        if first is not None:
            lines.keep_lines(1)
            self.mend.lines.append(start)
            return first
        for count in range(2, _MENDED_LINES):
            if len(taken) < count and not lines.one_more(taken):
                break
            cells = split_tolerantly(
                "".join(taken[:count]).rstrip("\r\n"),
                self.delimiter,
                self.dialect.quote,
                self.dialect.escape,
            )
            if cells is not None and len(cells) == self.mend.width:
                lines.keep_lines(count)
                self.mend.lines.append(start)
                return cells
        return None

    def _fit_record(self, lines: _Lines, start: int, cells: list[str]) -> list[str]:
        """A record of the wrong width: perhaps its quote was none, or it was written with another delimiter."""
        if self.mend is None or not any(cells):
            return cells
        taken = lines.list_taken()
        own = (self.mend.width, self.delimiter, self.dialect.quote, self.dialect.escape)
        # A quote too many swallows whole rows; a line break in a quoted cell does not.
        better = mend_line(taken[0], *own) if len(taken) > 1 and mend_line(taken[1], *own) else None
        if better is None and len(cells) == 1 and len(taken) == 1:
            better = by_another_delimiter(taken[0], *own)
        if better is None:
            return cells
        lines.keep_lines(1)
        self.mend.lines.append(start)
        return better

    def _restore_delimiter(self, cells: list[str]) -> list[str]:
        """Cells in which the delimiter of several characters is itself again."""
        if len(self.delimiter) == 1:
            return cells
        return [c.replace(STAND_IN, self.delimiter) if STAND_IN in c else c for c in cells]

    def _one_character(self, line: str) -> str:
        return line.replace(self.delimiter, STAND_IN)

    def _csv_reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        several = len(self.delimiter) > 1
        return csv.reader(
            map(self._one_character, lines) if several else lines,
            strict=True,
            delimiter=STAND_IN if several else self.delimiter,
            quotechar=self.dialect.quote,
            quoting=csv.QUOTE_MINIMAL if self.dialect.quote else csv.QUOTE_NONE,
            escapechar=self.dialect.escape,
        )


@dataclass
class LineRepair:
    """Leave to read broken records as a person would, for tables of this width; remembers the lines where it was done."""

    width: int
    lines: list[int] = field(default_factory=list)


class _TooManyLines(Exception):
    """A quoted cell spans more lines than any note would: its closing quote is missing."""


class _Lines:
    """Hands lines to the csv module and remembers those of the current record."""

    def __init__(self, reader: StrictParser, block: bytes) -> None:
        self._reader = reader
        self._text = io.StringIO(block.decode("utf-8"), newline="")
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._beyond = False
        self.line = reader.line

    def begin_record(self) -> int:
        self._taken.clear()
        return self.line + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        text = self._again.popleft() if self._again else self._text.readline()
        if not text:
            if not self._taken:
                raise StopIteration
            text = self._from_source()
        if len(self._taken) >= self._reader.limits.record_lines:
            self._again.appendleft(text)
            raise _TooManyLines
        self._taken.append(text)
        self.line += 1
        return text

    def only_first(self) -> str:
        """Give back all lines of the current record but its first, and return that one."""
        self.keep_lines(1)
        return self._taken[0].rstrip("\r\n")

    def keep_lines(self, count: int) -> None:
        """Give back all lines of the current record but so many."""
        self._again.extendleft(reversed(self._taken[count:]))
        self.line -= len(self._taken) - count
        del self._taken[count:]

    def list_taken(self) -> list[str]:
        """The lines of the current record."""
        return list(self._taken)

    def one_more(self, lines: list[str]) -> bool:
        """Take the next line into the current record and append it; False at the end."""
        try:
            lines.append(next(self))
        except (StopIteration, _TooManyLines):
            return False
        return True

    def in_next_block(self) -> bool:
        """Whether all lines of the block are read and the last record ended in the block after it."""
        return self._beyond and not self._again

    def encode_unread(self) -> bytes:
        return ("".join(self._again) + self._text.read()).encode("utf-8")

    def _from_source(self) -> str:
        block = self._reader.source.next_block()
        if not block:
            raise StopIteration
        self._beyond = True
        self._text = io.StringIO(block.decode("utf-8"), newline="")
        return self._text.readline()
