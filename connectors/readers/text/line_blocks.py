"""Cuts a text into blocks that end between two lines, however long the lines are."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterator

from connectors.readers.text.encoding import TextFile
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead


class LineBlocks:
    """A text as blocks of whole lines in UTF-8; lines that were read too far can be put back."""

    def __init__(self, blocks: Iterator[bytes], limits: Limits) -> None:
        self._blocks = blocks
        self._limit = limits.line_bytes
        self._returned: deque[bytes] = deque()
        self._rest = b""

    def next_block(self) -> bytes:
        """The next whole lines (the last may lack its line end), b"" at the end of the text.

        Raises CannotRead ``too_large``.
        """
        if self._returned:
            return self._returned.popleft()
        parts: list[bytes | memoryview] = [self._rest] if self._rest else []
        size = len(self._rest)
        for block in self._blocks:
            self._check_line(size, block)
            parts.append(block)
            size += len(block)
            cut = (block.rfind(b"\n") + 1) or (block.rfind(b"\r", 0, -1) + 1)
            if cut:
                self._rest = block[cut:]
                parts[-1] = memoryview(block)[:cut]
                return b"".join(parts)
        self._rest = b""
        return b"".join(parts)

    def read_lines(self) -> Iterator[str]:
        """The lines one by one, with their line ends."""
        while block := self.next_block():
            yield from open_lines(block)

    def put_back(self, block: bytes) -> None:
        """Returns lines that were not used; they become the next block."""
        if block:
            self._returned.appendleft(block)

    def _check_line(self, size: int, block: bytes) -> None:
        # Only the line itself is measured, so that the limit does not depend on where blocks end.
        if size + _first_end(block) > self._limit:
            raise CannotRead(
                "too_large",
                "Eine Zeile der Datei ist länger als erlaubt. "
                "Bitte prüfen, ob es eine CSV-Datei ist.",
            )


def open_blocks(text: TextFile) -> LineBlocks:
    """A text from its beginning."""
    return LineBlocks(text.read_blocks(), text.file.limits)


def open_lines(block: bytes) -> io.StringIO:
    """The lines of a block with their line ends as they are."""
    return io.StringIO(block.decode("utf-8"), newline="")


def _first_end(block: bytes) -> int:
    """Index in the block where its first line ends."""
    feed = block.find(b"\n")
    end = feed if feed >= 0 else len(block)
    carriage_return = block.find(b"\r", 0, end)
    return carriage_return if carriage_return >= 0 else end
