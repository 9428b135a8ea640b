"""What calamine does not tell of a sheet of an old workbook (.xls), read from its records: the same marks as of an xlsx sheet."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from connectors.readers.spreadsheet.mark_positions import Place, SheetMarks
from connectors.readers.spreadsheet.ole_container import streams_of
from connectors.readers.spreadsheet.xls_size_check import BOUND_SHEET, records_of
from connectors.readers.spreadsheet.zero_format import zeros_of

# [MS-XLS] 2.4. Those of cells begin with row, column and style.
_BOF, _FORMAT, _STYLE, _ROW = 0x809, 0x41E, 0xE0, 0x208
_NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS, _FLAG_OR_ERROR = 0x203, 0x27E, 0xBD, 0x205
_FORMULAS = (0x06, 0x206, 0x406)
_TEXT_RESULT = 0x207
# They may stand between a formula and its text: ARRAY, SHRFMLA, TABLE.
_OF_FORMULAS = frozenset({0x221, 0x4BC, 0x236})
_BIFF8 = 0x600
_HIDDEN = 0x20
_NO_NUMBER = 0xFFFF
_IS_TEXT, _IS_ERROR, _IS_EMPTY = 0, 2, 3
_CALCULATE = 0x03


@dataclass
class _XlsMarks:
    """The marks of one sheet, record by record."""

    zeros: dict[int, int]
    marks: SheetMarks = field(default_factory=SheetMarks)
    empty: list[Place] = field(default_factory=list)
    flagged: list[Place] = field(default_factory=list)
    calculated: bool = False
    awaited: tuple[Place, bool] | None = None

    def take_record(self, kind: int, data: bytes) -> None:
        """One record; one that is too short says nothing."""
        if self.awaited and kind not in _OF_FORMULAS:
            self._text_result(kind, data)
        least, taken = _TAKEN.get(kind, (0, None))
        if taken is not None and len(data) >= least:
            taken(self, data)

    def take_row(self, data: bytes) -> None:
        if data[12] & _HIDDEN:
            self.marks.hidden_rows.append(struct.unpack_from("<H", data)[0] + 1)

    def take_number(self, data: bytes) -> None:
        row, column, style = struct.unpack_from("<3H", data)
        self._note_style(row, column, style)

    def take_numbers(self, data: bytes) -> None:
        row, first = struct.unpack_from("<HH", data)
        for nth, at in enumerate(range(4, len(data) - 7, 6)):
            self._note_style(row, first + nth, struct.unpack_from("<H", data, at)[0])

    def take_flag(self, data: bytes) -> None:
        if data[7]:
            self.marks.errors.append(_place_of(data))

    def take_formula(self, data: bytes) -> None:
        """The result is a number, or two bytes say that it is something else."""
        number, flags = struct.unpack_from("<HH", data, 12)
        # Excel leaves a note of its own behind the flags; it stores each result.
        self.calculated |= any(data[16:20])
        if number != _NO_NUMBER:
            self.calculated = True
            self.take_number(data)
        elif data[6] == _IS_ERROR:
            self.calculated = True
            self.marks.errors.append(_place_of(data))
        elif data[6] == _IS_EMPTY:
            self._note_empty(_place_of(data), bool(flags & _CALCULATE))
        elif data[6] == _IS_TEXT:
            self.awaited = _place_of(data), bool(flags & _CALCULATE)
        else:
            self.calculated = True

    def finish_marks(self) -> SheetMarks:
        """The marks; an empty result is none where the formula asks for it, or where no formula of the sheet has another."""
        if self.awaited:
            self._note_empty(*self.awaited)
        self.marks.unstored = self.flagged if self.calculated else self.empty
        return self.marks

    def _text_result(self, kind: int, data: bytes) -> None:
        if self.awaited and not (kind == _TEXT_RESULT and any(data[:2])):
            self._note_empty(*self.awaited)
        else:
            self.calculated = True
        self.awaited = None

    def _note_empty(self, place: Place, flagged: bool) -> None:
        self.empty.append(place)
        if flagged:
            self.flagged.append(place)

    def _note_style(self, row: int, column: int, style: int) -> None:
        if width := self.zeros.get(style):
            self.marks.padded.setdefault(column, {})[row + 1] = width


_TAKEN: dict[int, tuple[int, Callable[[_XlsMarks, bytes], None]]] = {
    _ROW: (13, _XlsMarks.take_row),
    _NUMBER: (14, _XlsMarks.take_number),
    _SHORT_NUMBER: (10, _XlsMarks.take_number),
    _SHORT_NUMBERS: (12, _XlsMarks.take_numbers),
    _FLAG_OR_ERROR: (8, _XlsMarks.take_flag),
    **dict.fromkeys(_FORMULAS, (16, _XlsMarks.take_formula)),
}


def xls_marks(file: IO[bytes], place: int) -> SheetMarks:
    """The marks of the sheet whose entry has this number, from 0; none where there is no such entry.

    Raises CannotRead ``broken_file`` for a container that is not sound.
    """
    for stream in streams_of(file, ("Workbook", "Book"))[:1]:
        for begin in islice(_sheet_begins(stream), place, place + 1):
            taker = _XlsMarks(_zero_styles(stream))
            for kind, data in records_of(stream, begin):
                taker.take_record(kind, data)
            return taker.finish_marks()
    return SheetMarks()


def _sheet_begins(stream: bytes) -> Iterator[int]:
    return (
        struct.unpack_from("<I", data)[0]
        for kind, data in records_of(stream, 0)
        if kind == BOUND_SHEET and len(data) >= 4
    )


def _zero_styles(stream: bytes) -> dict[int, int]:
    """Numbers of the styles whose format fills up numbers with zeros, with their width."""
    formats: dict[int, int] = {}
    styles: list[int] = []
    is_biff8 = True
    for kind, data in records_of(stream, 0):
        if kind == _BOF and len(data) >= 2:
            is_biff8 = struct.unpack_from("<H", data)[0] >= _BIFF8
        elif kind == _FORMAT and len(data) >= 5:
            formats[struct.unpack_from("<H", data)[0]] = zeros_of(_format_code(data[2:], is_biff8))
        elif kind == _STYLE:
            styles.append(struct.unpack_from("<H", data, 2)[0] if len(data) >= 4 else 0)
    return {number: width for number, style in enumerate(styles) if (width := formats.get(style))}


def _format_code(data: bytes, is_biff8: bool) -> str:
    """The code of a format; what stands beside its digits may be misread, the digits never are."""
    if not is_biff8:
        return data[1 : 1 + data[0]].decode("latin-1")
    count, wide = struct.unpack_from("<HB", data)
    return (
        data[3 : 3 + 2 * count].decode("utf-16-le", "replace")
        if wide & 1
        else data[3 : 3 + count].decode("latin-1")
    )


def _place_of(data: bytes) -> Place:
    row, column = struct.unpack_from("<HH", data)
    return row + 1, column
