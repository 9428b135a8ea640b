"""The tables of a delimited text file as they stand there, without a mapping: dialect, header and repairs are guessed and told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from connectors.readers.csv.blocks import Span
from connectors.readers.csv.stacked_tables import (
    all_records,
    find_sections,
    may_hold_several,
    tables_begin,
)
from connectors.readers.csv.strict_parser import LineRepair
from connectors.readers.csv.table import SEP_LINE, FileStart, read_start, table_from
from connectors.readers.profiling.dialect_sniffer import guess_dialect
from connectors.readers.rows.guessed_header import guessed_header, header_index, usual_width
from connectors.readers.rows.header import SCANNED_ROWS
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.readers.text.line_blocks import LineBlocks
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, Dialect, Notice, RaggedRow, TextTable

_SAMPLE_BYTES = 2**17

Row = tuple[int, Sequence[str]]


@dataclass(frozen=True)
class _Part:
    """One table of the file: its first rows, the index of the header among them, and its lines."""

    rows: Sequence[Row]
    index: int
    span: Span
    title: str
    notices: list[Notice]


def profile_text(
    path: Path, shown: str, dialect: Dialect, limits: Limits, *, quote_stated: bool = True
) -> Iterator[TextTable]:
    """The tables of the file, walk each at once; ``quote_stated`` False leaves the quote to be found out."""
    text = detect_encoding(path, dialect.encoding)
    full, told = _complete_dialect(text, dialect, quote_stated, limits)
    start = read_start(text, full.delimiter or ";", full, limits)
    full = replace(full, delimiter=start.delimiter)
    for number, part in enumerate(_find_parts(text, start, full, shown, limits)):
        width = len(part.rows[part.index][1]) if part.index >= 0 else usual_width(part.rows)
        header = guessed_header(part.rows, part.index, width)
        table = table_from(
            text,
            shown,
            Path(shown).stem,
            header,
            part.span,
            full,
            limits,
            mend=LineRepair(width),
            title=part.title,
        )
        table.above = tuple(
            RaggedRow(line, tuple(cells))
            for line, cells in part.rows[: max(part.index, 0)]
            if any(cells)
        )
        table.notices[:0] = [*([] if number else told), *part.notices]
        yield table


def _complete_dialect(
    text: TextFile, dialect: Dialect, quote_stated: bool, limits: Limits
) -> tuple[Dialect, list[Notice]]:
    """The dialect with what was not stated found out."""
    if dialect.delimiter is not None and quote_stated:
        return dialect, []
    sample = LineBlocks(text.read_blocks(), limits).next_block()[:_SAMPLE_BYTES]
    own = SEP_LINE.match(sample)
    stated = own.group(1).decode("utf-8", "replace") if own else dialect.delimiter
    found = guess_dialect(
        sample[own.end() if own else 0 :].decode("utf-8", "ignore"),
        stated,
        (dialect.quote or "") if quote_stated else None,
        dialect.escape,
    )
    full = replace(
        dialect,
        delimiter=found.delimiter,
        quote=found.quote or (None if quote_stated else '"'),
        escape=found.escape,
    )
    told = (
        []
        if stated is not None
        else [
            Notice(
                "delimiter_assumed",
                f"Als Trennzeichen wurde {_name_delimiter(found.delimiter)} angenommen.",
            )
        ]
    )
    if found.quote != "'" and re.search(
        rf"(?:^|[\r\n{re.escape(found.delimiter)}])'".encode(), sample
    ):
        message = "Einfache Anführungszeichen am Anfang von Zellen wurden als Text gelesen; wenn sie Zellen umschließen, bitte angeben."
        told.append(Notice("quotes_kept", message))
    return full, told


def _name_delimiter(delimiter: str) -> str:
    names = {"\t": "Tabulator", " ": "Leerzeichen"}
    return (
        f"„{names.get(delimiter, delimiter)}“"
        if delimiter.isprintable() or delimiter in names
        else unicodedata.name(delimiter[0], "?")
    )


def _find_parts(
    text: TextFile, start: FileStart, dialect: Dialect, shown: str, limits: Limits
) -> Iterator[_Part]:
    rows = start.as_rows()
    if not rows:
        raise CannotRead("empty_file", "Die Datei ist leer. Bitte den Export wiederholen.")
    index, told = header_index(rows, dialect, shown)
    first = start.line_after(index) if index >= 0 else rows[0][0]
    begun = _further_tables(text, dialect, rows[index][1] if index >= 0 else (), first, limits)
    ends = [line for line, _, _ in begun]
    yield _Part(rows, index, Span(first, _before_title(begun[0]) if begun else None), "", told)
    for number, (line, title, own) in enumerate(begun):
        end = _before_title(begun[number + 1]) if number + 1 < len(ends) else None
        message = f"In Zeile {line} beginnt eine weitere Tabelle; sie wurde für sich gelesen."
        at = next(i for i, (place, _) in enumerate(own) if place == line)
        after = own[at + 1][0] if at + 1 < len(own) else line + 1
        yield _Part(
            own,
            at,
            Span(after, end),
            title or f"Tabelle {number + 2}",
            [Notice("several_tables", message, row=line)],
        )


Further = tuple[int, str, Sequence[Row]]


def _further_tables(
    text: TextFile, dialect: Dialect, header: Sequence[str], first: int, limits: Limits
) -> list[Further]:
    """Line, title and first rows of each table after the first."""
    if dialect.header_row is not None or not header or not may_hold_several(text):
        return []
    records = all_records(text, dialect, limits)
    found = find_sections(
        (line, cells if cells is not None else [broken])
        for line, cells, broken in records
        if line >= first
    )
    # The run right below the header goes on with its table, however it looks.
    rest = [section for section in found if section.rows[0][0] > first]
    begun = dict(tables_begin(rest, header))
    return [
        (line, begun[line], s.rows[: SCANNED_ROWS + 1])
        for s in rest
        for line, _ in s.rows[:SCANNED_ROWS]
        if line in begun
    ]


def _before_title(table: Further) -> int:
    """The line where what belongs to a table begins: the titles above its header."""
    return table[2][0][0]
