"""Every table of a file as it stands there, for a person without a mapping. What is guessed is said in a notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from connectors.readers.data_rows import DataRows
from connectors.readers.enaio_xml import object_types, xml_text
from connectors.readers.file_kind import file_kind
from connectors.readers.guessed_header import guessed_header, header_index
from connectors.readers.header import SCANNED_ROWS, plain
from connectors.readers.limits import USUAL_LIMITS, Limits
from connectors.readers.look_text import look_text
from connectors.readers.workbook import Marked, hidden_sheets, open_workbook, sheet_rows, sheet_table, visible_sheets
from connectors.text_table import CannotRead, Dialect, TextTable, UnreadableTable, Wanted


def look(
    path: Path,
    *,
    shown_as: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    quote: str | None = None,
    escape: str | None = None,
    sheet: str | None = None,
    header_row: int | None = None,
    limits: Limits = USUAL_LIMITS,
) -> Iterator[TextTable | UnreadableTable]:
    """All tables of a file (or the one named ``sheet``, even if hidden), columns as in the file; walk each at once.

    What is not stated is found out: None leaves it open, ``quote`` "" says there is none, ``header_row`` 0 that there is no
    header. Nothing is a footer here, since no key is known. Raises CannotRead for the file; yields UnreadableTable for a sheet.
    """
    shown = shown_as or path.name
    quote_stated = quote is not None and (delimiter is not None or quote != '"')
    dialect = Dialect(encoding, delimiter, '"' if quote is None else quote or None, escape, header_row)
    kind = file_kind(path, limits)
    if kind == "workbook":
        yield from _sheets(path, shown, dialect, sheet, limits)
    elif kind == "xml":
        yield from _object_types(path, shown, dialect, sheet, limits)
    else:
        yield from look_text(path, shown, dialect, limits, quote_stated=quote_stated)


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
                index, guessed = header_index(first, dialect, name)
                header = guessed_header(first, index, max(len(cells) for _, cells in first))
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
        header = guessed_header([(0, found.columns)], 0, len(found.columns))
        data = DataRows(header, ())
        batches = data.batches(found.rows, limits.cell_chars)
        yield TextTable(shown, found.name, None, header.shown, (), {}, batches, text.text.notices(), found.name)
    if wanted is not None and plain(wanted) not in map(plain, seen):
        raise _no_such(wanted, seen)


def _no_such(sheet: str, names: Sequence[str]) -> CannotRead:
    listed = ", ".join(f"„{name}“" for name in names)
    return CannotRead("sheet_missing", f"„{sheet}“ gibt es in der Datei nicht. Vorhanden sind: {listed}.", sheet=sheet)
