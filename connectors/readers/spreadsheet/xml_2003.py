"""Reads XML spreadsheets 2003, often named .xls, with their marks; nothing is fetched or run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from lxml import etree

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.rows.two_line_header import Area
from connectors.readers.spreadsheet.mark_positions import DAY_ZERO, DAY_ZERO_1904, Place, SheetMarks
from connectors.readers.spreadsheet.row_remarks import RowRemarks
from connectors.readers.spreadsheet.sheet_text import SheetText
from connectors.readers.spreadsheet.size_check import stated_number
from connectors.readers.spreadsheet.zero_format import zeros_of
from connectors.readers.text.declared_encoding import declared_encoding
from connectors.readers.text.encoding import detect_encoding
from connectors.readers.text.safe_xml import XmlText
from connectors.tables.cell_text import long_number_text, number_text
from connectors.tables.limits import Limits
from connectors.tables.text_table import CannotRead

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_MOST_ROWS, _MOST_WIDE = 2**20, 2**14
_USUAL = "Default"
# Whether a cell has text outside of what is struck through within it.
_UNSTRUCK = etree.XPath(
    "boolean(.//text()[normalize-space() and not(ancestor::*[local-name()='S'])])"
)


@dataclass
class _Sheet:
    """A sheet being read: its cells by row and column from 1, its marks and merged areas.

    ``columns`` are the styles of its columns.
    """

    name: str
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    marks: SheetMarks = field(default_factory=SheetMarks)
    merged: list[Area] = field(default_factory=list)
    hidden: bool = False
    last_row: int = 0
    columns: dict[int, str] = field(default_factory=dict)
    last_column: int = 0
    remarks: RowRemarks = field(default_factory=RowRemarks)

    def add_columns(self, element: etree._Element) -> None:
        """Keeps the style of the cells of some columns."""
        first = max(stated_number(_value_of(element, "Index"), 8, self.last_column + 1), 1)
        self.last_column = first + min(stated_number(_value_of(element, "Span"), 8, 0), _MOST_WIDE)
        styles = dict.fromkeys(range(first, self.last_column + 1), _value_of(element, "StyleID"))
        self.columns.update(styles)


def xml_2003_sheets(file: DeliveredFile, encoding: str | None) -> list[SheetText]:
    """The sheets of an XML spreadsheet 2003.

    Raises CannotRead ``too_large``, ``xml_2003`` for one without cells, ``broken_file`` for two
    cells in one place, or as `XmlText` for broken or dangerous XML.
    """
    file.check_whole(
        "Die XML-Kalkulationstabelle ist größer als erlaubt. Bitte als .xlsx speichern."
    )
    book = _Book(file.limits)
    text = XmlText(detect_encoding(file, encoding or declared_encoding(file)))
    for event, element in text.read_events():
        if event == "end":
            book.end_element(element)
        elif element.tag == f"{_SS}Worksheet":
            book.sheet = _Sheet(_value_of(element, "Name"))
    if not book.found:
        raise CannotRead(
            "xml_2003",
            "Die XML-Kalkulationstabelle 2003 enthält keine Zellen. "
            "Bitte in Excel als .xlsx speichern.",
        )
    for sheet in book.found:
        sheet.marks.day_zero = book.day_zero
        sheet.notices = [*text.text.notices(), *text.notices()]
    return book.found


@dataclass
class _Book:
    """The sheets read so far, the current one, and the styles by what they do to cells.

    ``zeros`` fill up numbers with zeros, ``lines`` draw a line through the text or none.
    """

    limits: Limits
    found: list[SheetText] = field(default_factory=list)
    sheet: _Sheet = field(default_factory=lambda: _Sheet(""))
    zeros: dict[str, int] = field(default_factory=dict)
    lines: dict[str, bool] = field(default_factory=dict)
    draws_lines: bool = False
    cells: int = 0
    day_zero: date = DAY_ZERO

    def end_element(self, element: etree._Element) -> None:
        tag = str(element.tag)
        if tag == f"{_SS}Style":
            self._add_style(element)
        elif tag.endswith("}Date1904"):
            self.day_zero = DAY_ZERO_1904
        elif tag.endswith("}Visible"):
            text = element.text or ""
            self.sheet.hidden = text.startswith("SheetHidden") or text == "SheetVeryHidden"
        elif tag == f"{_SS}Column":
            self.sheet.add_columns(element)
        elif tag == f"{_SS}Cell":
            # Counted as they come: a row of far too many is not read to its end.
            self.cells += 1
            self.limits.check_columns(self.cells)
        elif tag == f"{_SS}Row":
            self._add_row(element)
            self.cells = 0
            element.clear()
        elif tag == f"{_SS}Worksheet" and any(self.sheet.rows.values()):
            self.found.append(self._make_sheet())

    def _make_sheet(self) -> SheetText:
        sheet = self.sheet
        sheet.marks.remarks = sheet.remarks.list_remarks()
        rows = iter(_from_sparse(sheet.rows, self.limits))
        return SheetText(
            sheet.name, rows, marks=sheet.marks, merged=sheet.merged, is_hidden=sheet.hidden
        )

    def _add_style(self, element: etree._Element) -> None:
        form = element.find(f"{_SS}NumberFormat")
        width = (
            self.zeros.get(_value_of(element, "Parent"), 0)
            if form is None
            else zeros_of(_value_of(form, "Format"))
        )
        if width:
            self.zeros[_value_of(element, "ID")] = width
        font = element.find(f"{_SS}Font")
        line = "" if font is None else _value_of(font, "StrikeThrough")
        inherited = self.lines.get(_value_of(element, "Parent") or _USUAL, False)
        self.lines[_value_of(element, "ID")] = line != "0" if line else inherited
        self.draws_lines |= line not in ("", "0")

    def _add_row(self, element: etree._Element) -> None:
        sheet = self.sheet
        number = _index_of(element, sheet.last_row + 1)
        sheet.last_row = number + stated_number(_value_of(element, "Span"), 8, 0)
        if _value_of(element, "Hidden") == "1":
            sheet.marks.hidden_rows.append(number)
        cells: dict[int, str] = {}
        column = 0
        for cell in element.iterchildren(f"{_SS}Cell"):
            column = _index_of(cell, column + 1)
            text = self._cell_text(cell, _value_of(element, "StyleID"), (number, column - 1))
            if text is not None:
                cells[column] = text
            # Most cells hold their value alone.
            for note in (
                cell.iterchildren(f"{_SS}Comment") if len(cell) != (text is not None) else ()
            ):
                self.sheet.remarks.add_note([number], read_comment(note))
            if text and self._is_struck(cell, element, column):
                self.sheet.remarks.add_struck([number])
            column = self._add_merged(cell, number, column)
            self.limits.check_columns(column)
        sheet.rows[number] = cells
        if number > min(self.limits.rows, _MOST_ROWS):
            raise _reach_error()

    def _add_merged(self, cell: etree._Element, row: int, column: int) -> int:
        """The last column that a cell covers; notes which cells these are."""
        down, across = (
            stated_number(_value_of(cell, f"Merge{to}"), 8, 0) for to in ("Down", "Across")
        )
        if down or across:
            area = (row - 1, column - 1), (row + down - 1, column + across - 1)
            self.sheet.merged.append(area)
        return column + across

    def _cell_text(self, cell: etree._Element, row_style: str, place: Place) -> str | None:
        """The text of a cell, "" for an error, None if it has none; adds its marks."""
        data = cell.find(f"{_SS}Data")
        if data is None:
            if _value_of(cell, "Formula"):
                self.sheet.marks.unstored.append(place)
            return None
        kind = _value_of(data, "Type")
        if kind == "Error":
            self.sheet.marks.errors.append(place)
            return ""
        style = _value_of(cell, "StyleID") or row_style
        return _typed_text("".join(map(str, data.itertext())), kind, self.zeros.get(style, 0))

    def _is_struck(self, cell: etree._Element, row: etree._Element, column: int) -> bool:
        """Whether a line goes through all text of a filled cell."""
        data = cell.find(f"{_SS}Data")
        if data is not None and len(data) and not _UNSTRUCK(data):
            return True
        if not self.draws_lines:
            return False
        table = row.getparent()
        named = (_value_of(cell, "StyleID"), _value_of(row, "StyleID"))
        of_table = "" if table is None else _value_of(table, "StyleID")
        style = next(filter(None, (*named, self.sheet.columns.get(column), of_table)), _USUAL)
        return self.lines.get(style, False)


def read_comment(comment: etree._Element) -> str:
    """What a note says; its parts may break off within a word."""
    return "".join(map(str, comment.itertext()))


def _value_of(element: etree._Element, name: str) -> str:
    return element.get(_SS + name, "")


def _index_of(element: etree._Element, least: int) -> int:
    """The place of a row or cell; raises CannotRead ``broken_file`` where another one may stand."""
    index = max(stated_number(_value_of(element, "Index"), 8, least), 1)
    if index < least:
        raise CannotRead(
            "broken_file",
            "In der XML-Kalkulationstabelle stehen zwei Zeilen oder Zellen an derselben Stelle. "
            "Bitte neu exportieren oder als .xlsx speichern.",
        )
    return index


def _typed_text(text: str, kind: str, width: int) -> str:
    """The text of a value of this type; a whole number has at least ``width`` digits."""
    match kind:
        case "Number" if text.isdecimal():
            return text.zfill(width)
        case "Number":
            return _number_text(text)
        case "Boolean":
            return "Wahr" if text == "1" else "Falsch"
        case "DateTime":
            return text.removesuffix(".000").removesuffix("T00:00:00")
    return text


def _number_text(written: str) -> str:
    """The text of a number with decimals or a power of ten, as from any other workbook."""
    try:
        return long_number_text(written) or number_text(float(written))
    except ValueError:
        return written


def _from_sparse(rows: dict[int, dict[int, str]], limits: Limits) -> Iterator[list[str]]:
    width = max((max(cells, default=0) for cells in rows.values()), default=0)
    last = max(rows)
    if width * last > limits.cells:
        raise _reach_error()
    for number in range(1, last + 1):
        cells = rows.get(number, {})
        yield [cells.get(column, "") for column in range(1, width + 1)]


def _reach_error() -> CannotRead:
    return CannotRead(
        "too_large", "Ein Blatt der XML-Kalkulationstabelle reicht weiter als erlaubt."
    )
