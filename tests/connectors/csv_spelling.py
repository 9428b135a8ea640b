"""A CSV file of known cells and the way it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import cycle

Row = list[str]


@dataclass(frozen=True)
class Spelling:
    """How a file of the corpus is written, as a person would state it."""

    delimiter: str = ";"
    quote: str = '"'
    escape: str = '"'
    quote_all: bool = False
    line_end: str = "\n"
    encoding: str = "utf-8"


@dataclass
class CorpusFile:
    """A file and the rows a reader must return.

    `header_line` is the physical line of the header, 0 if there is none.
    """

    name: str
    spelling: Spelling
    rows: list[Row]
    expected: list[Row]
    header_line: int = 1
    preamble: int = 0
    width: int = 0
    raw_lines: dict[int, str] = field(default_factory=dict)
    end: str = "one"

    def copy_rows(self) -> list[Row]:
        """The rows as lists of their own, to be changed."""
        return [list(row) for row in self.rows]

    def as_text(self) -> str:
        """The file as text."""
        line_end = self.spelling.line_end
        ends = ("\r\n", "\n", "\r") if line_end == "mixed" else (line_end,)
        parts = []
        for n, (row, end) in enumerate(zip(self.rows, cycle(ends), strict=False)):
            parts += [self.raw_lines.get(n, spell_record(row, self.spelling)), end]
        if self.end == "none":
            parts.pop()
        return "".join(parts) + (ends[0] if self.end == "two" else "")

    def as_bytes(self) -> bytes:
        """The file as bytes."""
        return self.as_text().encode(self.spelling.encoding)


def spell_record(row: Row, spelling: Spelling) -> str:
    """One record in a spelling."""
    return spelling.delimiter.join(_spell_cell(cell, spelling, len(row)) for cell in row)


def _spell_cell(cell: str, spelling: Spelling, width: int) -> str:
    quote, escape = spelling.quote, spelling.escape
    if not quote:
        return cell
    lone = width == 1 and not cell
    if not (spelling.quote_all or lone or _needs_quotes(cell, spelling)):
        return cell
    if escape == "\\":
        cell = cell.replace("\\", "\\\\")
    return quote + cell.replace(quote, escape + quote) + quote


def _needs_quotes(cell: str, spelling: Spelling) -> bool:
    delimiter = spelling.delimiter
    special = [delimiter.strip() or " ", delimiter, "\n", "\r", spelling.quote]
    if spelling.escape == "\\":
        special.append("\\")
    return cell != cell.strip() or any(s in cell for s in special)
