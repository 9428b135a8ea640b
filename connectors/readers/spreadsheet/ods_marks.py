"""Finds what calamine does not report of an OpenDocument sheet: hidden rows and shown texts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from itertools import product

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import Place, SheetMarks
from connectors.readers.spreadsheet.ods_remarks import (
    ANNOTATION,
    COLUMN,
    DEFAULT_STYLE,
    STYLE,
    OdsRemarks,
    read_styles,
)
from connectors.readers.spreadsheet.ods_text import LINE_BREAK, TAB, read_paragraph
from connectors.readers.spreadsheet.size_check import (
    TABLE,
    VALUE_TYPE,
    repeat_count,
    stated_number,
)
from connectors.tables.cell_text import long_number_text

_DAY_ZERO = f"{TABLE}null-date"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_SHEET, _ROW = f"{TABLE}table", f"{TABLE}table-row"
# Digits and what a format puts beside them, but no decimals, thousands or powers of ten.
_WHOLE = re.compile(r"(?!.*\d[Ee][+-]?\d)[^.,]*\d[^.,]*")
_ERROR = re.compile(r"#[A-Z/0]+[!?]?|Err:\d+|#NV")
_FLAGS = {"TRUE": "Wahr", "FALSE": "Falsch", "WAHR": "Wahr", "FALSCH": "Falsch"}
_REPEATED_ROWS = 10_000


def ods_marks(archive: zipfile.ZipFile, sheet: str) -> SheetMarks:
    """The marks of one sheet; its content must have been checked to be whole and within limits."""
    marks, remarks = SheetMarks(), OdsRemarks(read_styles(archive))
    in_sheet, row = False, 0
    for event, element in _read_events(archive):
        if element.tag == _SHEET:
            in_sheet, row = event == "start" and element.get(f"{TABLE}name") == sheet, 0
        elif event == "start":
            if element.tag == _ROW:
                remarks.begin_row()
        elif element.tag == _DAY_ZERO:
            marks.day_zero = _stated_day(element) or marks.day_zero
        elif element.tag == _ROW:
            count = repeat_count(element, "rows")
            if in_sheet:
                rows = range(row + 1, row + 1 + min(count, _REPEATED_ROWS))
                _mark_rows(element, rows, marks)
                remarks.end_row(element, rows)
            row += count
            element.clear()
        else:
            _take_part(element, remarks, in_sheet=in_sheet)
    marks.remarks = remarks.remarks.list_remarks()
    return marks


def _read_events(archive: zipfile.ZipFile) -> Iterator[tuple[str, etree._Element]]:
    """Start and end of what matters here, in the order of the content; styles come first."""
    with archive.open("content.xml") as part:
        yield from etree.iterparse(
            part,
            events=("start", "end"),
            tag=(_SHEET, _ROW, _DAY_ZERO, ANNOTATION, COLUMN, STYLE, DEFAULT_STYLE),
            resolve_entities=False,
            no_network=True,
        )


def _take_part(element: etree._Element, remarks: OdsRemarks, *, in_sheet: bool) -> None:
    """Keeps a style of the content, or what belongs to the remarks of the sheet."""
    if element.tag in (STYLE, DEFAULT_STYLE):
        remarks.styles.add_style(element)
    elif in_sheet and element.tag == COLUMN:
        remarks.add_column(element)
    elif in_sheet and element.tag == ANNOTATION:
        remarks.add_note(element)


def _stated_day(element: etree._Element) -> date | None:
    """The day of an element, if it has one; any day may be the first of a document."""
    with suppress(ValueError):
        return date.fromisoformat(element.get(f"{TABLE}date-value", "")[:10])
    return None


def _mark_rows(element: etree._Element, rows: range, marks: SheetMarks) -> None:
    """Marks the rows that one element stands for."""
    cells = [cell for cell in element if isinstance(cell.tag, str)]
    is_hidden = element.get(f"{TABLE}visibility") in ("collapse", "filter")
    if is_hidden and any(cell.get(VALUE_TYPE) for cell in cells):
        marks.hidden_rows += rows
    column = 0
    for cell in cells:
        columns = range(column, column + repeat_count(cell, "columns"))
        _mark_merged(cell, (rows.start - 1, column), marks)
        text = _shown_text(cell)
        if text is not None:
            _mark_text(product(rows, columns), text, marks)
        column = columns.stop


def _mark_merged(cell: etree._Element, first: Place, marks: SheetMarks) -> None:
    """Notes the area of a cell that covers others; its rows count from 0."""
    height, width = (
        stated_number(cell.get(f"{TABLE}number-{of}-spanned", "1"), 8, 1)
        for of in ("rows", "columns")
    )
    if height > 1 or width > 1:
        row, column = first
        marks.merged.append((first, (row + max(height, 1) - 1, column + max(width, 1) - 1)))


def _mark_text(places: Iterable[Place], text: str, marks: SheetMarks) -> None:
    if _ERROR.fullmatch(text):
        marks.errors += places
    else:
        for row, column in places:
            marks.show_text(row, column, text)


def _shown_text(cell: etree._Element) -> str | None:
    """The text, if it holds more than the value: a flag, an error, leading zeros, all digits."""
    kind = cell.get(VALUE_TYPE)
    if kind == "boolean":
        return "Wahr" if cell.get(f"{_OFFICE}boolean-value") == "true" else "Falsch"
    if kind not in ("float", "string"):
        return None
    shown = "".join(str(text) for line in cell.iterchildren("{*}p") for text in line.itertext())
    if kind == "float" and (padded := _padded_digits(shown, cell.get(f"{_OFFICE}value", ""))):
        return padded
    if kind == "float" and shown in _FLAGS:
        return _FLAGS[shown]
    if kind == "float" and (digits := long_number_text(cell.get(f"{_OFFICE}value", ""))):
        return digits
    if kind == "string" and (broken := _broken_text(cell)):
        return broken
    has_formula = cell.get(f"{TABLE}formula") is not None
    return shown if has_formula and _ERROR.fullmatch(shown) else None


def _broken_text(cell: etree._Element) -> str | None:
    """The text of a cell with its line breaks and tabs; None for one without them."""
    lines = list(cell.iterchildren("{*}p"))
    broken = any(next(line.iter(LINE_BREAK, TAB), None) is not None for line in lines)
    if not broken or cell.get(f"{_OFFICE}string-value"):
        return None
    return "\n".join(map(read_paragraph, lines))


def _padded_digits(shown: str, value: str) -> str | None:
    """The digits of a whole number shown with leading zeros, as "D-01067"; None for any other."""
    whole = value.removesuffix(".0")
    if "0" not in shown or not whole.isdecimal() or not _WHOLE.fullmatch(shown):
        return None
    digits = "".join(filter(str.isdecimal, shown))
    return digits if len(digits) > len(whole) and int(digits) == int(whole) else None
