"""Checks whether an xlsx sheet is spelled so that byte patterns find all of its marks."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

import numpy as np

from connectors.readers.spreadsheet.size_check import BLANK, DIGIT, byte_class, has_bytes_at

_CHUNK = 2**20
# A row is far shorter; so many bytes without the end of one have another spelling.
_LONGEST_ROW = 2**23
_BEGIN, _END, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_NAMED, _CELL, _ROW, _CLOSED, _ROW_CLOSED = 1, 2, 3, 4, 5
_UPPER, _NO_VALUE = byte_class(string.ascii_uppercase), byte_class(string.whitespace + "'")
# Length of "<v>" and 16 digits.
_LONG_VALUE = 19
# Length of what begins a row: '<row r="1'.
_REACH = 9


def _tag_kinds() -> np.ndarray:
    """The kind of tag by the two bytes after "<".

    0 is for all that does not belong in plain rows, such as a namespace prefix or a comment.
    """
    kinds = np.zeros(2**16, np.uint8)
    meanings = (
        (_NAMED, ("v>", "v/", "f>", "f ", "f/", "is", "t>", "t ", "t/", "r>", "rP", "/i", "/t")),
        (_CELL, ("c ",)),
        (_ROW, ("ro",)),
        (_CLOSED, ("/c", "/v", "/f")),
        (_ROW_CLOSED, ("/r",)),
    )
    for kind, starts in meanings:
        kinds[[int.from_bytes(start.encode()) for start in starts]] = kind
    return kinds


_KIND = _tag_kinds()


@dataclass(frozen=True)
class UsualRows:
    """Some rows of a sheet; ``may_be_long``: a value is as long as a number of 16 digits."""

    text: bytes
    may_be_long: bool


def usual_rows(part: IO[bytes]) -> Iterator[UsualRows | None]:
    """The rows of a sheet in pieces that cut none of them; ends with None at an unusual spelling.

    Usual means: no prefixes, each row and cell begins with its place, double quotes, no blanks
    around "=". What is not surely usual counts as unusual.
    """
    begun = False
    for piece in _split_at_rows(part):
        if not begun:
            head, mark, piece = piece.partition(_BEGIN)
            if b"<sheetData/>" in head and b"<!" not in head and not mark:
                return
            if not mark or b"<!" in head:
                yield None
                return
            begun = True
        rows, end, _ = piece.partition(_END)
        usual = None if len(rows) > _LONGEST_ROW else _check_rows(rows)
        yield usual
        if usual is None:
            return
        if end:
            return


def _split_at_rows(part: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := part.read(_CHUNK):
        rest += chunk
        cut = rest.rfind(_ROW_END, max(0, len(rest) - len(chunk) - len(_ROW_END)))
        if cut >= 0 or len(rest) > _LONGEST_ROW:
            cut = cut + len(_ROW_END) if cut >= 0 else len(rest)
            yield rest[:cut]
            rest = rest[cut:]
    yield rest


def _check_rows(rows: bytes) -> UsualRows | None:
    """The rows, if their spelling is usual."""
    seen = np.frombuffer(rows + bytes(_REACH), np.uint8)
    at = np.flatnonzero(seen == ord("<"))
    kinds = _KIND[seen[at + 1].astype(np.uint16) << 8 | seen[at + 2]]
    cells, rows_at, closed, rows_closed = (
        at[kinds == kind] for kind in (_CELL, _ROW, _CLOSED, _ROW_CLOSED)
    )
    rows_closed = rows_closed[seen[rows_closed + 3] == ord("o")]
    is_usual = (
        kinds.all()
        and _UPPER[seen[cells + 6]].all()
        and has_bytes_at(seen, cells + 3, b'r="').all()
        and DIGIT[seen[rows_at + 8]].all()
        and has_bytes_at(seen, rows_at + 3, b'w r="').all()
        and has_bytes_at(seen, closed + 3, b">").all()
        and has_bytes_at(seen, rows_closed + 4, b"w>").all()
        and _has_usual_values(seen)
    )
    may_be_long = np.any(np.diff(at)[kinds[:-1] == _NAMED] >= _LONG_VALUE)
    return UsualRows(rows, bool(may_be_long)) if is_usual else None


def _has_usual_values(seen: np.ndarray) -> bool:
    """Whether every "=" is directly followed by a double quote and follows no blank."""
    equals = np.flatnonzero(seen == ord("="))
    return not (_NO_VALUE[seen[equals + 1]].any() or BLANK[seen[equals - 1]].any())
