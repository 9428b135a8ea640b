"""Finds what stands at the rows of an xlsx sheet beside its cells: notes, and lines through a row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from lxml import etree

from connectors.readers.spreadsheet.row_remarks import RowRemarks
from connectors.readers.spreadsheet.size_check import free_element

_NOTES = ("/comments", "/threadedComment")
_ROW = re.compile(r"[A-Za-z]{1,3}(\d{1,7})")


def find_remarks(
    archive: zipfile.ZipFile, part: str, styles: etree._Element | None
) -> dict[int, list[str]]:
    """The remarks by the number of their row; ``part`` is the entry of the sheet.

    Raises lxml's XMLSyntaxError.
    """
    remarks = RowRemarks()
    for entry in list_note_parts(archive, part):
        # Where notes are damaged, the sheet itself may be whole.
        with suppress(KeyError, etree.XMLSyntaxError):
            for row, note in list_notes(_parse_entry(archive, entry)):
                remarks.add_note([row], text_of_note(note))
    struck = _list_struck_styles(styles)
    for row, cells in _count_struck_cells(archive, part, struck) if struck else ():
        remarks.add_struck([row], cells)
    return remarks.list_remarks()


def list_note_parts(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """The entries with the notes of a sheet, of which ``part`` is the entry."""
    place = PurePosixPath(part)
    relations = str(place.parent / "_rels" / f"{place.name}.rels")
    if relations not in archive.namelist():
        return
    for relation in _parse_entry(archive, relations):
        if relation.get("Type", "").endswith(_NOTES):
            yield _resolve_target(place.parent, relation.get("Target", ""))


def list_notes(root: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    """The notes of an entry, each with the number of its row."""
    for note in root.iter("{*}comment", "{*}threadedComment"):
        if stated := _ROW.fullmatch(note.get("ref", "")):
            yield int(stated[1]), note


def text_of_note(note: etree._Element) -> str:
    """What a note says; its parts may break off within a word."""
    return "".join(map(str, note.itertext()))


def _resolve_target(folder: PurePosixPath, target: str) -> str:
    """The entry that a relation names, from the folder of its sheet or from the root."""
    parts: list[str] = []
    for step in (folder / target).parts:
        if step == "..":
            parts = parts[:-1]
        elif step != "/":
            parts.append(step)
    return "/".join(parts)


def _list_struck_styles(styles: etree._Element | None) -> set[str]:
    """The numbers of the cell styles that draw a line through the text."""
    if styles is None:
        return set()
    fonts = {
        str(number)
        for number, font in enumerate(styles.iterfind("{*}fonts/{*}font"))
        if (line := font.find("{*}strike")) is not None and line.get("val", "1") in ("1", "true")
    }
    used = enumerate(styles.iterfind("{*}cellXfs/*"))
    return {str(number) for number, style in used if style.get("fontId") in fonts}


def _count_struck_cells(
    archive: zipfile.ZipFile, part: str, struck: Collection[str]
) -> Iterator[tuple[int, int]]:
    """The rows with the number of their cells that are struck through."""
    with archive.open(part) as file:
        for _, row in etree.iterparse(file, tag="{*}row", resolve_entities=False, no_network=True):
            number = row.get("r", "")
            if number.isdecimal():
                yield int(number), _count_struck(row, struck)
            free_element(row)


def _count_struck(row: etree._Element, struck: Collection[str]) -> int:
    """How many filled cells of a row are struck through."""
    return sum(len(cell) > 0 and cell.get("s") in struck for cell in row.iterchildren("{*}c"))


def _parse_entry(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)
