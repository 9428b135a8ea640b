"""A CSV file of known cells and how it is written; the corpus makes them, the readers are told of them."""

from __future__ import annotations

from dataclasses import dataclass, field

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
    """A file and what must come out of it; ``header_line`` is the physical line of its header, 0 if there is none."""

    name: str
    spelling: Spelling
    rows: list[Row]
    expected: list[Row]
    header_line: int = 1
    preamble: int = 0
    width: int = 0
    raw_lines: dict[int, str] = field(default_factory=dict)
    end: str = "one"
    nul: bool = False

    def as_text(self) -> str:
        """The file as text."""
        ends = (
            ("\r\n", "\n", "\r") if self.spelling.line_end == "mixed" else (self.spelling.line_end,)
        )
        lines = [
            self.raw_lines.get(n, spell_record(row, self.spelling))
            for n, row in enumerate(self.rows)
        ]
        parts = [
            line + (ends[n % len(ends)] if n < len(lines) - 1 or self.end != "none" else "")
            for n, line in enumerate(lines)
        ]
        return "".join(parts) + (ends[0] if self.end == "two" else "")

    def as_bytes(self) -> bytes:
        """The file as bytes."""
        return self.as_text().encode(self.spelling.encoding)


def spell_record(row: Row, spelling: Spelling) -> str:
    """One record in a spelling."""
    return spelling.delimiter.join(
        _spell_cell(cell, spelling, number, len(row)) for number, cell in enumerate(row)
    )


def _spell_cell(cell: str, spelling: Spelling, number: int, width: int) -> str:
    special = (
        spelling.delimiter.strip() or " ",
        spelling.delimiter,
        "\n",
        "\r",
        spelling.quote or "\0",
    )
    if not spelling.quote:
        return cell
    needed = (
        any(s in cell for s in special)
        or cell != cell.strip()
        or (spelling.escape == "\\" and "\\" in cell)
    )
    if not (spelling.quote_all or needed or (width == 1 and not cell)):
        return cell
    if spelling.escape == "\\":
        cell = cell.replace("\\", "\\\\")
    return (
        spelling.quote
        + cell.replace(spelling.quote, spelling.escape + spelling.quote)
        + spelling.quote
    )
