"""Reads a CSV file as a text table: finds its delimiter, its header and where data begin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from connectors.readers.csv.blocks import BlockReader, Span
from connectors.readers.csv.stacked_tables import NextTable
from connectors.readers.csv.strict_parser import LineRepair, Record, StrictParser
from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.data_rows import DataRows
from connectors.readers.rows.header import (
    SCANNED_ROWS,
    Header,
    Row,
    header_at,
    names_found,
    stated_row,
)
from connectors.readers.rows.two_line_header import found_header, join_rows
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import LineBlocks, open_blocks
from connectors.tables.text_table import Dialect, TextTable, Wanted

DELIMITERS = (";", "\t", ",", "|")
SEP_LINE = re.compile(rb'\A"?sep=([^\r\n]{1,4}?)"?(?:\r\n|\n|\r)', re.IGNORECASE)
# Enough for the first rows of any table, even with long quoted cells.
_START_BYTES = 2**20


@dataclass(frozen=True)
class FileStart:
    """The first records of a file, read in a dialect, before any header is known."""

    dialect: Dialect
    records: tuple[Record, ...]
    end_line: int

    def as_rows(self) -> list[tuple[int, list[str]]]:
        """The records as rows; a line of broken quoting is one cell."""
        return [(line, [text] if cells is None else cells) for line, cells, text in self.records]

    def line_after(self, index: int) -> int:
        """The line where the record after this one begins."""
        return self.records[index + 1][0] if index + 1 < len(self.records) else self.end_line


def csv_table(file: DeliveredFile, wanted: Wanted) -> TextTable:
    """The one table of a CSV file; raises CannotRead."""
    return named_table(detect_encoding(file, wanted.dialect.encoding), wanted)


def named_table(text: TextFile, wanted: Wanted, further: NextTable | None = None) -> TextTable:
    """The table a text is named after, up to where ``further`` finds another; raises CannotRead."""
    start = start_for(text, wanted)
    header, first_line = header_of(start, wanted, text.file.stem)
    text.file.limits.check_columns(len(header.names), wanted.name)
    return table_from(text, wanted.name, header, Span(first_line), start.dialect, further=further)


def table_from(
    text: TextFile,
    name: str,
    header: Header,
    span: Span,
    dialect: Dialect,
    *,
    mend: LineRepair | None = None,
    title: str = "",
    further: NextTable | None = None,
) -> TextTable:
    """The table of a text whose header, lines and dialect (with its delimiter) are known.

    ``mend`` allows repairs; ``further`` ends the table at the header of another one.
    """
    notices = text.notices()
    rows = DataRows(header)
    careful = span.end is not None or (further is not None and further.awake)
    reader = BlockReader(text, rows, dialect, careful, mend, further)
    return header.make_table(
        file=text.file.shown,
        name=name,
        batches=reader.read_batches(span, notices),
        notices=notices,
        title=title or text.file.stem,
        written=text.written_as(dialect.delimiter, dialect.quote, dialect.escape),
    )


def read_start(text: TextFile, dialect: Dialect) -> FileStart:
    """The first records of a file, by the delimiter of the dialect or of its own ``sep=`` line."""
    limits = text.file.limits
    block = _first_block(text, dialect)
    own = SEP_LINE.match(block)
    if own:
        dialect = replace(dialect, delimiter=own.group(1).decode("utf-8", "replace"))
        block = block[own.end() :]
    source = LineBlocks(iter(()), limits)
    parser = StrictParser(source, dialect, limits, line=1 if own else 0)
    scanned = max(SCANNED_ROWS, dialect.header_row or 0)
    records = islice(parser.read_records(block), scanned + 1)
    found = tuple(_cut_record(record, limits.columns + 1) for record in records)
    end = found[-1][0] + 1 if len(found) > scanned else parser.line + 1
    return FileStart(dialect, found, end)


def _cut_record(record: Record, most: int) -> Record:
    """The record without cells beyond ``most``: one more than allowed is refused already."""
    line, cells, text = record
    return line, None if cells is None else cells[:most], text


def _first_block(text: TextFile, dialect: Dialect) -> bytes:
    """The first lines of a text; all of its first block if a header row is stated."""
    block = open_blocks(text).next_block()
    cut = 0 if dialect.header_row else block.rfind(b"\n", 0, _START_BYTES) + 1
    return block[:cut] if cut else block


def start_for(text: TextFile, wanted: Wanted) -> FileStart:
    """The first rows, by the delimiter of the mapping or of the file's own ``sep=`` line.

    If neither states one, by the delimiter under which most wanted names are found.
    """
    dialect = wanted.dialect
    if dialect.delimiter is not None:
        return read_start(text, dialect)
    starts = [read_start(text, replace(dialect, delimiter=d)) for d in DELIMITERS]
    return max(starts, key=lambda start: _score_start(start.as_rows(), wanted))


def _score_start(rows: Sequence[Row], wanted: Wanted) -> int:
    """How many wanted names are found; without a header, how many rows have the right width."""
    columns = wanted.dialect.columns
    if columns:
        return sum(len(cells) == len(columns) for _, cells in rows)
    return names_found(rows, wanted)


def header_of(start: FileStart, wanted: Wanted, title: str) -> tuple[Header, int]:
    """The header and the line where data begin; raises CannotRead."""
    rows = start.as_rows()
    dialect = wanted.dialect
    if dialect.columns:
        return header_at(dialect.columns, 0, wanted, title=title), rows[0][0] if rows else 1
    if dialect.header_row:
        index = stated_row(rows, dialect.header_row, title)
        header, last = _stated_header(rows, index, wanted, title)
    else:
        header, last_line = found_header(rows, wanted, title)
        last = [line for line, _ in rows].index(last_line)
    return header, start.line_after(last)


def _stated_header(
    rows: Sequence[Row], index: int, wanted: Wanted, title: str
) -> tuple[Header, int]:
    """The header that begins in a stated row, and the index of its last row."""
    row, cells = rows[index]
    reach = wanted.dialect.header_rows or 1
    if reach > 1:
        cells = join_rows(rows[index : index + reach], wanted)
    header = header_at(cells, row, wanted, title=title, above=rows[:index])
    return header, index + reach - 1
