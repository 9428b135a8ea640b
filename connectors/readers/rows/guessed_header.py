"""Guesses which row of a table is its header when no mapping names the columns."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from connectors.readers.rows.header import (
    SCANNED_ROWS,
    Header,
    Row,
    clean_header,
    filled_cells,
    normalize_name,
    read_preamble,
    stated_row,
)
from connectors.tables.text_table import Dialect, Notice, RaggedRow

_VALUE_LIKE = re.compile(
    r"[-+]?[\d.,:/\- ]*\d[\d.,:/\- TZ]*[%€$]?|[xX]|ja|nein|true|false|wahr|falsch|n/?a|null",
    re.IGNORECASE,
)
_LABEL_CHARS = 120


def header_index(rows: Sequence[Row], dialect: Dialect, title: str) -> tuple[int, list[Notice]]:
    """Index of the header and notices about the guess; -1 if there is none.

    It is the stated row, else the first full row of labels.
    """
    if dialect.header_row is not None:
        return (stated_row(rows, dialect.header_row, title) if dialect.header_row else -1), []
    index = _find_labels(rows)
    row = rows[index][0] if index >= 0 else None
    message = "Es wurde keine Kopfzeile erkannt; die Spalten sind durchgezählt."
    if row is not None:
        message = f"Als Kopfzeile wurde Zeile {row} angenommen."
    return index, [Notice("header_assumed", message, row=row)]


def _find_labels(rows: Sequence[Row]) -> int:
    """Index of the first full row of labels among the first rows, -1 if there is none."""
    width = usual_width(rows)
    found = -1
    for index, (_, cells) in enumerate(rows[:SCANNED_ROWS]):
        filled = filled_cells(cells)
        if not _fills_header(filled, width):
            continue
        if found < 0:
            found = index
        elif len(filled) == width > len(rows[found][1]) and _is_preamble(rows[found:index]):
            return index
        elif len(rows[found][1]) >= width:
            break
    return found


def _fills_header(filled: Sequence[str], width: int) -> bool:
    """Whether labels fill at least half of the columns, and at least two where there are two."""
    return len(filled) >= min(width, max(2, (width + 1) // 2)) and are_labels(filled)


def _is_preamble(rows: Sequence[Row]) -> bool:
    """Whether rows above a full row of labels are no table: labels at the left and a blank line."""
    firsts = [next(iter(filled_cells(cells)), "") for _, cells in rows]
    return not all(firsts) and not any(map(is_value, firsts))


def are_labels(texts: Sequence[str]) -> bool:
    """Whether filled cells read like column names: mostly different, none long, none a value."""
    distinct = set(map(normalize_name, texts))
    return len(distinct) * 2 > len(texts) and all(map(_is_label, texts))


def _is_label(text: str) -> bool:
    return len(text) <= _LABEL_CHARS and "\n" not in text and not _VALUE_LIKE.fullmatch(text)


def is_value(text: str) -> bool:
    """Whether a cell is a number, a date or a flag rather than a name."""
    return _VALUE_LIKE.fullmatch(text.strip()) is not None


def usual_width(rows: Sequence[Row]) -> int:
    """The number of cells that most filled rows have; the larger one of a tie."""
    widths = Counter(len(cells) for _, cells in rows if filled_cells(cells))
    return max(widths, key=lambda width: (widths[width], width), default=1)


def guessed_header(rows: Sequence[Row], index: int, width: int) -> Header:
    """The header at an index (-1: none), its columns named as in the file.

    Columns without a name are numbered, a repeated name gets "#2".
    """
    row, cells = rows[index] if index >= 0 else (0, ())
    raw = tuple(cells) + ("",) * (width - len(cells))
    names = _unique_names(raw)
    preamble = read_preamble(rows[: max(index, 0)])
    return Header(row, raw, shown=names, names=names, unknown=(), key=(), preamble=preamble)


def _unique_names(raw: Sequence[str]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    seen: Counter[str] = Counter()
    for number, text in enumerate(raw, 1):
        name = clean_header(text) or f"Spalte {number}"
        seen[name] += 1
        unique = f"{name}#{seen[name]}" if seen[name] > 1 else name
        while unique in names:
            unique += "*"
        names[unique] = None
    return tuple(names)


def rows_above(rows: Sequence[Row], index: int) -> tuple[RaggedRow, ...]:
    """The filled rows above a header at an index (-1: none)."""
    return tuple(RaggedRow(row, tuple(cells)) for row, cells in rows[: max(index, 0)] if any(cells))
