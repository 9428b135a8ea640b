"""The tables a mapping wants of one delimited text file, also where it holds several below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from connectors.readers.csv.blocks import Span
from connectors.readers.csv.stacked_tables import (
    NextTable,
    all_records,
    has_blank_line,
    headers_in,
    is_searched,
    may_hold_several,
)
from connectors.readers.csv.table import csv_table, header_of, named_table, start_for, table_from
from connectors.readers.text.encoding import TextFile, detect_encoding
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead, Notice, TextTable, UnreadableTable, Wanted

_REFUSALS = ("column_missing", "duplicate_header", "header_row_missing")


def csv_tables(
    path: Path, shown: str, takers: Sequence[Wanted], wanted: Sequence[Wanted], limits: Limits
) -> Iterator[TextTable | UnreadableTable]:
    """The tables of ``takers``, or those of all ``wanted`` whose headers stand in the file below each other.

    Yields ``UnreadableTable`` for a taker whose header is missing; raises CannotRead for the file.
    """
    read: list[Wanted] = []
    if (
        len(wanted) > 1
        and not any(w.dialect.columns or w.dialect.header_row for w in wanted)
        and is_searched(path)
    ):
        for want, table in _stacked_tables(path, shown, takers, wanted, limits):
            read.append(want)
            yield table
            # the next table begins behind the rows of this one, whoever walks them
            for _ in table.batches:
                pass
    for want in takers:
        if any(want is other for other in read):
            continue
        try:
            yield csv_table(path, shown, want, limits)
        except CannotRead as error:
            if error.rule not in _REFUSALS:
                raise
            error.table = want.name
            yield UnreadableTable(shown, want.name, None, error)
    for want in wanted if not (takers or read) else ():
        message = f"Die Datei enthält die Tabelle „{want.table}“ nicht. Bitte den Dateinamen oder die Zuordnung prüfen."
        yield UnreadableTable(
            shown, want.name, None, CannotRead("sheet_missing", message, table=want.name)
        )


def _stacked_tables(
    path: Path, shown: str, takers: Sequence[Wanted], wanted: Sequence[Wanted], limits: Limits
) -> Iterator[tuple[Wanted, TextTable]]:
    """The table of the first taker, where it is on top, and those below it; else all, where they are several.

    Each is read until the header of another one is met; only where the file is named after no table on top of it, it is
    searched before.
    """
    text = detect_encoding(path, wanted[0].dialect.encoding)
    blocks = text.read_blocks()
    has_blank = has_blank_line(next(blocks, b""))
    if not has_blank and not next(blocks, b""):
        return
    number = 0
    if takers and _is_on_top(text, takers[0], wanted, shown, limits):
        next_one = NextTable([w for w in wanted if w is not takers[0]], has_blank)
        yield takers[0], named_table(text, shown, takers[0], limits, further=next_one)
        number = 1
    elif may_hold_several(text) and len(found := _first_headers(text, wanted, limits)) > 1:
        next_one = found[0]
    else:
        return
    while next_one.found is not None:
        want, header = next_one.found
        first, next_one = (
            next_one.first,
            NextTable([w for w in next_one.waiting if w is not want], awake=True),
        )
        dialect = replace(want.dialect, delimiter=start_for(text, want, limits).delimiter)
        title = want.table or want.name
        further = next_one if next_one.waiting else None
        table = table_from(
            text,
            shown,
            want.name,
            header,
            Span(first),
            dialect,
            limits,
            title=title,
            further=further,
        )
        if number:
            message = (
                f"In Zeile {header.row} beginnt eine weitere Tabelle; sie wurde für sich gelesen."
            )
            table.notices.append(Notice("several_tables", message, row=header.row))
        yield want, table
        number += 1


def _is_on_top(
    text: TextFile, want: Wanted, wanted: Sequence[Wanted], shown: str, limits: Limits
) -> bool:
    """Whether the header of a table is among the first rows, and the first that fits any of ``wanted``."""
    start = start_for(text, want, limits)
    try:
        header, _ = header_of(start, want, Path(shown).stem)
    except CannotRead:
        return False
    found = next((search.found for search in headers_in(start.records, wanted)), None)
    return found is None or (found[0] is want and found[1].row == header.row)


def _first_headers(text: TextFile, wanted: Sequence[Wanted], limits: Limits) -> list[NextTable]:
    dialect = replace(wanted[0].dialect, delimiter=start_for(text, wanted[0], limits).delimiter)
    return list(islice(headers_in(all_records(text, dialect, limits), wanted), 2))
