"""Read CSV records one by one with the standard library: exact about quotes, line breaks and lines; slow on purpose."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.readers.limits import Limits
from connectors.text_table import CannotRead, Dialect

Record = tuple[int, list[str] | None, str]


class LineBlocks:
    """A text as blocks of UTF-8 that end between two lines; what was taken too far can be put back."""

    def __init__(self, blocks: Iterator[bytes], limits: Limits) -> None:
        self._blocks = blocks
        self._limit = limits.line_bytes
        self._back: deque[bytes] = deque()
        self._rest = b""

    def next_block(self) -> bytes:
        """The next whole lines (the last may lack its end), b"" at the end; raises CannotRead ``too_large``."""
        if self._back:
            return self._back.popleft()
        parts: list[bytes | memoryview] = [self._rest] if self._rest else []
        size = len(self._rest)
        for block in self._blocks:
            parts.append(block)
            size += len(block)
            cut = (block.rfind(b"\n") + 1) or (block.rfind(b"\r", 0, -1) + 1)
            if cut:
                self._rest = block[cut:]
                parts[-1] = memoryview(block)[:cut]
                return b"".join(parts)
            if size > self._limit:
                message = "Eine Zeile der Datei ist länger als erlaubt. Bitte prüfen, ob es eine CSV-Datei ist."
                raise CannotRead("too_large", message)
        self._rest = b""
        return b"".join(parts)

    def put_back(self, block: bytes) -> None:
        """Give back lines that were not used, to be the next block."""
        if block:
            self._back.appendleft(block)


@dataclass
class CarefulReader:
    """Reads the records of a text block by block and knows the physical line of each."""

    source: LineBlocks
    dialect: Dialect
    delimiter: str
    limits: Limits
    line: int = 0

    def records(self, block: bytes) -> Iterator[Record]:
        """The records that begin in this block, as (line where it begins, cells, text).

        A record reaching over the block's end is finished from the source and the remainder put back. Where the quoting
        is broken, only that one line is given, without cells, and reading goes on with the next line.
        """
        lines = _Lines(self, block)
        reader = self._csv(lines)
        while True:
            start = lines.begin_record()
            try:
                cells = next(reader)
            except StopIteration:
                break
            except (csv.Error, _TooManyLines):
                yield start, None, lines.only_first()
            else:
                yield start, cells, ""
            if lines.in_next_block():
                break
        self.line = lines.line
        self.source.put_back(lines.unread())

    def _csv(self, lines: Iterator[str]) -> Iterator[list[str]]:
        csv.field_size_limit(self.limits.cell_chars)
        return csv.reader(
            lines,
            strict=True,
            delimiter=self.delimiter,
            quotechar=self.dialect.quote,
            quoting=csv.QUOTE_MINIMAL if self.dialect.quote else csv.QUOTE_NONE,
            escapechar=self.dialect.escape,
        )


class _TooManyLines(Exception):
    """A quoted cell spans more lines than any note would: its closing quote is missing."""


class _Lines:
    """Hands lines to the csv module and remembers those of the current record."""

    def __init__(self, reader: CarefulReader, block: bytes) -> None:
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
        self._again.extendleft(reversed(self._taken[1:]))
        self.line -= len(self._taken) - 1
        return self._taken[0].rstrip("\r\n")

    def in_next_block(self) -> bool:
        """Whether all lines of the block are read and the last record ended in the block after it."""
        return self._beyond and not self._again

    def unread(self) -> bytes:
        return ("".join(self._again) + self._text.read()).encode("utf-8")

    def _from_source(self) -> str:
        block = self._reader.source.next_block()
        if not block:
            raise StopIteration
        self._beyond = True
        self._text = io.StringIO(block.decode("utf-8"), newline="")
        return self._text.readline()
