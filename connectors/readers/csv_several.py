"""The tables a mapping wants of one delimited text file, also where it holds several below each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from connectors.readers.csv_file import csv_table, start_for, table_from
from connectors.readers.csv_sections import all_records, may_hold_several
from connectors.readers.csv_walk import Span
from connectors.readers.header import Header, header_at, plain
from connectors.readers.limits import Limits
from connectors.readers.text_file import TextFile, examine
from connectors.text_table import CannotRead, Notice, TextTable, UnreadableTable, Wanted

_REFUSALS = ("column_missing", "duplicate_header", "header_row_missing")

Begun = tuple[int, int, int, Wanted, Header]
"""Index of the record of a header, line where the table begins with its title, line of its first row, whose it is, header."""


def csv_tables(
    path: Path, shown: str, takers: Sequence[Wanted], wanted: Sequence[Wanted], limits: Limits
) -> Iterator[TextTable | UnreadableTable]:
    """The tables of ``takers``, or those of all ``wanted`` whose headers stand in the file below each other.

    Yields ``UnreadableTable`` for a taker whose header is missing; raises CannotRead for the file.
    """
    if len(wanted) > 1 and not any(w.dialect.columns or w.dialect.header_row for w in wanted):
        text = examine(path, wanted[0].dialect.encoding)
        begun = _begun(text, wanted, limits) if may_hold_several(text) else []
        if len(begun) > 1:
            yield from _several(text, shown, begun, limits)
            takers = [w for w in takers if not any(w is b[3] for b in begun)]
            wanted = takers
    for want in takers:
        try:
            yield csv_table(path, shown, want, limits)
        except CannotRead as error:
            if error.rule not in _REFUSALS:
                raise
            error.table = want.name
            yield UnreadableTable(shown, want.name, None, error)
    for want in wanted if not takers else ():
        message = f"Die Datei enthält die Tabelle „{want.table}“ nicht. Bitte den Dateinamen oder die Zuordnung prüfen."
        yield UnreadableTable(shown, want.name, None, CannotRead("sheet_missing", message, table=want.name))


def _begun(text: TextFile, wanted: Sequence[Wanted], limits: Limits) -> list[Begun]:
    """Where the header of each wanted table stands: the first row that has all columns it requires."""
    start = start_for(text, wanted[0], limits)
    dialect = replace(wanted[0].dialect, delimiter=start.delimiter)
    found: list[Begun] = []
    waiting = list(wanted)
    title, title_line, last_was_header = "", 0, False
    for index, (line, cells) in enumerate(all_records(text, dialect, limits)):
        if last_was_header:
            number, begins, _, want, header = found[-1]
            found[-1] = (number, begins, line, want, header)
            last_was_header = False
        filled = [c.strip() for c in cells if c.strip()]
        mine = next((h for w in waiting if len(filled) > 1 and (h := _headed(cells, line, w, title)) is not None), None)
        if mine is not None:
            want, header = mine
            waiting = [w for w in waiting if w is not want]
            found.append((index, title_line or line, line + 1, want, header))
            last_was_header = True
        title, title_line = (filled[0], title_line or line) if len(filled) == 1 else ("", 0)
    return found


def _headed(cells: Sequence[str], line: int, want: Wanted, title: str) -> tuple[Wanted, Header] | None:
    if want.table is not None and title and plain(title) != plain(want.table):
        return None
    if not want.required:
        return None
    try:
        return want, header_at(cells, line, want, title=title)
    except CannotRead:
        return None


def _several(text: TextFile, shown: str, begun: Sequence[Begun], limits: Limits) -> Iterator[TextTable]:
    for number, (_, _, first, want, header) in enumerate(begun):
        end = begun[number + 1][1] if number + 1 < len(begun) else None
        dialect = replace(want.dialect, delimiter=start_for(text, want, limits).delimiter)
        table = table_from(text, shown, want.name, header, Span(first, end), dialect, limits, title=want.table or want.name)
        if number:
            message = f"In Zeile {header.row} beginnt eine weitere Tabelle; sie wurde für sich gelesen."
            table.notices.append(Notice("several_tables", message, row=header.row))
        yield table
