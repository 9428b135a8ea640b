"""How far the cells of a packed sheet reach, found while unpacking: a parser would hold that whole rectangle in memory."""

from __future__ import annotations

import re
import string
from typing import IO

import numpy as np
from lxml import etree

from connectors.readers.limits import Limits
from connectors.text_table import CannotRead

_CHUNK = 2**20
_SMALL_COLUMNS, _SMALL_ROWS = 26, 999_999
# So many bytes tell the place of a cell that is beyond: ' r="A1234567'.
_REACH = 12
_LETTER, _DIGIT, _BLANK = (
    np.isin(np.arange(256), list(some.encode())) for some in (string.ascii_letters, string.digits, string.whitespace)
)
_UNUSUAL = re.compile(rb"[\n\t\r]r")
# Of a cell or of a row; however long, since a parser wraps around what is too long for it.
_PLACE = re.compile(rb'\br\s*=\s*["\']([A-Za-z]{0,60})(\d{0,60})["\']')
_TEXTS = re.compile(r"sharedstrings\.xml$", re.IGNORECASE)
_ANNOUNCED = re.compile(rb'uniqueCount\s*=\s*["\']\s*(\d{1,60})')
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def check_part(part: IO[bytes], name: str, limits: Limits) -> None:
    """Read one entry of a workbook to its end; raises CannotRead ``too_large`` if it is a sheet that reaches too far."""
    if name == "content.xml":
        _check_ods(part, limits)
    # A sheet may have any name in the archive.
    sheet = name != "content.xml" and not name.endswith((".bin", ".png", ".jpeg", ".jpg", ".emf"))
    small_fits = limits.rows >= _SMALL_ROWS and limits.columns >= _SMALL_COLUMNS and limits.cells >= _SMALL_COLUMNS * _SMALL_ROWS
    # Finding nothing beyond a small sheet is several times faster than looking at every cell.
    small = _is_small(part) if sheet else _read_through(part)
    if _TEXTS.search(name):
        _check_texts(part, limits)
    if small and small_fits:
        return
    part.seek(0)
    columns, rows, rest = 0, 1, b""
    while sheet and (chunk := part.read(_CHUNK)):
        places = _PLACE.findall(rest + chunk)
        columns = max(columns, *map(column_number, {c.upper() for c, _ in places}), 0)
        rows = max(rows, *(int(r) for r in {r for _, r in places} if r), 0)
        check_reach(rows, columns, limits)
        rest = chunk[-256:]


def _check_texts(part: IO[bytes], limits: Limits) -> None:
    """No more texts may be announced than there may be cells: the parser makes room for them at once."""
    part.seek(0)
    rest = b""
    while chunk := part.read(_CHUNK):
        for count in _ANNOUNCED.findall(rest + chunk):
            check_reach(int(count), 1, limits)
        rest = chunk[-256:]


def _read_through(part: IO[bytes]) -> bool:
    while part.read(_CHUNK):
        pass
    return True


def _is_small(part: IO[bytes]) -> bool:
    """Whether every cell stands within a small sheet; reads to the end, which proves it whole."""
    small, rest = True, b""
    while chunk := part.read(_CHUNK):
        text = rest + chunk
        small = small and not _beyond_small(text, len(text) - _REACH) and not _is_unusual(text)
        rest = chunk[-2 * _REACH :]
    return small and not _beyond_small(rest, len(rest))


def _beyond_small(text: bytes, end: int) -> bool:
    """Whether a place written before ``end`` has two letters or seven digits; any unusual spelling of a place counts as well."""
    seen = np.frombuffer(text + bytes(_REACH), np.uint8)
    at = np.flatnonzero((seen[:-1] == ord(" ")) & (seen[1:] == ord("r")))
    at = at[at < end]
    if _BLANK[seen[at + 2]].any():
        return True
    at = at[seen[at + 2] == ord("=")]
    if (seen[at + 3] != ord('"')).any():
        return True
    letter = _LETTER[seen[at + 4]]
    if (letter & _LETTER[seen[at + 5]]).any():
        return True
    # Seven digits: of a cell after its letter, of a row at once.
    return any(
        bool(np.logical_and.reduce([_DIGIT[seen[long + n]] for n in range(first, first + 7)]).any())
        for first, some in ((5, letter), (4, ~letter))
        for long in (at[some & _DIGIT[seen[at + first + 6]]],)
    )


def _is_unusual(text: bytes) -> bool:
    """Whether a cell's place may stand on a new line; nearly no sheet has line ends, which is seen at once."""
    return (b"\n" in text or b"\t" in text or b"\r" in text) and _UNUSUAL.search(text) is not None


def column_number(letters: bytes) -> int:
    """Number of a column from 1: "A" is 1, "AA" is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_ods(part: IO[bytes], limits: Limits) -> None:
    """The same for OpenDocument, where a cell or a row can say that it stands a million times."""
    events = etree.iterparse(part, events=("end",), tag=f"{TABLE}table-row", resolve_entities=False, no_network=True)
    rows = 0
    try:
        for _, row in events:
            rows += times(row, "rows")
            column = reach = 0
            for cell in row:
                column += times(cell, "columns")
                if cell.get(VALUE_TYPE) is not None or len(cell):
                    reach = column
            if reach:
                check_reach(rows, reach, limits)
            row.clear()
    except etree.XMLSyntaxError:
        message = "Die Arbeitsmappe ist beschädigt. Bitte neu exportieren und vollständig übertragen."
        raise CannotRead("broken_file", message) from None


def times(element: etree._Element, of: str) -> int:
    """How often an OpenDocument element says that it stands there ("rows" or "columns")."""
    stated = element.get(f"{TABLE}number-{of}-repeated", "1")
    return int(stated) if stated.isdecimal() and len(stated) < 12 else 1


def check_reach(rows: int, columns: int, limits: Limits) -> None:
    """Raises CannotRead ``too_large`` for a sheet of so many rows and columns, if that is too much."""
    if rows > limits.rows or columns > limits.columns or rows * columns > limits.cells:
        raise CannotRead(
            "too_large",
            f"Ein Blatt der Arbeitsmappe reicht bis Zeile {rows}, Spalte {columns} und ist damit größer als erlaubt. "
            "Bitte verirrte Zellen am Rand löschen.",
        )
