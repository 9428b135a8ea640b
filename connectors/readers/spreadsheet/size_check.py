"""Checks while unpacking how far the cells of a packed sheet reach.

A parser would hold the whole rectangle up to the last cell in memory.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import IO

import numpy as np
from lxml import etree

from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_CHUNK = 2**20
_OVERLAP = 256
_SMALL_COLUMNS, _SMALL_ROWS = 26, 999_999
# The longest text needed to see that a place is beyond a small sheet: ' r="A1234567'.
_REACH = 12
_SEVEN = range(7)
_UNUSUAL = re.compile(rb"[\n\t\r]r")
# The place of a cell or a row. Over-long places count too: a parser wraps around them.
_PLACE = re.compile(rb'\br\s*=\s*["\']([A-Za-z]{0,60})(\d{0,60})["\']')
_TEXTS = re.compile(r"sharedstrings\.xml$", re.IGNORECASE)
_ANNOUNCED = re.compile(rb'uniqueCount\s*=\s*["\']\s*(\d{1,60})')
_ODS_CONTENT = "content.xml"
_NO_SHEETS = (".bin", ".png", ".jpeg", ".jpg", ".emf")
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def byte_class(members: str) -> np.ndarray:
    """For each byte whether it is one of these characters."""
    return np.isin(np.arange(256), list(members.encode()))


LETTER, DIGIT, BLANK = map(byte_class, (string.ascii_letters, string.digits, string.whitespace))
_NAME_END = byte_class(string.whitespace + ">/")


def check_part(part: IO[bytes], name: str, limits: Limits) -> None:
    """Reads one entry of a workbook to its end; raises CannotRead ``too_large``."""
    if name == _ODS_CONTENT:
        _check_ods(part, limits)
    # A sheet may have any name in the archive.
    elif not name.endswith(_NO_SHEETS):
        _check_sheet(part, name, limits)
    while part.read(_CHUNK):
        pass


def _check_sheet(part: IO[bytes], name: str, limits: Limits) -> None:
    # Finding nothing beyond a small sheet is several times faster than reading every place.
    is_small, is_placed = _is_small(part)
    if _TEXTS.search(name):
        _check_texts(part, limits)
    if is_small and is_placed and not _exceeds_limits(_SMALL_ROWS, _SMALL_COLUMNS, limits):
        return
    _check_places(part, limits)
    if not is_placed:
        _check_order(part, limits)


def overlapping_chunks(part: IO[bytes]) -> Iterator[bytes]:
    """The content in chunks, each beginning with the end of the one before."""
    part.seek(0)
    rest = b""
    while chunk := part.read(_CHUNK):
        yield rest + chunk
        rest = chunk[-_OVERLAP:]


def _check_texts(part: IO[bytes], limits: Limits) -> None:
    """Limits the announced number of texts: the parser reserves memory for them at once."""
    for chunk in overlapping_chunks(part):
        for count in _ANNOUNCED.findall(chunk):
            check_reach(int(count), 1, limits)


def _check_places(part: IO[bytes], limits: Limits) -> None:
    columns, rows = 0, 1
    for chunk in overlapping_chunks(part):
        places = _PLACE.findall(chunk)
        columns = max({columns, *map(column_number, {letters.upper() for letters, _ in places})})
        rows = max({rows, *map(int, {digits for _, digits in places if digits})})
        check_reach(rows, columns, limits)


def _is_small(part: IO[bytes]) -> tuple[bool, bool]:
    """Whether every place is within a small sheet, and whether every cell states its place.

    Reads to the end, which also verifies the checksum of the entry.
    """
    small, placed, rest = True, True, b""
    while chunk := part.read(_CHUNK):
        text = rest + chunk
        end = max(len(text) - _REACH, 0)
        small = small and not _beyond_small(text, end) and not _is_unusual(text)
        placed = placed and not _lacks_place(text, end)
        rest = chunk[-2 * _REACH :]
    end = len(rest)
    return small and not _beyond_small(rest, end), placed and not _lacks_place(rest, end)


def _beyond_small(text: bytes, end: int) -> bool:
    """Whether a place before ``end`` has two letters or seven digits, or an unusual spelling."""
    seen = np.frombuffer(text + bytes(_REACH), np.uint8)
    at = np.flatnonzero((seen[:-1] == ord(" ")) & (seen[1:] == ord("r")))
    at = at[at < end]
    if BLANK[seen[at + 2]].any():
        return True
    at = at[seen[at + 2] == ord("=")]
    letter = LETTER[seen[at + 4]]
    if (seen[at + 3] != ord('"')).any() or (letter & LETTER[seen[at + 5]]).any():
        return True
    # A cell has its digits after a letter, a row at once.
    return _has_seven_digits(seen, at[letter] + 5) or _has_seven_digits(seen, at[~letter] + 4)


def _has_seven_digits(seen: np.ndarray, at: np.ndarray) -> bool:
    # Hardly any place has a seventh digit, so only few are looked at in full.
    long = at[DIGIT[seen[at + 6]]]
    return bool(DIGIT[seen[np.add.outer(long, _SEVEN)]].all(axis=1).any())


def _lacks_place(text: bytes, end: int) -> bool:
    """Whether a row or cell that begins before ``end`` does not state its place at once.

    One with a namespace prefix counts as well, since its attributes are not looked at.
    """
    seen = np.frombuffer(text + bytes(_REACH), np.uint8)
    # Cells are many: comparing whole arrays takes a fraction of looking up each of them.
    placed = _spells(seen[2:], end, b" r=")
    doubtful = np.flatnonzero(_spells(seen, end, b"<c") & ~placed) + 1
    row = np.flatnonzero(_spells(seen, end, b"<r")) + 1
    prefix = np.flatnonzero(_spells(seen, end, b":")) + 1
    suspects = ((doubtful, b"c"), (prefix, b"c"), (prefix, b"row"))
    if any(_after_name(seen, at, name).size for at, name in suspects):
        return True
    return not bool(has_bytes_at(seen, _after_name(seen, row, b"row"), b' r="').all())


def _spells(seen: np.ndarray, end: int, text: bytes) -> np.ndarray:
    """Which of the first ``end`` positions begin with ``text``."""
    found: np.ndarray = seen[:end] == text[0]
    for offset, letter in enumerate(text[1:], 1):
        found &= seen[offset : offset + end] == letter
    return found


def _after_name(seen: np.ndarray, at: np.ndarray, name: bytes) -> np.ndarray:
    """The positions after those names that are exactly ``name``."""
    after = at[has_bytes_at(seen, at, name)] + len(name)
    ended: np.ndarray = after[_NAME_END[seen[after]]]
    return ended


def has_bytes_at(seen: np.ndarray, at: np.ndarray, text: bytes) -> np.ndarray:
    """At which of the positions ``at`` the bytes ``seen`` continue with ``text``."""
    found: np.ndarray = np.logical_and.reduce(
        [seen[at + offset] == letter for offset, letter in enumerate(text)]
    )
    return found


def _check_order(part: IO[bytes], limits: Limits) -> None:
    """Checks the reach of cells and rows that state no place: they follow each other."""
    part.seek(0)
    rows = column = widest = 0
    events = etree.iterparse(
        part, events=("end",), tag=("{*}row", "{*}c"), resolve_entities=False, no_network=True
    )
    try:
        for _, element in events:
            stated = element.get("r", "")
            if str(element.tag).endswith("row"):
                rows, column = stated_number(stated, 59, rows + 1), 0
                check_reach(rows, widest, limits)
            else:
                column = _stated_column(stated) or column + 1
                widest = max(widest, column)
            free_element(element)
    except etree.XMLSyntaxError:
        raise _broken_error() from None


def _stated_column(place: str) -> int:
    """The column of a place like "AB12", from 1; 0 if it states none."""
    letters = place.rstrip(string.digits).upper()
    return column_number(letters.encode()) if letters.isalpha() and len(letters) < 60 else 0


def free_element(element: etree._Element) -> None:
    """Releases the memory of an element that was read, and of those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and (before := element.getprevious()) is not None:
        parent.remove(before)


