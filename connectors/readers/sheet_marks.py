"""What calamine does not tell of an xlsx sheet: hidden rows, formulas without stored value, error values. No texts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from lxml import etree

from connectors.readers.ods_marks import ods_marks
from connectors.readers.sheet_places import Place, SheetMarks
from connectors.readers.sheet_reach import column_number

_CHUNK = 2**20
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_UNSTORED = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
_ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"')
_STYLED = re.compile(rb'<c\b(?=[^>]*\bs="(\d+)")[^>]*?\br="([A-Z]+)(\d+)"')
_ZEROS = re.compile(r"0{2,15}")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def sheet_marks(content: Path | IO[bytes], sheet: str) -> SheetMarks:
    """The marks of one sheet of an xlsx, xlsm or ods file; empty for other formats, which hold them out of reach."""
    marks = SheetMarks()
    if not zipfile.is_zipfile(content):
        return marks
    with zipfile.ZipFile(content) as archive:
        if "content.xml" in archive.namelist():
            return ods_marks(archive, sheet, marks)
        part = _part_of(archive, sheet)
        zeros = _zero_styles(archive)
        for rows in _whole_rows(archive, part) if part else ():
            _mark(rows, marks, zeros)
    return marks


def _mark(rows: bytes, marks: SheetMarks, zeros: dict[bytes, int]) -> None:
    if b"hidden=" in rows:
        marks.hidden_rows += map(int, _HIDDEN_ROW.findall(rows))
    if b"<f" in rows:
        marks.unstored += map(_place, _UNSTORED.findall(rows))
    if b't="e"' in rows:
        marks.errors += map(_place, _ERROR.findall(rows))
    if zeros:
        for style, column, row in _STYLED.findall(rows):
            if width := zeros.get(style):
                marks.padded.setdefault(column_number(column) - 1, {})[int(row)] = width


def _zero_styles(archive: zipfile.ZipFile) -> dict[bytes, int]:
    """Numbers of the cell styles whose format is nothing but zeros ("00000" for a postcode), with their width."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    root = etree.fromstring(archive.read("xl/styles.xml"), etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    formats = {f.get("numFmtId"): len(f.get("formatCode", "")) for f in root.iter("{*}numFmt") if _ZEROS.fullmatch(f.get("formatCode", ""))}
    cells = root.find("{*}cellXfs")
    found = enumerate(cells if cells is not None and formats else ())
    return {str(n).encode(): formats[x.get("numFmtId")] for n, x in found if x.get("numFmtId") in formats}


def _place(cell: tuple[bytes, bytes]) -> Place:
    return int(cell[1]), column_number(cell[0]) - 1


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the entry that holds a sheet."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), safe)
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    for element in etree.fromstring(archive.read("xl/workbook.xml"), safe).iter("{*}sheet"):
        if element.get("name") == sheet:
            target = targets.get(element.get(_RELATION), "")
            part = target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl", target))
            return part if part in names else None
    return None


def _whole_rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    rest = b""
    with archive.open(part) as file:
        while chunk := file.read(_CHUNK):
            cut = chunk.rfind(b"</row>") + 1
            if not cut:
                rest += chunk
                continue
            yield rest + chunk[:cut]
            rest = chunk[cut:]
    yield rest
