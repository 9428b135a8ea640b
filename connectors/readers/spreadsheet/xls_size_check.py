"""Checks how far the cells of an old workbook (.xls) reach, by its records.

A parser would hold the whole rectangle up to the last cell in memory.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import IO

from connectors.readers.spreadsheet.ole_container import streams_of
from connectors.readers.spreadsheet.size_check import check_reach
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

# [MS-XLS] 2.3: the records that matter here. Those of cells begin with row and column.
BEGIN, BOUND_SHEET, _DIMENSIONS, _END, _FILE_PASS = 0x809, 0x85, 0x200, 0x0A, 0x2F
_CELLS = frozenset({*range(0x01, 0x07), 0xD6, 0xFD, *range(0x201, 0x207), 0x27E, 0x406})
_SEVERAL_CELLS = frozenset({0xBD, 0xBE})
_TEXTS = 0xFC
# The fewest bytes that a text of a workbook takes.
_LEAST_TEXT = 3
_ENDLESS = 2**32

Record = tuple[int, bytes]


def check_xls(file: IO[bytes], limits: Limits) -> None:
    """Raises CannotRead ``too_large`` if a sheet reaches, or claims to reach, too far.

    Raises CannotRead ``broken_file`` if the file holds no workbook. An encrypted workbook passes:
    its records cannot be read before it is opened.
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
        if kind == _TEXTS and len(data) >= 8:
            _check_texts(data, len(stream), limits)
        if kind == BOUND_SHEET and len(data) >= 4:
            sheets.add(struct.unpack_from("<I", data)[0])
    # A sheet must be read from the byte its entry states: from another byte the same bytes are
    # other records.
    for begin in sheets:
        _check_sheet(stream, begin, limits)


def _check_texts(data: bytes, size: int, limits: Limits) -> None:
    """Refuses a table of texts that announces more texts than the stream can hold."""
    if struct.unpack_from("<I", data, 4)[0] * _LEAST_TEXT > size:
        check_reach(_ENDLESS, 1, limits)


def _check_sheet(stream: bytes, begin: int, limits: Limits) -> None:
    rows = columns = 0
    for kind, data in records_of(stream, begin):
        row, column = _reach_of(kind, data)
        rows, columns = max(rows, row), max(columns, column)
    check_reach(rows, columns, limits)


def records_of(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a position up to the end of that part of the workbook."""
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == _END:
            return
        at += 4 + length


def sheet_records(stream: bytes, at: int) -> Iterator[Record]:
    """The records of a sheet without those of charts in it, which have an end of their own."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += kind == BEGIN
        if depth <= 1:
            yield kind, stream[at + 4 : at + 4 + length]
        if kind == _END:
            depth -= 1
            if depth <= 0:
                return
        at += 4 + length


def short_at(data: bytes, at: int) -> int:
    """The 16-bit number at a position of a record."""
    number: int = struct.unpack_from("<H", data, at)[0]
    return number


def _reach_of(kind: int, data: bytes) -> tuple[int, int]:
    """Number of rows and columns up to the cells of one record, or those that a sheet claims."""
    if kind == _DIMENSIONS and len(data) >= 8:
        return _claimed_reach(data)
    if kind in _CELLS and len(data) >= 4:
        return short_at(data, 0) + 1, short_at(data, 2) + 1
    if kind in _SEVERAL_CELLS and len(data) >= 6:
        column = short_at(data, 2) + len(data) // 2
        return short_at(data, 0) + 1, max(column, short_at(data, len(data) - 2)) + 1
    return 0, 0


def _claimed_reach(data: bytes) -> tuple[int, int]:
    layout = "<IIHH" if len(data) >= 14 else "<HHHH"
    first, last, left, right = struct.unpack_from(layout, data)
    # The end comes after the last cell; a parser takes an end before the beginning as endless.
    if last and right and (first >= last or left >= right):
        return _ENDLESS, _ENDLESS
    return max(first, last) + 1, max(left, right) + 1
