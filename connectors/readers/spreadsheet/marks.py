"""Finds what calamine does not report of a sheet: hidden rows, zeros, long numbers, errors."""

from __future__ import annotations

import re
import zipfile
from contextlib import nullcontext
from itertools import starmap
from pathlib import Path, PurePosixPath
from typing import IO

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import DAY_ZERO_1904, Place, SheetMarks
from connectors.readers.spreadsheet.ods_marks import ods_marks
from connectors.readers.spreadsheet.size_check import column_number
from connectors.readers.spreadsheet.xls_marks import xls_marks
from connectors.readers.spreadsheet.xlsx_marks_by_element import walked_marks
from connectors.readers.spreadsheet.xlsx_marks_fast_check import usual_rows
from connectors.readers.spreadsheet.xlsx_remarks import find_remarks
from connectors.readers.spreadsheet.zero_format import zeros_of

_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_UNSTORED = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)'
    rb"\s*(<v\s*/>|<v>\s*</v>)?\s*</c>"
)
_ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"')
_STYLED = re.compile(rb'<c\b(?=[^>]*\bs="(\d+)")[^>]*?\br="([A-Z]+)(\d+)"')
# Numbers of 16 or more digits, or in powers of ten: the workbook library gives them as rounded.
_LONG = rb"-?(?:\d{16,}(?:\.\d*)?|\d[.\d]*[Ee]\+?\d{2,})"
_MAY_BE_LONG = re.compile(b"<v>" + _LONG)
_LONG_NUMBER = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>(?:<f\b[^>]*/>|<f\b[^>]*>[^<]*</f>)?<v>(%b)</v>' % _LONG
)
# The strict form of the standard has another namespace, so only the local name is compared.
_RELATION = "}id"
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


def sheet_marks(content: Path | IO[bytes], sheet: str, place: int) -> SheetMarks:
    """The marks of one sheet of a workbook.

    ``place`` is its number among all sheets, from 0, for formats whose sheets have no usable names.
    """
    if not zipfile.is_zipfile(content):
        with content.open("rb") if isinstance(content, Path) else nullcontext(content) as file:
            return xls_marks(file, place)
    with zipfile.ZipFile(content) as archive:
        if "content.xml" in archive.namelist():
            return ods_marks(archive, sheet)
        part = _part_of(archive, sheet)
        styles = _read_styles(archive)
        marks = _marks_of(archive, part, _zero_styles(styles)) if part else SheetMarks()
        if part:
            marks.remarks = find_remarks(archive, part, styles)
        if _counts_from_1904(archive):
            marks.day_zero = DAY_ZERO_1904
        return marks


def _marks_of(archive: zipfile.ZipFile, part: str, zeros: dict[bytes, int]) -> SheetMarks:
    """The marks by byte patterns, or by a parser where the spelling is unusual.

    The patterns are several times as fast.
    """
    marks = SheetMarks()
    with archive.open(part) as file:
        for rows in usual_rows(file):
            if rows is None:
                break
            _mark_rows(rows.text, marks, zeros)
            # Excel writes a number that it has rounded as a power of ten, with a plus.
            if rows.may_be_long or (b"+" in rows.text and b"E+" in rows.text):
                _mark_long_numbers(rows.text, marks)
        else:
            return marks
    with archive.open(part) as file:
        return walked_marks(file, zeros)


def _mark_rows(rows: bytes, marks: SheetMarks, zeros: dict[bytes, int]) -> None:
    if b"hidden=" in rows:
        marks.hidden_rows += map(int, _HIDDEN_ROW.findall(rows))
    if b"<f" in rows:
        for column, row, attributes, value in _UNSTORED.findall(rows):
            # A cell typed as text whose value is empty holds what the formula gave.
            if not (value and b't="str"' in attributes):
                marks.unstored.append(_place_of(column, row))
    if b't="e"' in rows:
        marks.errors += starmap(_place_of, _ERROR.findall(rows))
    if zeros:
        for style, column, row in _STYLED.findall(rows):
            if width := zeros.get(style):
                marks.pad_number(*_place_of(column, row), width)


def _read_styles(archive: zipfile.ZipFile) -> etree._Element | None:
    styles = _entry_names(archive).get("xl/styles.xml")
    return None if styles is None else _parse_entry(archive, styles)


def _zero_styles(root: etree._Element | None) -> dict[bytes, int]:
    """The cell styles that show numbers with leading zeros ("00000" for a postcode).

    Maps the number of the style to the number of digits.
    """
    if root is None:
        return {}
    widths = {
        number_format.get("numFmtId"): zeros_of(number_format.get("formatCode", ""))
        for number_format in root.iterfind("{*}numFmts/{*}numFmt")
    }
    used = enumerate(style.get("numFmtId") for style in root.iterfind("{*}cellXfs/*"))
    return {str(n).encode(): width for n, used_id in used if (width := widths.get(used_id))}


def _mark_long_numbers(rows: bytes, marks: SheetMarks) -> None:
    if _MAY_BE_LONG.search(rows):
        for column, row, written in _LONG_NUMBER.findall(rows):
            marks.keep_digits(*_place_of(column, row), written.decode())


def _counts_from_1904(archive: zipfile.ZipFile) -> bool:
    book = _entry_names(archive).get(_BOOK)
    options = None if book is None else _parse_entry(archive, book).find("{*}workbookPr")
    return options is not None and options.get("date1904") in ("1", "true", "on")


def _parse_entry(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)


def _place_of(column: bytes, row: bytes) -> Place:
    return int(row), column_number(column) - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the entry that holds a sheet."""
    entries = _entry_names(archive)
    if not {_BOOK, _RELATIONS} <= entries.keys():
        return None
    relations = _parse_entry(archive, entries[_RELATIONS])
    targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
    for element in _parse_entry(archive, entries[_BOOK]).iter("{*}sheet"):
        if element.get("name") == sheet:
            target = targets.get(_relation_of(element), "")
            # An absolute target replaces the folder.
            return entries.get(str(PurePosixPath("xl", target)).lstrip("/").lower())
    return None


def _relation_of(sheet: etree._Element) -> str | None:
    for name, value in sheet.attrib.items():
        if str(name).endswith(_RELATION):
            return str(value)
    return None


def _entry_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The entries by comparable names: lower case, without the backslashes some programs write."""
    return {name.replace("\\", "/").lower(): name for name in archive.namelist()}
