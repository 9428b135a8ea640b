"""How far the cells of an old workbook (.xls) reach, read from its records: a parser would hold that whole rectangle in memory."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from connectors.readers.spreadsheet.ole_container import streams_of
from connectors.readers.spreadsheet.size_check import check_reach
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

# [MS-XLS] 2.3: the records that matter here. Those of cells begin with row and column.
BOUND_SHEET, _DIMENSIONS, _END, _FILE_PASS = 0x85, 0x200, 0x0A, 0x2F
_CELLS = frozenset(
    {
        0x01,
        0x02,
        0x03,
        0x04,
        0x05,
        0x06,
        0xD6,
        0xFD,
        0x201,
        0x202,
        0x203,
        0x204,
        0x205,
        0x206,
        0x27E,
        0x406,
    }
)
_TEXTS = 0xFC
# No text of a workbook is told in fewer bytes.
_LEAST_TEXT = 3
_ENDLESS = 2**32
_SEVERAL_CELLS = frozenset({0xBD, 0xBE})

Record = tuple[int, bytes]


def check_xls(file: IO[bytes], limits: Limits) -> None:
    """Raises CannotRead ``too_large`` if a sheet reaches too far or says so, ``broken_file`` where no workbook is in the file.

    An encrypted workbook is let through: its records tell nothing before it is opened.
    """
    streams = streams_of(file, ("Workbook", "Book"))
    if not streams:
        raise CannotRead(
            "broken_file",
            "Die Datei enthält keine Arbeitsmappe. Bitte neu exportieren und als .xlsx ablegen.",
        )
    for stream in streams:
        _check_stream(stream, limits)


def _check_stream(stream: bytes, limits: Limits) -> None:
    sheets = set()
    for kind, data in records_of(stream, 0):
        if kind == _FILE_PASS:
            return
        if (
            kind == _TEXTS
            and len(data) >= 8
            and struct.unpack_from("<I", data, 4)[0] * _LEAST_TEXT > len(stream)
        ):
            check_reach(_ENDLESS, 1, limits)
        if kind == BOUND_SHEET and len(data) >= 4:
            sheets.add(struct.unpack_from("<I", data)[0])
    # Where a sheet begins is said by its entry; read from another byte, the same bytes are other records.
    for begin in sheets:
        rows = columns = 0
        for kind, data in records_of(stream, begin):
            row, column = _reach_of(kind, data)
            rows, columns = max(rows, row), max(columns, column)
        check_reach(rows, columns, limits)


def records_of(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place up to the end of that part of the workbook."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == _END:
            return
        at += 4 + length


def _reach_of(kind: int, data: bytes) -> tuple[int, int]:
    """Number of rows and columns up to the cells of one record, or those that the sheet says it has."""
    if kind == _DIMENSIONS:
        if len(data) >= 14:
            first, last, left, right = struct.unpack_from("<IIHH", data)
        elif len(data) >= 8:
            first, last, left, right = struct.unpack_from("<HHHH", data)
        else:
            return 0, 0
        # The end lies after the last cell; one before its beginning would be taken as nearly endless.
        backwards = last and right and (first >= last or left >= right)
        return (_ENDLESS, _ENDLESS) if backwards else (max(first, last) + 1, max(left, right) + 1)
    if kind in _CELLS and len(data) >= 4:
        row, column = struct.unpack_from("<HH", data)
        return row + 1, column + 1
    if kind in _SEVERAL_CELLS and len(data) >= 6:
        row, column = struct.unpack_from("<HH", data)
        return row + 1, max(
            column + len(data) // 2, struct.unpack_from("<H", data, len(data) - 2)[0]
        ) + 1
    return 0, 0
