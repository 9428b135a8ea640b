"""Finds what stands at the rows of an xlsx sheet beside its cells: notes, and lines through a row."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import PurePosixPath

from lxml import etree

from connectors.readers.spreadsheet.size_check import free_element

# What a row is said to be that is struck through.
STRUCK = "durchgestrichen"
# One struck cell is a value that was corrected, not a row.
_LEAST_STRUCK = 2
_NOTES = ("/comments", "/threadedComment")
_ROW = re.compile(r"[A-Za-z]{1,3}(\d{1,7})")


def find_remarks(
    archive: zipfile.ZipFile, part: str, styles: etree._Element | None
) -> dict[int, str]:
    """The remarks by the number of their row; ``part`` is the entry of the sheet.

    Raises lxml's XMLSyntaxError.
    """
    found: dict[int, list[str]] = defaultdict(list)
    for row, text in _read_notes(archive, part):
        found[row].append(text)
    struck = _list_struck_styles(styles)
    for row in _find_struck_rows(archive, part, struck) if struck else ():
        found[row].append(STRUCK)
    return {row: " ".join(texts) for row, texts in found.items()}


def _read_notes(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, str]]:
    place = PurePosixPath(part)
    relations = str(place.parent / "_rels" / f"{place.name}.rels")
    if relations not in archive.namelist():
        return
    for relation in _parse_entry(archive, relations):
        if relation.get("Type", "").endswith(_NOTES):
            target = _resolve_target(place.parent, relation.get("Target", ""))
            # Where notes are damaged, the sheet itself may be whole.
            with suppress(KeyError, etree.XMLSyntaxError):
                yield from _list_notes(_parse_entry(archive, target))


def _list_notes(root: etree._Element) -> Iterator[tuple[int, str]]:
    for note in root.iter("{*}comment", "{*}threadedComment"):
        if stated := _ROW.fullmatch(note.get("ref", "")):
            yield int(stated[1]), " ".join(map(str, note.itertext()))


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


def _find_struck_rows(
    archive: zipfile.ZipFile, part: str, struck: Collection[str]
) -> Iterator[int]:
    with archive.open(part) as file:
        for _, row in etree.iterparse(file, tag="{*}row", resolve_entities=False, no_network=True):
            number = row.get("r", "")
            if number.isdecimal() and _count_struck(row, struck) >= _LEAST_STRUCK:
                yield int(number)
            free_element(row)


def _count_struck(row: etree._Element, struck: Collection[str]) -> int:
    """How many filled cells of a row are struck through."""
    return sum(len(cell) > 0 and cell.get("s") in struck for cell in row.iterchildren("{*}c"))


def _parse_entry(archive: zipfile.ZipFile, name: str) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(archive.read(name), parser)
