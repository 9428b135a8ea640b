"""Splits lines of broken quoting as a person would; used only where every repair is reported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

_OTHERS = (";", ",", "\t", "|", ":", " ")


@dataclass(frozen=True)
class LineSplitter:
    """Splits lines of one dialect more tolerantly than the csv module."""

    delimiter: str
    quote: str | None
    escape: str | None

    def mend_line(self, line: str, width: int) -> list[str] | None:
        """The cells of a broken line by the first reading that gives ``width`` of them."""
        readings = self._readings(line.rstrip("\r\n"))
        return next((cells for cells in readings if cells and len(cells) == width), None)

    def mend_delimiter(self, line: str, width: int) -> list[str] | None:
        """The cells of a line with another delimiter than its file; None if none fits."""
        line = line.rstrip("\r\n")
        for other in _OTHERS:
            if other != self.delimiter and line.count(other) >= width - 1 > 0:
                cells = replace(self, delimiter=other).split_line(line)
                if cells is not None and len(cells) == width:
                    return cells
        return None

    def split_line(self, line: str) -> list[str] | None:
        """The cells of a record; None if a quote stays open.

        A quote opens only at the start of a cell and closes only at its end.
        """
        cells: list[str] = []
        at = 0
        while True:
            if self.quote and line.startswith(self.quote, at):
                end = self._closing_quote(line, at + 1)
                if end is None:
                    return None
                cells.append(self._unquote_cell(line[at + 1 : end], self.quote))
                end += 1
            else:
                end = self._plain_end(line, at)
                cells.append(self._unescape_text(line[at:end]))
            if end >= len(line):
                return cells
            at = end + len(self.delimiter)

    def _readings(self, line: str) -> Iterator[list[str] | None]:
        """The line as it is, without quotes, and without quotes around the whole of it."""
        yield self.split_line(line)
        if self.quote and self.quote in line:
            yield line.split(self.delimiter)
            if len(line) > 1 and line[0] == line[-1] == self.quote:
                yield self.split_line(line[1:-1].replace(self.quote * 2, self.quote))

    @cached_property
    def _quote_runs(self) -> re.Pattern[str]:
        """Matches runs of quotes as group 1, and escaped characters, which are none."""
        quotes = f"({re.escape(self.quote or '')}+)"
        if self.escape and self.escape != self.quote:
            quotes = f"{re.escape(self.escape)}.?|{quotes}"
        return re.compile(quotes, re.DOTALL)

    def _closing_quote(self, line: str, at: int) -> int | None:
        """Index of the quote that ends a cell.

        The last one of the first odd run before a delimiter or the end of the line; if all runs
        there are pairs, the last one of the first of them.
        """
        paired: int | None = None
        for run in self._quote_runs.finditer(line, at):
            end = run.end()
            if run[1] and (end == len(line) or line.startswith(self.delimiter, end)):
                if len(run[1]) % 2:
                    return end - 1
                paired = end - 1 if paired is None else paired
        return paired

    def _plain_end(self, line: str, at: int) -> int:
        """Index of the next delimiter that is not escaped, or of the end of the line."""
        end = line.find(self.delimiter, at)
        while self.escape and end > 0 and line[end - 1] == self.escape:
            end = line.find(self.delimiter, end + 1)
        return end if end >= 0 else len(line)

    def _unquote_cell(self, text: str, quote: str) -> str:
        text = text.replace(quote * 2, quote)
        return text if self.escape == quote else self._unescape_text(text)

    def _unescape_text(self, text: str) -> str:
        if not self.escape:
            return text
        # An escape at the end of the text stands for itself.
        pairs = re.escape(self.escape) + "(.?)"
        return re.sub(pairs, lambda pair: pair[1] or pair[0], text, flags=re.DOTALL)
