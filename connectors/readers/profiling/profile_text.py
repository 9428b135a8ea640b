"""Reads the tables of a delimited text file without a mapping.

Dialect, header and repairs are guessed; notices report what was assumed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from connectors.readers.csv.blocks import Span
from connectors.readers.csv.stacked_tables import (
    all_records,
    find_sections,
    further_table_notice,
    may_hold_several,
    tables_begin,
)
from connectors.readers.csv.strict_parser import LineRepair
from connectors.readers.csv.table import SEP_LINE, FileStart, read_start, table_from
from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.profiling.dialect_sniffer import guess_dialect
from connectors.readers.rows.guessed_header import (
    guessed_header,
    header_index,
    rows_above,
    usual_width,
)
from connectors.readers.rows.header import SCANNED_ROWS, Row
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import open_blocks
from connectors.tables.text_table import CannotRead, Dialect, Notice, TextTable

_SAMPLE_BYTES = 2**17
_QUOTES_KEPT = (
    "Einfache Anführungszeichen am Anfang von Zellen wurden als Text gelesen; "
    "wenn sie Zellen umschließen, bitte angeben."
)
_DELIMITER_NAMES = {"\t": "Tabulator", " ": "Leerzeichen"}

Further = tuple[int, str, Sequence[Row]]


@dataclass(frozen=True)
class _Part:
    """One table of the file: its first rows, the index of the header among them, its lines."""

    rows: Sequence[Row]
    index: int
    span: Span
    title: str
    notices: list[Notice]


def profile_text(
    file: DeliveredFile, dialect: Dialect, *, quote_stated: bool
) -> Iterator[TextTable]:
    """The tables of the file; read each before the next.

    ``quote_stated`` False means that the quote is to be determined.
    """
    text = detect_encoding(file, dialect.encoding)
    dialect, notices = _complete_dialect(text, dialect, quote_stated)
    start = read_start(text, dialect)
    for part in _find_parts(text, start):
        table = _part_table(text, part, start.dialect)
        table.notices[:0] = [*notices, *part.notices]
        notices = []
        yield table


def _part_table(text: TextFile, part: _Part, dialect: Dialect) -> TextTable:
    width = len(part.rows[part.index][1]) if part.index >= 0 else usual_width(part.rows)
    table = table_from(
        text,
        text.file.stem,
        guessed_header(part.rows, part.index, width),
        part.span,
        dialect,
        mend=LineRepair(width),
        title=part.title,
    )
    table.above = rows_above(part.rows, part.index)
    return table


def _complete_dialect(
    text: TextFile, dialect: Dialect, quote_stated: bool
) -> tuple[Dialect, list[Notice]]:
    """The dialect with guesses for what was not stated, and notices about them."""
    if dialect.delimiter is not None and quote_stated:
        return dialect, []
    sample = open_blocks(text).next_block()[:_SAMPLE_BYTES]
    own = SEP_LINE.match(sample)
    stated = own.group(1).decode("utf-8", "replace") if own else dialect.delimiter
    found = guess_dialect(
        sample[own.end() if own else 0 :].decode("utf-8", "ignore"),
        stated,
        (dialect.quote or "") if quote_stated else None,
        dialect.escape,
    )
    quote = found.quote or (None if quote_stated else '"')
    full = replace(dialect, delimiter=found.delimiter, quote=quote, escape=found.escape)
    notices = [] if stated is not None else [_delimiter_notice(found.delimiter)]
    if found.quote != "'" and _has_single_quotes(sample, found.delimiter):
        notices.append(Notice("quotes_kept", _QUOTES_KEPT))
    return full, notices


def _has_single_quotes(sample: bytes, delimiter: str) -> bool:
    """Whether a cell begins with a single quote."""
    pattern = rf"(?:^|[\r\n{re.escape(delimiter)}])'"
    return re.search(pattern.encode(), sample) is not None


def _delimiter_notice(delimiter: str) -> Notice:
    return Notice(
        "delimiter_assumed", f"Als Trennzeichen wurde {_name_delimiter(delimiter)} angenommen."
    )


def _name_delimiter(delimiter: str) -> str:
    if delimiter.isprintable() or delimiter in _DELIMITER_NAMES:
        return f"„{_DELIMITER_NAMES.get(delimiter, delimiter)}“"
    return unicodedata.name(delimiter[0], "?")


def _find_parts(text: TextFile, start: FileStart) -> Iterator[_Part]:
    rows = start.as_rows()
    if not rows:
        raise CannotRead("empty_file", "Die Datei ist leer. Bitte den Export wiederholen.")
    index, notices = header_index(rows, start.dialect, text.file.shown)
    first = start.line_after(index) if index >= 0 else rows[0][0]
    header = rows[index][1] if index >= 0 else ()
    further = _further_tables(text, start.dialect, header, first)
    # What belongs to a table begins with the titles above its header.
    ends = [*(own[0][0] for _, _, own in further), None]
    yield _Part(rows, index, Span(first, ends[0]), "", notices)
    for number, (table, end) in enumerate(zip(further, ends[1:], strict=True), 2):
        yield _further_part(table, end, f"Tabelle {number}")


def _further_part(table: Further, end: int | None, default_title: str) -> _Part:
    line, title, rows = table
    places = [place for place, _ in rows]
    index = places.index(line)
    after = next(iter(places[index + 1 :]), line + 1)
    notices = [further_table_notice(line)]
    return _Part(rows, index, Span(after, end), title or default_title, notices)


def _further_tables(
    text: TextFile, dialect: Dialect, header: Sequence[str], first: int
) -> list[Further]:
    """Line, title and first rows of each table after the first."""
    if dialect.header_row is not None or not header or not may_hold_several(text):
        return []
    records = all_records(text, dialect)
    rows = ((line, [raw] if cells is None else cells) for line, cells, raw in records)
    sections = find_sections(row for row in rows if row[0] >= first)
    # The run right below the header belongs to its table, however it looks.
    rest = [section for section in sections if section[0][0] > first]
    titles = dict(tables_begin(rest, header))
    return [
        (line, titles[line], section[: SCANNED_ROWS + 1])
        for section in rest
        for line, _ in section[:SCANNED_ROWS]
        if line in titles
    ]
