"""Finds the notes of a sheet of an old workbook (.xls) and its struck cells, by its records."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from connectors.readers.spreadsheet.row_remarks import RowRemarks
from connectors.readers.spreadsheet.xls_size_check import BEGIN, records_of, short_at

# [MS-XLS] 2.4. Those of cells begin with row, column and style.
_FONT, _STYLE, _CODE_PAGE = 0x31, 0xE0, 0x42
_NOTE, _OBJECT, _TEXT_OBJECT, _CONTINUE, _DRAWING = 0x1C, 0x5D, 0x1B6, 0x3C, 0xEC
_FILLED = frozenset({0x06, 0x206, 0x406, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E})
_SEVERAL_NUMBERS = 0xBD
_CELLS = _FILLED | {_SEVERAL_NUMBERS}
_BIFF8 = 0x600
_STRIKE = 0x08
# No font has this number: those behind count one more.
_NO_FONT = 4
# The first part of an object names its kind and number.
_COMMON, _OF_NOTE = 0x15, 0x19
_GOES_ON = 0xFFFF
# Code pages that go by another name elsewhere.
_PAGES = {10000: "mac_roman", 32768: "mac_roman", 32769: "cp1252"}


@dataclass(frozen=True)
class XlsBook:
    """What the sheets of an old workbook share: struck styles, and how texts are written."""

    is_biff8: bool
    encoding: str
    struck: frozenset[int]


def read_book(stream: bytes) -> XlsBook:
    """Reads the part of a workbook that comes before its sheets."""
    fonts: list[bool] = []
    styles: list[int] = []
    is_biff8, encoding = True, "cp1252"
    for kind, data in records_of(stream, 0):
        if kind == BEGIN and len(data) >= 2:
            is_biff8 = short_at(data, 0) >= _BIFF8
        elif kind == _CODE_PAGE and len(data) >= 2:
            encoding = _find_encoding(short_at(data, 0))
        elif kind == _FONT:
            fonts.append(len(data) >= 4 and bool(short_at(data, 2) & _STRIKE))
        elif kind == _STYLE:
            styles.append(short_at(data, 0) if len(data) >= 2 else 0)
    lines = {at + (at >= _NO_FONT) for at, is_struck in enumerate(fonts) if is_struck}
    struck = frozenset(number for number, font in enumerate(styles) if font in lines)
    return XlsBook(is_biff8, encoding, struck)


def _find_encoding(page: int) -> str:
    name = _PAGES.get(page, f"cp{page}")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return "cp1252"


@dataclass
class XlsRemarks:
    """The remarks of one sheet, record by record; ``kinds`` are the records that matter.

    In Excel 97 and later a note names an object, whose text came before.
    """

    book: XlsBook
    kinds: frozenset[int] = frozenset()
    remarks: RowRemarks = field(default_factory=RowRemarks)
    _texts: dict[int, str] = field(default_factory=dict)
    _object: int | None = None
    _awaited: int = 0
    _row: int = 0
    _note: bytes = b""

    def __post_init__(self) -> None:
        self.kinds = frozenset(_READERS) if self.book.struck else frozenset(_READERS) - _CELLS

    def take_record(self, kind: int, data: bytes) -> None:
        """Reads one record; ignores one that is too short."""
        if kind != _CONTINUE:
            self._awaited = 0
        least, read = _READERS[kind]
        if len(data) >= least:
            read(self, data)

    def list_remarks(self) -> dict[int, list[str]]:
        """The remarks by row, after all records."""
        self._end_note()
        return self.remarks.list_remarks()

    def _take_cell(self, data: bytes) -> None:
        self._count_struck(data, [4])

    def _take_numbers(self, data: bytes) -> None:
        self._count_struck(data, range(4, len(data) - 7, 6))

    def _count_struck(self, data: bytes, styles: Iterable[int]) -> None:
        """Counts the struck ones among the cells of a record, by the places of their styles."""
        struck = sum(short_at(data, at) in self.book.struck for at in styles)
        self.remarks.add_struck([short_at(data, 0) + 1], struck)

    def _take_drawing(self, data: bytes) -> None:
        """A drawing may go on in further records, which are no text."""

    def _take_object(self, data: bytes) -> None:
        is_note = short_at(data, 0) == _COMMON and short_at(data, 4) == _OF_NOTE
        self._object = short_at(data, 6) if is_note else None

    def _take_text_object(self, data: bytes) -> None:
        if self._object is not None:
            self._awaited = short_at(data, 10)
            self._texts[self._object] = ""

    def _take_continued(self, data: bytes) -> None:
        """Takes a part of the text of an object; each part says whether its signs are wide."""
        if self._object is None or not self._awaited:
            return
        is_wide = bool(data[0] & 1)
        signs = data[1 : 1 + self._awaited * (1 + is_wide)]
        self._texts[self._object] += signs.decode("utf-16-le" if is_wide else "latin-1", "replace")
        self._awaited -= max(len(signs) // (1 + is_wide), 1)

    def _take_note(self, data: bytes) -> None:
        if self.book.is_biff8:
            text = self._texts.get(short_at(data, 6), "") if len(data) >= 8 else ""
            self.remarks.add_note([short_at(data, 0) + 1], text)
            return
        # A long note goes on in further ones without a cell.
        if short_at(data, 0) != _GOES_ON:
            self._end_note()
            self._row = short_at(data, 0) + 1
        self._note += data[6:]

    def _end_note(self) -> None:
        if self._row:
            self.remarks.add_note([self._row], self._note.decode(self.book.encoding, "replace"))
        self._row, self._note = 0, b""


# The shortest record of each kind, and its reader.
_READERS: dict[int, tuple[int, Callable[[XlsRemarks, bytes], None]]] = {
    _NOTE: (6, XlsRemarks._take_note),
    _OBJECT: (8, XlsRemarks._take_object),
    _TEXT_OBJECT: (12, XlsRemarks._take_text_object),
    _CONTINUE: (1, XlsRemarks._take_continued),
    _DRAWING: (0, XlsRemarks._take_drawing),
    _SEVERAL_NUMBERS: (12, XlsRemarks._take_numbers),
    **dict.fromkeys(_FILLED, (6, XlsRemarks._take_cell)),
}
