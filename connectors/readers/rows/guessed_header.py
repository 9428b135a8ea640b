"""Guess which row of a table is its header when no mapping names the columns. What is guessed is told in a notice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from connectors.readers.rows.header import (
    SCANNED_ROWS,
    Header,
    clean_header,
    normalize_name,
    read_preamble,
    stated_row,
)
from connectors.tables.text_table import Dialect, Notice

Row = tuple[int, Sequence[str]]

_VALUE_LIKE = re.compile(
    r"[-+]?[\d.,:/\- ]*\d[\d.,:/\- TZ]*[%€$]?|[xX]|ja|nein|true|false|wahr|falsch|n/?a|null",
    re.IGNORECASE,
)
_LABEL_CHARS = 120


def header_index(rows: Sequence[Row], dialect: Dialect, title: str) -> tuple[int, list[Notice]]:
    """Index of the header: the stated row, else the first full row of labels; -1 if there is none."""
    if dialect.header_row is not None:
        return (stated_row(rows, dialect.header_row, title) if dialect.header_row else -1), []
    width = usual_width(rows)
    found = -1
    for index, (_, cells) in enumerate(rows[:SCANNED_ROWS]):
        filled = [c.strip() for c in cells if c.strip()]
        if len(filled) < min(width, max(2, (width + 1) // 2)) or not are_labels(filled):
            continue
        if found < 0:
            found = index
        elif len(filled) == width > len(rows[found][1]) and _is_preamble(rows[found:index]):
            found = index
            break
        elif len(rows[found][1]) >= width:
            break
    if found >= 0:
        row = rows[found][0]
        return found, [
            Notice("header_assumed", f"Als Kopfzeile wurde Zeile {row} angenommen.", row=row)
        ]
    return -1, [
        Notice("header_assumed", "Es wurde keine Kopfzeile erkannt; die Spalten sind durchgezählt.")
    ]


def _is_preamble(rows: Sequence[Row]) -> bool:
    """Whether rows over a full row of labels are not a table: labels at their left, and a blank line."""
    firsts = [next((c for c in cells if c.strip()), "") for _, cells in rows]
    return not all(firsts) and not any(is_value(first) for first in firsts if first)


def are_labels(texts: Sequence[str]) -> bool:
    """Whether filled cells read like names of columns: mostly different, none long, none a value."""
    return len({normalize_name(t) for t in texts}) * 2 > len(texts) and not any(
        len(t) > _LABEL_CHARS or _VALUE_LIKE.fullmatch(t) or "\n" in t for t in texts
    )


def is_value(text: str) -> bool:
    """Whether a cell is a number, a date or a flag rather than a name."""
    return _VALUE_LIKE.fullmatch(text.strip()) is not None


def usual_width(rows: Sequence[Row]) -> int:
    """The number of cells that most filled rows have."""
    widths = Counter(len(cells) for _, cells in rows if any(c.strip() for c in cells))
    return max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))[0]


def guessed_header(rows: Sequence[Row], index: int, width: int) -> Header:
    """Columns named as in the file; nameless ones by number, a repeated name with "#2"."""
    row, cells = rows[index] if index >= 0 else (0, ())
    raw = tuple(cells) + ("",) * (width - len(cells))
    names: list[str] = []
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    for number, text in enumerate(raw, 1):
        name = clean_header(text) or f"Spalte {number}"
        seen[name] += 1
        own = f"{name}#{seen[name]}" if seen[name] > 1 else name
        while own in taken:
            own += "*"
        taken.add(own)
        names.append(own)
    return Header(
        row,
        raw,
        tuple(names),
        tuple(names),
        (),
        (),
        read_preamble(rows[:index] if index > 0 else ()),
    )
