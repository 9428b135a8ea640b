"""Every table of a file as it stands there, for a person without a mapping. What is guessed is said in a notice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from connectors.readers.csv_file import DELIMITERS, Start, read_start, table_from
from connectors.readers.data_rows import DataRows
from connectors.readers.enaio_xml import object_types, xml_text
from connectors.readers.file_kind import file_kind
from connectors.readers.header import SCANNED_ROWS, Header, clean, plain, preamble, stated_row
from connectors.readers.limits import USUAL_LIMITS, Limits
from connectors.readers.text_file import TextFile, examine
from connectors.readers.workbook import Marked, hidden_sheets, open_workbook, sheet_rows, sheet_table, visible_sheets
from connectors.text_table import CannotRead, Dialect, Notice, TextTable, UnreadableTable, Wanted

_VALUE_LIKE = re.compile(r"[-+]?[\d.,:/\- ]*\d[\d.,:/\- T]*%?|[xX]|ja|nein|true|false", re.IGNORECASE)
_LABEL_CHARS = 120

Row = tuple[int, Sequence[str]]


def look(
    path: Path,
    *,
    shown_as: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = '"',
    escape: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Iterator[TextTable | UnreadableTable]:
    """All tables of a file (or the one named ``sheet``, even if hidden), columns as in the file; walk each at once.

    Nothing is a footer here, since no key is known. Raises CannotRead for the file; yields UnreadableTable for a sheet.
    """
    shown = shown_as or path.name
    dialect = Dialect(encoding, delimiter, quote, escape, header_row)
    kind = file_kind(path, limits)
    if kind == "workbook":
        yield from _sheets(path, shown, dialect, sheet, limits)
    elif kind == "xml":
        yield from _object_types(path, shown, dialect, sheet, limits)
    else:
        yield _text(path, shown, dialect, limits)


def _text(path: Path, shown: str, dialect: Dialect, limits: Limits) -> TextTable:
    text = examine(path, dialect.encoding)
    start, told = _start(text, dialect, limits)
    rows = start.rows()
    index, guessed = _header_index(rows, dialect, shown)
    width = len(rows[index][1]) if index >= 0 else _usual_width(rows)
    header = _header(rows, index, width)
    first_line = start.line_after(index) if index >= 0 else rows[0][0]
    table = table_from(text, shown, Path(shown).stem, header, first_line, start.delimiter, dialect, limits)
    table.notices[:0] = [*told, *guessed]
    return table


def _start(text: TextFile, dialect: Dialect, limits: Limits) -> tuple[Start, list[Notice]]:
    """The first records by the stated delimiter, or by the one that splits most rows into the same number of fields."""
    if dialect.delimiter is not None:
        return read_start(text, dialect.delimiter, dialect, limits), []
    starts = [read_start(text, delimiter, dialect, limits) for delimiter in DELIMITERS]
    best = max(starts, key=_evenness)
    name = {"\t": "Tabulator"}.get(best.delimiter, best.delimiter)
    return best, [Notice("delimiter_assumed", f"Als Trennzeichen wurde „{name}“ angenommen.")]


def _evenness(start: Start) -> tuple[int, int]:
    widths = Counter(len(cells) for _, cells in start.rows() if len(cells) > 1)
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return rows, width


def _sheets(path: Path, shown: str, dialect: Dialect, sheet: str | None, limits: Limits) -> Iterator[TextTable | UnreadableTable]:
    with open_workbook(path) as book:
        names = visible_sheets(book)
        if sheet is not None:
            names = [name for name in book.sheet_names if plain(name) == plain(sheet)]
            if not names:
                raise _no_such(sheet, book.sheet_names)
        hidden = hidden_sheets(book) if sheet is None else []
        for name in names:
            try:
                rows = sheet_rows(book, name)
                first = list(islice(rows, max(SCANNED_ROWS, dialect.header_row or 0)))
                if not any(cells for _, cells in first):
                    continue
                index, guessed = _header_index(first, dialect, name)
                header = _header(first, index, max(len(cells) for _, cells in first))
                want = Wanted(name, (), name, {}, frozenset(), (), dialect)
                rest = chain(first[index + 1 :], rows)
                marked = Marked(path, book, name)
                yield sheet_table(shown, want, name, header, rest, limits, [*hidden, *guessed], marked)
            except CannotRead as error:
                yield UnreadableTable(shown, name, name, error)


def _object_types(path: Path, shown: str, dialect: Dialect, wanted: str | None, limits: Limits) -> Iterator[TextTable]:
    text = xml_text(path, dialect.encoding)
    seen = []
    for found in object_types(text, limits):
        seen.append(found.name)
        if wanted is not None and plain(found.name) != plain(wanted):
            continue
        header = _header([(0, found.columns)], 0, len(found.columns))
        data = DataRows(header, ())
        batches = data.batches(found.rows, limits.cell_chars)
        yield TextTable(shown, found.name, None, header.shown, (), {}, batches, text.text.notices(), found.name)
    if wanted is not None and plain(wanted) not in map(plain, seen):
        raise _no_such(wanted, seen)


def _header_index(rows: Sequence[Row], dialect: Dialect, title: str) -> tuple[int, list[Notice]]:
    """Index of the header: the stated row, else the first full row of labels; -1 if there is none."""
    if dialect.header_row is not None:
        return stated_row(rows, dialect.header_row, title), []
    width = _usual_width(rows)
    for index, (row, cells) in enumerate(rows[:SCANNED_ROWS]):
        filled = [c.strip() for c in cells if c.strip()]
        if len(filled) >= min(width, max(2, (width + 1) // 2)) and _are_labels(filled):
            return index, [Notice("header_assumed", f"Als Kopfzeile wurde Zeile {row} angenommen.", row=row)]
    return -1, [Notice("header_assumed", "Es wurde keine Kopfzeile erkannt; die Spalten sind durchgezählt.")]


def _are_labels(texts: Sequence[str]) -> bool:
    return len({plain(t) for t in texts}) * 2 > len(texts) and not any(
        len(t) > _LABEL_CHARS or _VALUE_LIKE.fullmatch(t) or "\n" in t for t in texts
    )


def _usual_width(rows: Sequence[Row]) -> int:
    widths = Counter(len(cells) for _, cells in rows if any(c.strip() for c in cells))
    return max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))[0]


def _header(rows: Sequence[Row], index: int, width: int) -> Header:
    """Columns named as in the file; nameless ones by number, a repeated name with "#2"."""
    row, cells = rows[index] if index >= 0 else (0, ())
    raw = tuple(cells) + ("",) * (width - len(cells))
    names: list[str] = []
    seen: Counter[str] = Counter()
    for number, text in enumerate(raw, 1):
        name = clean(text) or f"Spalte {number}"
        seen[name] += 1
        names.append(f"{name}#{seen[name]}" if seen[name] > 1 else name)
    return Header(row, raw, tuple(names), tuple(names), (), (), preamble(rows[:index] if index > 0 else ()))


def _no_such(sheet: str, names: Sequence[str]) -> CannotRead:
    listed = ", ".join(f"„{name}“" for name in names)
    return CannotRead("sheet_missing", f"„{sheet}“ gibt es in der Datei nicht. Vorhanden sind: {listed}.", sheet=sheet)