def _is_unusual(text: bytes) -> bool:
    """Whether a place may follow a line end; nearly no sheet has any, which is seen at once."""
    return (b"\n" in text or b"\t" in text or b"\r" in text) and _UNUSUAL.search(text) is not None


def column_number(letters: bytes) -> int:
    """Number of a column from 1: "A" is 1, "AA" is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_ods(part: IO[bytes], limits: Limits) -> None:
    """Checks an OpenDocument sheet, where a cell or a row can be repeated a million times."""
    events = etree.iterparse(
        part, events=("end",), tag=f"{TABLE}table-row", resolve_entities=False, no_network=True
    )
    rows = 0
    try:
        for _, row in events:
            rows += repeat_count(row, "rows")
            if reach := _row_reach(row):
                check_reach(rows, reach, limits)
            row.clear()
    except etree.XMLSyntaxError:
        raise _broken_error() from None


def _row_reach(row: etree._Element) -> int:
    """Number of columns up to the last filled cell of an OpenDocument row."""
    column = reach = 0
    for cell in row:
        column += repeat_count(cell, "columns")
        if cell.get(VALUE_TYPE) is not None or len(cell):
            reach = column
    return reach


def _broken_error() -> CannotRead:
    return CannotRead(
        "broken_file",
        "Die Arbeitsmappe ist beschädigt. Bitte neu exportieren und vollständig übertragen.",
    )


def incomplete_error() -> CannotRead:
    """The refusal of a workbook whose container is not sound."""
    return CannotRead(
        "broken_file",
        "Die Arbeitsmappe ist unvollständig oder beschädigt. "
        "Bitte neu exportieren und vollständig übertragen.",
    )


def stated_number(text: str, digits: int, otherwise: int) -> int:
    """The number an attribute states; ``otherwise`` if it is none or has too many digits."""
    return int(text) if text.isdecimal() and len(text) <= digits else otherwise


def repeat_count(element: etree._Element, of: str) -> int:
    """How often an OpenDocument element is repeated, ``of`` being "rows" or "columns"."""
    return stated_number(element.get(f"{TABLE}number-{of}-repeated", "1"), 11, 1)


def _exceeds_limits(rows: int, columns: int, limits: Limits) -> bool:
    return rows > limits.rows or columns > limits.columns or rows * columns > limits.cells


def check_reach(rows: int, columns: int, limits: Limits) -> None:
    """Raises CannotRead ``too_large`` if a sheet of so many rows and columns exceeds the limits."""
    if _exceeds_limits(rows, columns, limits):
        raise CannotRead(
            "too_large",
            f"Ein Blatt der Arbeitsmappe reicht bis Zeile {rows}, Spalte {columns} und ist damit "
            "größer als erlaubt. Bitte verirrte Zellen am Rand löschen.",
        )
