"""How far the cells of a packed sheet reach, found while unpacking: a parser would hold that whole rectangle in memory."""

from __future__ import annotations

import re
import string
from typing import IO

import numpy as np
from lxml import etree

from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_CHUNK = 2**20
_SMALL_COLUMNS, _SMALL_ROWS = 26, 999_999
# So many bytes tell the place of a cell that is beyond: ' r="A1234567'.
_REACH = 12
_LETTER, _DIGIT, _BLANK = (
    np.isin(np.arange(256), list(some.encode()))
    for some in (string.ascii_letters, string.digits, string.whitespace)
)
_NAME_END = _BLANK | np.isin(np.arange(256), list(b">/"))
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
    small_fits = (
        limits.rows >= _SMALL_ROWS
        and limits.columns >= _SMALL_COLUMNS
        and limits.cells >= _SMALL_COLUMNS * _SMALL_ROWS
    )
    # Finding nothing beyond a small sheet is several times faster than looking at every cell.
    small, placed = _is_small(part) if sheet else _read_through(part)
    if _TEXTS.search(name):
        _check_texts(part, limits)
    if small and placed and small_fits:
        return
    part.seek(0)
    columns, rows, rest = 0, 1, b""
    while sheet and (chunk := part.read(_CHUNK)):
        places = _PLACE.findall(rest + chunk)
        columns = max(columns, *map(column_number, {c.upper() for c, _ in places}), 0)
        rows = max(rows, *(int(r) for r in {r for _, r in places} if r), 0)
        check_reach(rows, columns, limits)
        rest = chunk[-256:]
    if not placed:
        _check_order(part, limits)


def _check_texts(part: IO[bytes], limits: Limits) -> None:
    """No more texts may be announced than there may be cells: the parser makes room for them at once."""
    part.seek(0)
    rest = b""
    while chunk := part.read(_CHUNK):
        for count in _ANNOUNCED.findall(rest + chunk):
            check_reach(int(count), 1, limits)
        rest = chunk[-256:]


def _read_through(part: IO[bytes]) -> tuple[bool, bool]:
    while part.read(_CHUNK):
        pass
    return True, True


def _is_small(part: IO[bytes]) -> tuple[bool, bool]:
    """Whether every place is within a small sheet, and whether every cell tells its own; reads to the end, which proves it whole."""
    small, placed, rest = True, True, b""
    while chunk := part.read(_CHUNK):
        text = rest + chunk
        end = len(text) - _REACH
        small = small and not _beyond_small(text, end) and not _is_unusual(text)
        placed = placed and not _lacks_place(text, end)
        rest = chunk[-2 * _REACH :]
    return small and not _beyond_small(rest, len(rest)), placed and not _lacks_place(
        rest, len(rest)
    )


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


def _lacks_place(text: bytes, end: int) -> bool:
    """Whether a row or a cell begins before ``end`` that does not tell its place at once, or has a prefix and so may not."""
    seen = np.frombuffer(text + bytes(_REACH), np.uint8)
    opened = seen[:end] == ord("<")
    # Cells are many: looked for as wholes, which takes a fraction of looking each of them up.
    cell = opened & (seen[1 : end + 1] == ord("c"))
    placed = (
        (seen[2 : end + 2] == ord(" "))
        & (seen[3 : end + 3] == ord("r"))
        & (seen[4 : end + 4] == ord("="))
    )
    doubtful = np.flatnonzero(cell & ~placed) + 1
    row = np.flatnonzero(opened & (seen[1 : end + 1] == ord("r"))) + 1
    prefix = np.flatnonzero(seen[:end] == ord(":")) + 1
    if (
        _after_name(seen, doubtful, b"c").size
        or _after_name(seen, prefix, b"c").size
        or _after_name(seen, prefix, b"row").size
    ):
        return True
    return not bool(has_bytes_at(seen, _after_name(seen, row, b"row"), b' r="').all())


def _after_name(seen: np.ndarray, at: np.ndarray, name: bytes) -> np.ndarray:
    """The places after those names that are exactly this one."""
    after = at[has_bytes_at(seen, at, name)] + len(name)
    ended: np.ndarray = after[_NAME_END[seen[after]]]
    return ended


def has_bytes_at(seen: np.ndarray, at: np.ndarray, text: bytes) -> np.ndarray:
    """At which of these places of a text, given as its bytes, this piece stands."""
    said: np.ndarray = np.logical_and.reduce(
        [seen[at + place] == letter for place, letter in enumerate(text)]
    )
    return said


def _check_order(part: IO[bytes], limits: Limits) -> None:
    """The reach of cells and rows that tell no place: they follow each other."""
    part.seek(0)
    rows = column = widest = 0
    try:
        for _, element in etree.iterparse(
            part, events=("end",), tag=("{*}row", "{*}c"), resolve_entities=False, no_network=True
        ):
            stated = element.get("r", "")
            if str(element.tag).endswith("row"):
                rows, column = (
                    int(stated) if stated.isdecimal() and len(stated) < 60 else rows + 1,
                    0,
                )
                check_reach(rows, widest, limits)
            else:
                letters = stated.rstrip(string.digits).upper()
                column = (
                    column_number(letters.encode())
                    if 0 < len(letters) < 60 and letters.isalpha()
                    else column + 1
                )
                widest = max(widest, column)
            element.clear()
            while (before := element.getprevious()) is not None and (
                parent := element.getparent()
            ) is not None:
                parent.remove(before)
    except etree.XMLSyntaxError:
        raise _broken_error() from None


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
    events = etree.iterparse(
        part, events=("end",), tag=f"{TABLE}table-row", resolve_entities=False, no_network=True
    )
    rows = 0
    try:
        for _, row in events:
            rows += repeat_count(row, "rows")
            column = reach = 0
            for cell in row:
                column += repeat_count(cell, "columns")
                if cell.get(VALUE_TYPE) is not None or len(cell):
                    reach = column
            if reach:
                check_reach(rows, reach, limits)
            row.clear()
    except etree.XMLSyntaxError:
        raise _broken_error() from None


def _broken_error() -> CannotRead:
    return CannotRead(
        "broken_file",
        "Die Arbeitsmappe ist beschädigt. Bitte neu exportieren und vollständig übertragen.",
    )


def repeat_count(element: etree._Element, of: str) -> int:
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
