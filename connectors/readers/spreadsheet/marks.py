"""What calamine does not tell of a sheet: hidden rows, leading zeros, formulas without stored value, error values. No texts."""

from __future__ import annotations

import re
import zipfile
from contextlib import nullcontext
from pathlib import Path, PurePosixPath
from typing import IO

from lxml import etree

from connectors.readers.spreadsheet.mark_positions import Place, SheetMarks
from connectors.readers.spreadsheet.ods_marks import ods_marks
from connectors.readers.spreadsheet.size_check import column_number
from connectors.readers.spreadsheet.xls_marks import xls_marks
from connectors.readers.spreadsheet.xlsx_marks_by_element import walked_marks
from connectors.readers.spreadsheet.xlsx_marks_fast_check import usual_rows
from connectors.readers.spreadsheet.zero_format import zeros_of

_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_UNSTORED = re.compile(
    rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"([^>]*)>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"')
_STYLED = re.compile(rb'<c\b(?=[^>]*\bs="(\d+)")[^>]*?\br="([A-Z]+)(\d+)"')
# The strict form of the standard has another namespace, so the names alone must do.
_RELATION = "}id"


def sheet_marks(content: Path | IO[bytes], sheet: str, place: int) -> SheetMarks:
    """The marks of one sheet of a workbook; ``place`` is its number among all sheets, from 0, where names are not comparable."""
    marks = SheetMarks()
    if not zipfile.is_zipfile(content):
        with content.open("rb") if isinstance(content, Path) else nullcontext(content) as file:
            return xls_marks(file, place)
    with zipfile.ZipFile(content) as archive:
        if "content.xml" in archive.namelist():
            return ods_marks(archive, sheet, marks)
        part = _part_of(archive, sheet)
        return _marks_of(archive, part, _zero_styles(archive)) if part else marks


def _marks_of(archive: zipfile.ZipFile, part: str, zeros: dict[bytes, int]) -> SheetMarks:
    """By byte patterns, several times as fast as a parser, as long as the spelling is one they know."""
    marks = SheetMarks()
    with archive.open(part) as file:
        for rows in usual_rows(file):
            if rows is None:
                break
            _mark_rows(rows, marks, zeros)
        else:
            return marks
    with archive.open(part) as file:
        return walked_marks(file, zeros)


def _mark_rows(rows: bytes, marks: SheetMarks, zeros: dict[bytes, int]) -> None:
    if b"hidden=" in rows:
        marks.hidden_rows += map(int, _HIDDEN_ROW.findall(rows))
    if b"<f" in rows:
        # A text that says it is one and is empty is what the formula gave.
        found = (
            cell for cell in _UNSTORED.findall(rows) if not (cell[3] and b't="str"' in cell[2])
        )
        marks.unstored += ((int(row), column_number(column) - 1) for column, row, _, _ in found)
    if b't="e"' in rows:
        marks.errors += map(_place_of, _ERROR.findall(rows))
    if zeros:
        for style, column, row in _STYLED.findall(rows):
            if width := zeros.get(style):
                marks.padded.setdefault(column_number(column) - 1, {})[int(row)] = width


def _zero_styles(archive: zipfile.ZipFile) -> dict[bytes, int]:
    """Numbers of the cell styles whose format fills up numbers with zeros ("00000" for a postcode), with their width."""
    styles = _entry_names(archive).get("xl/styles.xml")
    if styles is None:
        return {}
    root = etree.fromstring(
        archive.read(styles),
        etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False),
    )
    widths = {
        f.get("numFmtId"): zeros_of(f.get("formatCode", ""))
        for f in root.iterfind("{*}numFmts/{*}numFmt")
    }
    formats = {number: width for number, width in widths.items() if width}
    cells = root.find("{*}cellXfs")
    found = enumerate(cells if cells is not None and formats else ())
    return {
        str(n).encode(): formats[x.get("numFmtId")]
        for n, x in found
        if x.get("numFmtId") in formats
    }


def _place_of(cell: tuple[bytes, bytes]) -> Place:
    return int(cell[1]), column_number(cell[0]) - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the entry that holds a sheet."""
    names = _entry_names(archive)
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names.keys():
        return None
    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    relations = etree.fromstring(archive.read(names["xl/_rels/workbook.xml.rels"]), safe)
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    for element in etree.fromstring(archive.read(names["xl/workbook.xml"]), safe).iter("{*}sheet"):
        if element.get("name") == sheet:
            relation = next(
                (value for name, value in element.attrib.items() if str(name).endswith(_RELATION)),
                None,
            )
            target = targets.get(relation, "")
            part = (
                target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
            )
            return names.get(part.lower())
    return None


def _entry_names(archive: zipfile.ZipFile) -> dict[str, str]:
    """The entries by their comparable names: capitals do not count, and some programs write Windows' separator."""
    return {name.replace("\\", "/").lower(): name for name in archive.namelist()}
