"""What calamine does not tell of an xlsx sheet: hidden rows, formulas without stored value, error values. No texts."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from lxml import etree

from connectors.readers.sheet_reach import column_number
from connectors.text_table import Notice

_CHUNK = 2**20
_NAMED_CELLS = 100
_HIDDEN_ROW = re.compile(rb'<row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_UNSTORED = re.compile(rb'<c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<f\b(?:[^>]*/>|[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>')
_ERROR = re.compile(rb'<c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"')
_UNSTORED_TEXT = "Die Formel hat kein gespeichertes Ergebnis. Bitte die Datei in Excel öffnen, speichern und neu ablegen."
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

Place = tuple[int, int]


@dataclass
class SheetMarks:
    """Places in a sheet, as row from 1 and column from 0."""

    hidden_rows: list[int] = field(default_factory=list)
    unstored: list[Place] = field(default_factory=list)
    errors: list[Place] = field(default_factory=list)

    def notices(self, columns: dict[int, str], is_data: frozenset[int]) -> list[Notice]:
        """What a person must know: rows a filter hides are read all the same; a cell without value is set aside."""
        told = []
        hidden = [row for row in self.hidden_rows if row in is_data]
        if hidden:
            message = f"{len(hidden)} Zeilen sind ausgeblendet oder weggefiltert und wurden mitgelesen."
            told.append(Notice("hidden_rows", message, row=hidden[0]))
        reasons = (
            ("formula_without_value", self.unstored, _UNSTORED_TEXT),
            ("error_value", self.errors, "Die Zelle enthält einen Excel-Fehlerwert. Bitte an der Quelle berichtigen."),
        )
        for rule, places, message in reasons:
            mine = [(row, columns[column]) for row, column in places if row in is_data and column in columns]
            told += [Notice(rule, message, row, column, "set_aside") for row, column in mine[:_NAMED_CELLS]]
            if len(mine) > _NAMED_CELLS:
                rest = f"{len(mine) - _NAMED_CELLS} weitere Zellen: {message}"
                told.append(Notice(rule, rest, severity="set_aside"))
        return told


def sheet_marks(path: Path, sheet: str) -> SheetMarks:
    """The marks of one sheet; empty for workbooks of other formats than xlsx and xlsm."""
    marks = SheetMarks()
    if not zipfile.is_zipfile(path):
        return marks
    with zipfile.ZipFile(path) as archive:
        part = _part_of(archive, sheet)
        for rows in _whole_rows(archive, part) if part else ():
            if b"hidden=" in rows:
                marks.hidden_rows += map(int, _HIDDEN_ROW.findall(rows))
            if b"<f" in rows:
                marks.unstored += map(_place, _UNSTORED.findall(rows))
            if b't="e"' in rows:
                marks.errors += map(_place, _ERROR.findall(rows))
    return marks


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
            text = rest + chunk
            cut = text.rfind(b"</row>") + 1
            yield text[:cut]
            rest = text[cut:]
    yield rest
