"""Whether the rows of an xlsx sheet are spelled as nearly every program does, so that byte patterns find all of its marks."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import IO

import numpy as np

from connectors.readers.spreadsheet.size_check import has_bytes_at

_CHUNK = 2**20
# A row is far shorter; so much without the end of one is spelled in another way.
_LONGEST_ROW = 2**23
_BEGIN, _END, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_NAMED, _CELL, _ROW, _CLOSED, _ROW_CLOSED = 1, 2, 3, 4, 5
_UPPER, _DIGIT, _BLANK, _NO_VALUE = (
    np.isin(np.arange(256), list(some.encode()))
    for some in (string.ascii_uppercase, string.digits, string.whitespace, string.whitespace + "'")
)
# As many bytes tell the beginning of a row: '<row r="1'.
_REACH = 9


def _tag_kinds() -> np.ndarray:
    """What the two bytes after "<" mean; 0 for all that does not belong into plain rows, such as a prefix or a comment."""
    kinds = np.zeros(2**16, np.uint8)
    meanings = (
        (_NAMED, ("v>", "v/", "f>", "f ", "f/", "is", "t>", "t ", "t/", "r>", "rP", "/i", "/t")),
        (_CELL, ("c ",)),
        (_ROW, ("ro",)),
        (_CLOSED, ("/c", "/v", "/f")),
        (_ROW_CLOSED, ("/r",)),
    )
    for kind, starts in meanings:
        kinds[[ord(start[0]) << 8 | ord(start[1]) for start in starts]] = kind
    return kinds


_KIND = _tag_kinds()


def usual_rows(part: IO[bytes]) -> Iterator[bytes | None]:
    """The rows of a sheet in pieces that cut none of them; None, and nothing more, where one is spelled in an unusual way.

    Usual is: no prefixes, each row and cell begins with its place, double quotes, no blanks around "=". In doubt it is not.
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
        if len(rows) > _LONGEST_ROW or not _is_usual(rows):
            yield None
            return
        yield rows
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


def _is_usual(rows: bytes) -> bool:
    seen = np.frombuffer(rows + bytes(_REACH), np.uint8)
    at = np.flatnonzero(seen == ord("<"))
    kind = _KIND[seen[at + 1].astype(np.uint16) << 8 | seen[at + 2]]
    named = at[kind == _CELL]
    usual = (
        kind.all() and _UPPER[seen[named + 6]].all() and has_bytes_at(seen, named + 3, b'r="').all()
    )
    named = at[kind == _ROW]
    usual = (
        usual and _DIGIT[seen[named + 8]].all() and has_bytes_at(seen, named + 3, b'w r="').all()
    )
    usual = usual and has_bytes_at(seen, at[kind == _CLOSED] + 3, b">").all()
    closed = at[kind == _ROW_CLOSED]
    usual = usual and has_bytes_at(seen, closed[seen[closed + 3] == ord("o")] + 4, b"w>").all()
    equals = np.flatnonzero(seen == ord("="))
    return bool(
        usual and not _NO_VALUE[seen[equals + 1]].any() and not _BLANK[seen[equals - 1]].any()
    )
