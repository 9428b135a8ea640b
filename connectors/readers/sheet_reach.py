"""How far the cells of a packed sheet reach, found while unpacking: a parser would hold that whole rectangle in memory."""

from __future__ import annotations

import re
from typing import IO

from lxml import etree

from connectors.readers.limits import Limits
from connectors.text_table import CannotRead

_CHUNK = 2**20
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,4})(\d{1,8})"')
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUE_TYPE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}value-type"


def check_part(part: IO[bytes], name: str, limits: Limits) -> None:
    """Read one entry of a workbook to its end; raises CannotRead ``too_large`` if it is a sheet that reaches too far."""
    if name == "content.xml":
        _check_ods(part, limits)
    columns, rows, rest = 0, 0, b""
    while chunk := part.read(_CHUNK):
        if name.startswith("xl/worksheets/"):
            cells = _CELL.findall(rest + chunk)
            if cells:
                columns = max(columns, *map(column_number, {c for c, _ in cells}))
                rows = max(rows, *map(int, {r for _, r in cells}))
                _check_reach(rows, columns, limits)
            rest = chunk[-256:]


def column_number(letters: bytes) -> int:
    """Number of a column from 1: "A" is 1, "AA" is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_ods(part: IO[bytes], limits: Limits) -> None:
    """The same for OpenDocument, where a cell or a row can say that it stands a million times."""
    events = etree.iterparse(part, events=("end",), tag=f"{_TABLE}table-row", resolve_entities=False, no_network=True)
    rows = 0
    try:
        for _, row in events:
            rows += _times(row, "rows")
            column = reach = 0
            for cell in row:
                column += _times(cell, "columns")
                if cell.get(_VALUE_TYPE) is not None or len(cell):
                    reach = column
            if reach:
                _check_reach(rows, reach, limits)
            row.clear()
    except etree.XMLSyntaxError:
        message = "Die Arbeitsmappe ist beschädigt. Bitte neu exportieren und vollständig übertragen."
        raise CannotRead("broken_file", message) from None


def _times(element: etree._Element, of: str) -> int:
    stated = element.get(f"{_TABLE}number-{of}-repeated", "1")
    return int(stated) if stated.isdecimal() and len(stated) < 12 else 1


def _check_reach(rows: int, columns: int, limits: Limits) -> None:
    if rows > limits.rows or columns > limits.columns or rows * columns > limits.cells:
        raise CannotRead(
            "too_large",
            f"Ein Blatt der Arbeitsmappe reicht bis Zeile {rows}, Spalte {columns} und ist damit größer als erlaubt. "
            "Bitte verirrte Zellen am Rand löschen.",
        )
