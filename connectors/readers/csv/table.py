"""A CSV file as a text table: its delimiter, its header and where its data begin. How the data are walked stands in csv_walk.py."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from connectors.readers.csv.blocks import BlockReader, Span
from connectors.readers.csv.stacked_tables import NextTable
from connectors.readers.csv.strict_parser import LineRepair, Record, StrictParser
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import SCANNED_ROWS, Header, header_at, names_found, stated_row
from connectors.readers.rows.two_line_header import found_header, join_rows
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, Dialect, TextTable, Wanted

DELIMITERS = (";", "\t", ",", "|")
SEP_LINE = re.compile(rb'\A"?sep=([^\r\n]{1,4}?)"?(?:\r\n|\n|\r)', re.IGNORECASE)
# Enough for the first rows of any table; with longer quoted cells the rest of the block would be no better.
_START_BYTES = 2**20


@dataclass(frozen=True)
class FileStart:
    """What the first lines of a file say: the delimiter and the records found with it, before any header is known."""

    delimiter: str
    records: tuple[Record, ...]
    end_line: int

    def as_rows(self) -> list[tuple[int, list[str]]]:
        """The records as rows; a line of broken quoting is one cell."""
        return [
            (line, cells if cells is not None else [text]) for line, cells, text in self.records
        ]

    def line_after(self, index: int) -> int:
        """The line where the record after this one begins."""
        return self.records[index + 1][0] if index + 1 < len(self.records) else self.end_line


def csv_table(
    path: Path, shown_as: str, wanted: Wanted, limits: Limits, *, careful: bool = False
) -> TextTable:
    """The one table of a CSV file; ``careful`` forbids the fast path. Raises CannotRead for the whole."""
    return named_table(
        detect_encoding(path, wanted.dialect.encoding), shown_as, wanted, limits, careful=careful
    )


def named_table(
    text: TextFile,
    shown_as: str,
    wanted: Wanted,
    limits: Limits,
    *,
    careful: bool = False,
    further: NextTable | None = None,
) -> TextTable:
    """The table of a text that the file is named after, up to where ``further`` finds another; raises CannotRead."""
    title = Path(shown_as).stem
    start = start_for(text, wanted, limits)
    header, first_line = header_of(start, wanted, title)
    if len(header.names) > limits.columns:
        raise CannotRead(
            "too_large", f"Die Tabelle hat mehr als {limits.columns} Spalten.", table=wanted.name
        )
    dialect = replace(wanted.dialect, delimiter=start.delimiter)
    return table_from(
        text,
        shown_as,
        wanted.name,
        header,
        Span(first_line),
        dialect,
        limits,
        careful=careful,
        further=further,
    )


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
    mend: LineRepair | None = None,
    title: str = "",
    further: NextTable | None = None,
) -> TextTable:
    """The table of a text whose header, lines and dialect (with its delimiter) are known.

    ``mend`` allows repairs; ``further`` ends the table where the header of another one stands.
    """
    notices = text.notices()
    rows = DataRows(header, dialect.footers)
    careful = careful or span.end is not None or (further is not None and further.awake)
    walk = BlockReader(
        text, rows, dialect, dialect.delimiter or ";", limits, careful, mend, further
    )
    return header.make_table(
        file=shown_as,
        name=name,
        batches=walk.read_batches(span, notices),
        notices=notices,
        title=title or Path(shown_as).stem,
        written={
            "encoding": text.encoding,
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "escape": dialect.escape,
        },
    )


def read_start(text: TextFile, delimiter: str, dialect: Dialect, limits: Limits) -> FileStart:
    """The first records of a file, by a given delimiter or the one its own ``sep=`` line names."""
    block = LineBlocks(text.read_blocks(), limits).next_block()
    cut = block.rfind(b"\n", 0, _START_BYTES) + 1
    block = block[:cut] if cut and not dialect.header_row else block
    own = SEP_LINE.match(block)
    skipped = 0
    if own:
        delimiter, skipped, block = own.group(1).decode("utf-8", "replace"), 1, block[own.end() :]
    reader = StrictParser(LineBlocks(iter(()), limits), dialect, delimiter, limits, line=skipped)
    scanned = max(SCANNED_ROWS, dialect.header_row or 0)
    found = tuple(islice(reader.read_records(block), scanned + 1))
    end = found[-1][0] + 1 if len(found) > scanned else reader.line + 1
    return FileStart(delimiter, found, end)


def start_for(text: TextFile, wanted: Wanted, limits: Limits) -> FileStart:
    """The first rows; the delimiter is the mapping's, the file's own, or the one under which most wanted names are found."""
    dialect = wanted.dialect
    if dialect.delimiter is not None:
        return read_start(text, dialect.delimiter, dialect, limits)
    starts = [read_start(text, delimiter, dialect, limits) for delimiter in DELIMITERS]
    if dialect.columns:
        return max(
            starts,
            key=lambda s: sum(len(cells) == len(dialect.columns) for _, cells in s.as_rows()),
        )
    return max(starts, key=lambda s: names_found(s.as_rows(), wanted))


def header_of(start: FileStart, wanted: Wanted, title: str) -> tuple[Header, int]:
    """The header and the line where data begin; raises CannotRead."""
    rows = start.as_rows()
    dialect = wanted.dialect
    if dialect.columns:
        return header_at(dialect.columns, 0, wanted, title=title), rows[0][0] if rows else 1
    if dialect.header_row:
        index = stated_row(rows, dialect.header_row, title)
        reach = dialect.header_rows or 1
        cells = join_rows(rows[index : index + reach], wanted) if reach > 1 else rows[index][1]
        return header_at(
            cells, rows[index][0], wanted, title=title, above=rows[:index]
        ), start.line_after(index + reach - 1)
    header, last = found_header(rows, wanted, title)
    return header, start.line_after(next(i for i, (line, _) in enumerate(rows) if line == last))
