"""Finds what calamine does not report of a sheet of an old workbook (.xls), by its records."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from connectors.readers.spreadsheet.mark_positions import DAY_ZERO_1904, Place, SheetMarks
from connectors.readers.spreadsheet.ole_container import streams_of
from connectors.readers.spreadsheet.xls_remarks import XlsRemarks, read_book
from connectors.readers.spreadsheet.xls_size_check import (
    BEGIN,
    BOUND_SHEET,
    records_of,
    sheet_records,
    short_at,
)
from connectors.readers.spreadsheet.zero_format import zeros_of

# [MS-XLS] 2.4. Those of cells begin with row, column and style.
_FORMAT, _STYLE, _ROW = 0x41E, 0xE0, 0x208
_NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _FLAG_OR_ERROR = 0x203, 0x27E, 0xBD, 0x205
_FORMULAS = (0x06, 0x206, 0x406)
_TEXT_RESULT = 0x207
# Records that may come between a formula and its text: ARRAY, SHRFMLA, TABLE.
_OF_FORMULAS = frozenset({0x221, 0x4BC, 0x236})
_FIRST_DAY = 0x22
_BIFF8 = 0x600
_HIDDEN = 0x20
_NO_NUMBER = 0xFFFF
_IS_TEXT, _IS_ERROR, _IS_EMPTY = 0, 2, 3
_CALCULATE = 0x03


@dataclass
class _XlsMarks:
    """The marks of one sheet, record by record.

    ``empty`` are the formulas with an empty result, ``flagged`` those of them that ask to be
    calculated on opening, ``awaited`` the formula whose text follows, and whether it asks so.
    """

    zeros: dict[int, int]
    marks: SheetMarks = field(default_factory=SheetMarks)
    empty: list[Place] = field(default_factory=list)
    flagged: list[Place] = field(default_factory=list)
    calculated: bool = False
    awaited: tuple[Place, bool] | None = None

    def take_record(self, kind: int, data: bytes) -> None:
        """Reads one record; ignores one that is too short."""
        if self.awaited and kind not in _OF_FORMULAS:
            self._take_text_result(kind, data)
        if kind in _READERS:
            least, read = _READERS[kind]
            if len(data) >= least:
                read(self, data)

    def take_row(self, data: bytes) -> None:
        if data[12] & _HIDDEN:
            self.marks.hidden_rows.append(short_at(data, 0) + 1)

    def take_number(self, data: bytes) -> None:
        self._note_style(_place_of(data), short_at(data, 4))

    def take_numbers(self, data: bytes) -> None:
        row, first = _place_of(data)
        for column, at in enumerate(range(4, len(data) - 7, 6), first):
            self._note_style((row, column), short_at(data, at))

    def take_flag(self, data: bytes) -> None:
        if data[7]:
            self.marks.errors.append(_place_of(data))

    def take_formula(self, data: bytes) -> None:
        """Reads a formula's result: a number, or two bytes that mark another kind of result."""
        place, is_flagged = _place_of(data), bool(short_at(data, 14) & _CALCULATE)
        # Excel writes a note of its own behind the flags, and it stores each result.
        self.calculated |= any(data[16:20])
        if short_at(data, 12) != _NO_NUMBER:
            self.calculated = True
            self.take_number(data)
        elif data[6] == _IS_EMPTY:
            self._note_empty(place, is_flagged)
        elif data[6] == _IS_TEXT:
            self.awaited = place, is_flagged
        else:
            self.calculated = True
            if data[6] == _IS_ERROR:
                self.marks.errors.append(place)

    def finish_marks(self) -> SheetMarks:
        """The marks, after all records.

        An empty result counts as not stored if its formula asks to be calculated, or if no formula
        of the sheet has another result.
        """
        if self.awaited:
            self._note_empty(*self.awaited)
        self.marks.unstored = self.flagged if self.calculated else self.empty
        return self.marks

    def _take_text_result(self, kind: int, data: bytes) -> None:
        if self.awaited and not (kind == _TEXT_RESULT and any(data[:2])):
            self._note_empty(*self.awaited)
        else:
            self.calculated = True
        self.awaited = None

    def _note_empty(self, place: Place, is_flagged: bool) -> None:
        self.empty.append(place)
        if is_flagged:
            self.flagged.append(place)

    def _note_style(self, place: Place, style: int) -> None:
        if width := self.zeros.get(style):
            self.marks.pad_number(*place, width)


# The shortest record of each kind, and its reader.
_READERS: dict[int, tuple[int, Callable[[_XlsMarks, bytes], None]]] = {
    _ROW: (13, _XlsMarks.take_row),
    _NUMBER: (14, _XlsMarks.take_number),
    _SHORT_NUMBER: (10, _XlsMarks.take_number),
    _SHORT_NUMBERS: (12, _XlsMarks.take_numbers),
    _FLAG_OR_ERROR: (8, _XlsMarks.take_flag),
    **dict.fromkeys(_FORMULAS, (16, _XlsMarks.take_formula)),
}


def xls_marks(file: IO[bytes], place: int) -> SheetMarks:
    """The marks of the sheet whose entry has this number, from 0; none without such an entry.

    Raises CannotRead ``broken_file`` for a container that is not sound.
    """
    for stream in streams_of(file, ("Workbook", "Book"))[:1]:
        for begin in islice(_sheet_begins(stream), place, place + 1):
            reader = _XlsMarks(_zero_styles(stream))
            if _counts_from_1904(stream):
                reader.marks.day_zero = DAY_ZERO_1904
            remarks = XlsRemarks(read_book(stream))
            for kind, data in sheet_records(stream, begin):
                reader.take_record(kind, data)
                if kind in remarks.kinds:
                    remarks.take_record(kind, data)
            reader.marks.remarks = remarks.list_remarks()
            return reader.finish_marks()
    return SheetMarks()


def _sheet_begins(stream: bytes) -> Iterator[int]:
    return (
        struct.unpack_from("<I", data)[0]
        for kind, data in records_of(stream, 0)
        if kind == BOUND_SHEET and len(data) >= 4
    )


def _counts_from_1904(stream: bytes) -> bool:
    return any(
        kind == _FIRST_DAY and len(data) >= 2 and short_at(data, 0) == 1
        for kind, data in records_of(stream, 0)
    )


def _zero_styles(stream: bytes) -> dict[int, int]:
    """The styles whose format fills up numbers with zeros, with their number of digits."""
    formats: dict[int, int] = {}
    styles: list[int] = []
    is_biff8 = True
    for kind, data in records_of(stream, 0):
        if kind == BEGIN and len(data) >= 2:
            is_biff8 = short_at(data, 0) >= _BIFF8
        elif kind == _FORMAT and len(data) >= 5:
            formats[short_at(data, 0)] = zeros_of(_format_code(data[2:], is_biff8))
        elif kind == _STYLE:
            styles.append(short_at(data, 2) if len(data) >= 4 else 0)
    return {number: width for number, style in enumerate(styles) if (width := formats.get(style))}


def _format_code(data: bytes, is_biff8: bool) -> str:
    """The code of a format; text beside its digits may be decoded wrongly, its digits never are."""
    if not is_biff8:
        return data[1 : 1 + data[0]].decode("latin-1")
    count = short_at(data, 0)
    if data[2] & 1:
        return data[3 : 3 + 2 * count].decode("utf-16-le", "replace")
    return data[3 : 3 + count].decode("latin-1")


def _place_of(data: bytes) -> Place:
    return short_at(data, 0) + 1, short_at(data, 2)
