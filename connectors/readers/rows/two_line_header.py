"""Headers that reach over two rows, with or without merged cells: the names they make for a mapping. One-row headers stand in header."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.readers.rows.header import (
    Header,
    Row,
    clean_header,
    find_header,
    header_at,
    normalize_name,
    spellings_of,
)
from connectors.tables.text_table import CannotRead, Wanted

Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]

_SEARCHED = 20


def found_header(
    rows: Sequence[Row], wanted: Wanted, title: str, merged: Merged = ()
) -> tuple[Header, int]:
    """The header of one row, or of two where one does not do, and its last row; raises CannotRead as one row would."""
    if (wanted.dialect.header_rows or 1) == 1:
        try:
            _, header = find_header(rows, wanted, title=title)
            return header, header.row
        except CannotRead as error:
            if error.rule != "column_missing" or wanted.dialect.header_rows is not None:
                raise
            missing = error
    else:
        missing = CannotRead(
            "column_missing",
            f"In „{title}“ wurde keine Kopfzeile über zwei Zeilen gefunden.",
            table=wanted.name,
        )
    for index in range(min(len(rows) - 1, _SEARCHED)):
        pair = rows[index : index + 2]
        if not any(c.strip() for c in pair[0][1]) or not any(c.strip() for c in pair[1][1]):
            continue
        try:
            header = header_at(
                join_rows(pair, wanted, merged), pair[0][0], wanted, title=title, above=rows[:index]
            )
        except CannotRead:
            continue
        return header, pair[1][0]
    raise missing


def join_rows(rows: Sequence[Row], wanted: Wanted, merged: Merged = ()) -> list[str]:
    """One text per column of a header of several rows: that which the mapping knows, else all its parts."""
    width = max((len(cells) for _, cells in rows), default=0)
    lines = [
        _fill_merged(
            row, [*cells, *[""] * (width - len(cells))], merged, last=number == len(rows) - 1
        )
        for number, (row, cells) in enumerate(rows)
    ]
    known = spellings_of(wanted)
    bottoms = [normalize_name(text) for text in lines[-1]] if lines else []
    found = []
    for place in range(width):
        parts = list(
            dict.fromkeys(clean_header(line[place]) for line in lines if line[place].strip())
        )
        whole = " ".join(parts)
        own = parts[-1] if parts else ""
        alone = normalize_name(own) in known and bottoms.count(normalize_name(own)) < 2
        found.append(own if alone and normalize_name(whole) not in known else whole)
    return found


def _fill_merged(row: int, cells: list[str], merged: Merged, *, last: bool) -> list[str]:
    """A row of a header in which each merged cell has its text in every column; blanks above the last row count as merged."""
    mine = [
        (left, right)
        for (top, left), (bottom, right) in merged
        if top <= row - 1 <= bottom and right > left
    ]
    if mine or last:
        for left, right in mine:
            for place in range(left + 1, min(right + 1, len(cells))):
                cells[place] = cells[place] or cells[left]
        return cells
    before = ""
    for place, text in enumerate(cells):
        before = text if text.strip() else before
        cells[place] = before
    return cells
