"""Reads the wanted tables of one delimited text file, also if several are stacked in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path

from connectors.readers.csv.blocks import Span
from connectors.readers.csv.stacked_tables import (
    NextTable,
    all_records,
    further_table_notice,
    has_blank_line,
    headers_in,
    is_searched,
    may_hold_several,
)
from connectors.readers.csv.table import csv_table, header_of, named_table, start_for, table_from
from connectors.readers.delivered_file import DeliveredFile, Tables
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable, Wanted


def csv_tables(file: DeliveredFile, takers: Sequence[Wanted], wanted: Sequence[Wanted]) -> Tables:
    """The tables of ``takers``, or all ``wanted`` ones if their headers are stacked in the file.

    ``takers`` are the tables the file is named after. Yields ``UnreadableTable`` for a taker whose
    header is missing; raises CannotRead for the file.
    """
    read: list[Wanted] = []
    if _may_be_stacked(file.path, wanted):
        for want, table in _stacked_tables(file, takers, wanted):
            read.append(want)
            yield table
            # The next table begins after the rows of this one, even if the caller skipped them.
            for _ in table.batches:
                pass
    for want in takers:
        if not any(want is other for other in read):
            yield file.try_table(want.name, partial(csv_table, file, want))
    if not takers and not read:
        yield from (_missing_table(file.shown, want) for want in wanted)


def _may_be_stacked(path: Path, wanted: Sequence[Wanted]) -> bool:
    is_stated = any(want.dialect.columns or want.dialect.header_row for want in wanted)
    return len(wanted) > 1 and not is_stated and is_searched(path)


def _missing_table(shown: str, want: Wanted) -> UnreadableTable:
    return UnreadableTable(
        shown,
        want.name,
        None,
        CannotRead(
            "sheet_missing",
            f"Die Datei enthält die Tabelle „{want.table}“ nicht. "
            "Bitte den Dateinamen oder die Zuordnung prüfen.",
        ),
    )


def _stacked_tables(
    file: DeliveredFile, takers: Sequence[Wanted], wanted: Sequence[Wanted]
) -> Iterator[tuple[Wanted, TextTable]]:
    """The table of the first taker, if it is on top, and those below it; else all, if several.

    Each is read up to the header of another one; the file is only searched beforehand if it is not
    named after the table on top of it.
    """
    text = detect_encoding(file, wanted[0].dialect.encoding)
    blocks = text.read_blocks()
    has_blank = has_blank_line(next(blocks, b""))
    if not has_blank and not next(blocks, b""):
        return
    if takers and _is_on_top(text, takers[0], wanted):
        further = NextTable(_without(wanted, takers[0]), has_blank)
        yield takers[0], named_table(text, takers[0], further)
        yield from _tables_from(text, further)
    elif may_hold_several(text) and len(found := _first_headers(text, wanted)) > 1:
        yield from _tables_from(text, found[0], is_first=True)


def _tables_from(
    text: TextFile, search: NextTable, *, is_first: bool = False
) -> Iterator[tuple[Wanted, TextTable]]:
    """The table whose header a search has found, and those after it."""
    while search.found is not None:
        want, header = search.found
        following = NextTable(_without(search.waiting, want), awake=True)
        table = table_from(
            text,
            want.name,
            header,
            Span(search.first),
            start_for(text, want).dialect,
            title=want.table or want.name,
            further=following if following.waiting else None,
        )
        if not is_first:
            table.notices.append(further_table_notice(header.row))
        yield want, table
        is_first, search = False, following


def _without(wanted: Sequence[Wanted], found: Wanted) -> list[Wanted]:
    return [want for want in wanted if want is not found]


def _is_on_top(text: TextFile, want: Wanted, wanted: Sequence[Wanted]) -> bool:
    """Whether a table's header is the first among the first rows that fits any of ``wanted``."""
    start = start_for(text, want)
    try:
        header, _ = header_of(start, want, text.file.stem)
    except CannotRead:
        return False
    found = next((search.found for search in headers_in(start.records, wanted)), None)
    return found is None or (found[0] is want and found[1].row == header.row)


def _first_headers(text: TextFile, wanted: Sequence[Wanted]) -> list[NextTable]:
    dialect = start_for(text, wanted[0]).dialect
    return list(islice(headers_in(all_records(text, dialect), wanted), 2))
