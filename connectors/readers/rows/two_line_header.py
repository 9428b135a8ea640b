"""Finds headers that cover one row or two, with or without merged cells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from connectors.readers.rows.guessed_header import is_value
from connectors.readers.rows.header import (
    Header,
    Row,
    clean_header,
    filled_cells,
    find_header,
    header_at,
    normalize_name,
    spellings_of,
    stated_row,
)
from connectors.tables.text_table import CannotRead, Wanted

# Zero-based (row, column) of the top left and bottom right cell of each merged range.
Area = tuple[tuple[int, int], tuple[int, int]]
Merged = Sequence[Area]

_SEARCHED = 20
_LABEL_AND_VALUE = 2


def wanted_header(
    first: Sequence[Row], want: Wanted, title: str, merged: Merged = ()
) -> tuple[Header, int]:
    """The header a mapping wants and the row after which the data begin; raises CannotRead."""
    if want.dialect.columns:
        return header_at(want.dialect.columns, 0, want, title=title), 0
    if want.dialect.header_row:
        index = stated_row(first, want.dialect.header_row, title)
        row, _ = first[index]
        count = want.dialect.header_rows or 1
        cells = join_rows(first[index : index + count], want, merged)
        return header_at(cells, row, want, title=title, above=first[:index]), row + count - 1
    return found_header(first, want, title, merged)


def found_header(
    rows: Sequence[Row], wanted: Wanted, title: str, merged: Merged = ()
) -> tuple[Header, int]:
    """The header of one row, else of two, and its last row; rows of data above it are noted.

    Raises CannotRead as a search for a single row would.
    """
    missing = CannotRead(
        "column_missing",
        f"In „{title}“ wurde keine Kopfzeile über zwei Zeilen gefunden.",
        table=wanted.name,
    )
    stated = wanted.dialect.header_rows
    if (stated or 1) == 1:
        try:
            _, header = find_header(rows, wanted, title=title)
            return _note_data_above(header, rows), header.row
        except CannotRead as error:
            if error.rule != "column_missing" or stated is not None:
                raise
            missing = error
    found = _find_two_rows(rows, wanted, title, merged)
    if found is None:
        raise missing
    header, last = found
    return _note_data_above(header, rows), last


def _note_data_above(header: Header, rows: Sequence[Row]) -> Header:
    """The header with the places of the rows above it that have several cells and a value."""
    filled = ((row, filled_cells(cells)) for row, cells in rows if row < header.row)
    places = (
        row for row, texts in filled if len(texts) > _LABEL_AND_VALUE and any(map(is_value, texts))
    )
    return replace(header, data_above=tuple(places))


def _find_two_rows(
    rows: Sequence[Row], wanted: Wanted, title: str, merged: Merged
) -> tuple[Header, int] | None:
    for index in range(min(len(rows) - 1, _SEARCHED)):
        pair = rows[index : index + 2]
        if not all(filled_cells(cells) for _, cells in pair):
            continue
        (first, _), (last, _) = pair
        cells = join_rows(pair, wanted, merged)
        try:
            return header_at(cells, first, wanted, title=title, above=rows[:index]), last
        except CannotRead:
            continue
    return None


def join_rows(rows: Sequence[Row], wanted: Wanted, merged: Merged = ()) -> list[str]:
    """One text per column of a header of several rows.

    That of the last row if the mapping knows it and it is unique there, else all parts joined.
    """
    width = max((len(cells) for _, cells in rows), default=0)
    lines = [[*cells, *[""] * (width - len(cells))] for _, cells in rows]
    for number, (row, _) in enumerate(rows):
        _fill_merged(row, lines[number], merged, last=number == len(rows) - 1)
    known = spellings_of(wanted)
    bottoms = Counter(map(normalize_name, lines[-1] if lines else ()))
    return [_join_parts(parts, known, bottoms) for parts in zip(*lines, strict=True)]


def _join_parts(texts: Sequence[str], known: Mapping[str, str], bottoms: Mapping[str, int]) -> str:
    parts = list(dict.fromkeys(clean_header(text) for text in texts if text.strip()))
    whole = " ".join(parts)
    own = parts[-1] if parts else ""
    form = normalize_name(own)
    is_enough = form in known and bottoms[form] < 2
    return own if is_enough and normalize_name(whole) not in known else whole


def _fill_merged(row: int, cells: list[str], merged: Merged, *, last: bool) -> None:
    """Fills each merged cell of a header row with its text.

    In a row without merged cells that is not the last, blanks count as merged with their left.
    """
    spans = [
        (left, right)
        for (top, left), (bottom, right) in merged
        if top <= row - 1 <= bottom and right > left
    ]
    for left, right in spans:
        for place in range(left + 1, min(right + 1, len(cells))):
            cells[place] = cells[place] or cells[left]
    if not spans and not last:
        _fill_blanks(cells)


def _fill_blanks(cells: list[str]) -> None:
    before = ""
    for place, text in enumerate(cells):
        before = text if text.strip() else before
        cells[place] = before
