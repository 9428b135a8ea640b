"""Takes rows out of an .xlsx or .ods in its own parts; sheets, formats and other rows stay."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from lxml import etree

from connectors.readers.spreadsheet.ods_remarks import ANNOTATION, read_note
from connectors.readers.spreadsheet.ods_text import TEXT
from connectors.readers.spreadsheet.size_check import VALUE_TYPE
from connectors.readers.spreadsheet.xlsx_remarks import list_note_parts, list_notes, text_of_note
from connectors.redaction.merged_rows import hand_down_ods, hand_down_xlsx, number_rows
from connectors.redaction.wanted_rows import CannotRedact, Redaction

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_STRINGS, _CONTENT = "xl/sharedStrings.xml", "content.xml"
_MOST_REPEATED = 1 << 21


def redact_workbook(content: bytes, redaction: Redaction) -> bytes:
    """The workbook without the rows; raises CannotRedact for one of another form."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = set(archive.namelist())
        if _CONTENT in names:
            return _rewrite(archive, {_CONTENT: _redact_ods(archive.read(_CONTENT), redaction)})
        if not {_BOOK, _RELATIONS} <= names:
            raise CannotRedact("the workbook is neither .xlsx nor .ods")
        return _rewrite(archive, _redact_xlsx(archive, names, redaction))


def _rewrite(archive: zipfile.ZipFile, changed: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in archive.infolist():
            made.writestr(entry, changed.get(entry.filename, archive.read(entry.filename)))
    return target.getvalue()


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def _write(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _redact_xlsx(
    archive: zipfile.ZipFile, names: set[str], redaction: Redaction
) -> dict[str, bytes]:
    strings = _parse(archive.read(_STRINGS)) if _STRINGS in names else None
    texts = _join_texts(strings) if strings is not None else []
    sheets = {part: _parse(archive.read(part)) for part in _sheet_parts(archive).values()}
    used: set[int] = set()
    notes: dict[str, bytes] = {}
    for title, part in _sheet_parts(archive).items():
        going = _find_going(sheets[part], texts, redaction, title)
        used |= _redact_sheet(sheets[part], texts, redaction, going)
        notes |= _redact_notes(archive, part, redaction, going)
    if strings is not None:
        _empty_unused(strings, used)
        _sort_strings(strings, sheets.values())
    changed = notes | {part: _write(root) for part, root in sheets.items()}
    if strings is not None:
        changed[_STRINGS] = _write(strings)
    return changed


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of each sheet, by its name."""
    relations = _parse(archive.read(_RELATIONS))
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    return {
        sheet.get("name", ""): str(
            PurePosixPath("xl", targets.get(sheet.get(_RELATION_ID), ""))
        ).lstrip("/")
        for sheet in _parse(archive.read(_BOOK)).iter(f"{_MAIN}sheet")
    }


def _find_going(
    sheet: etree._Element, texts: list[str], redaction: Redaction, title: str
) -> set[int]:
    return {
        number
        for number, row in number_rows(sheet).items()
        if _goes(redaction, title, number, [_text_of(c, texts) for c in row.iter(f"{_MAIN}c")])
    }


def _redact_notes(
    archive: zipfile.ZipFile, part: str, redaction: Redaction, going: Container[int]
) -> dict[str, bytes]:
    """The entries with the notes of a sheet: empty at rows that go, without the person at others."""
    changed = {}
    for entry in set(list_note_parts(archive, part)) & set(archive.namelist()):
        root = _parse(archive.read(entry))
        for number, note in list_notes(root):
            text = text_of_note(note)
            trimmed = "" if number in going else redaction.trim_cell(text)
            if trimmed != text:
                _put_note(note, f"{{{etree.QName(note).namespace}}}text", trimmed)
        changed[entry] = _write(root)
    return changed


def _redact_sheet(
    sheet: etree._Element, texts: list[str], redaction: Redaction, going: Container[int]
) -> set[int]:
    """Empties the rows; returns which of the shared texts are still used."""
    used: set[int] = set()
    hand_down_xlsx(sheet, going)
    for number, row in number_rows(sheet).items():
        for cell in list(row.iter(f"{_MAIN}c")):
            if number in going:
                row.remove(cell)
            else:
                _trim_cell(cell, _text_of(cell, texts), redaction)
                used |= set(_shared_index(cell))
    return used


def _join_texts(elements: Iterable[etree._Element]) -> list[str]:
    return ["".join(map(str, element.itertext())) for element in elements]


def _goes(redaction: Redaction, title: str, number: int, cells: list[str]) -> bool:
    if title in redaction.whole:
        return number in redaction.rows_of(title)
    return redaction.names_row(cells)


def _shared_index(cell: etree._Element) -> Iterator[int]:
    value = cell.find(f"{_MAIN}v")
    if cell.get("t") == "s" and value is not None and value.text:
        yield int(value.text)


def _text_of(cell: etree._Element, texts: list[str]) -> str:
    for index in _shared_index(cell):
        return texts[index]
    return "".join(map(str, cell.itertext()))


def _trim_cell(cell: etree._Element, text: str, redaction: Redaction) -> None:
    trimmed = redaction.trim_cell(text)
    if trimmed == text:
        return
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "inlineStr")
    inline = etree.SubElement(cell, f"{_MAIN}is")
    etree.SubElement(inline, f"{_MAIN}t").text = trimmed


def _empty_unused(strings: etree._Element, used: set[int]) -> None:
    for index, item in enumerate(strings):
        if index not in used:
            for child in list(item):
                item.remove(child)
            etree.SubElement(item, f"{_MAIN}t")


def _sort_strings(strings: etree._Element, sheets: Iterable[etree._Element]) -> None:
    """Puts the shared texts in order: the order in which they came tells who belongs to whom."""
    items = list(strings)
    texts = _join_texts(items)
    order = sorted(range(len(items)), key=texts.__getitem__)
    strings[:] = [items[index] for index in order]
    places = {old: new for new, old in enumerate(order)}
    for sheet in sheets:
        _renumber_cells(sheet, places)


def _renumber_cells(sheet: etree._Element, places: Mapping[int, int]) -> None:
    for cell in sheet.iter(f"{_MAIN}c"):
        for index in _shared_index(cell):
            _put_index(cell, places[index])


def _put_index(cell: etree._Element, index: int) -> None:
    value = cell.find(f"{_MAIN}v")
    assert value is not None
    value.text = str(index)


def _redact_ods(content: bytes, redaction: Redaction) -> bytes:
    root = _parse(content)
    for table in root.iter(f"{_TABLE}table"):
        _redact_rows(table, redaction)
    return _write(root)


def _redact_rows(table: etree._Element, redaction: Redaction) -> None:
    title = table.get(f"{_TABLE}name", "")
    numbered, going, number = {}, set(), 1
    for row in table.iter(f"{_TABLE}table-row"):
        numbered[number] = row
        repeated = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
        places = range(number, number + min(repeated, 9))
        texts = list(map(_ods_text, _list_ods_cells(row)))
        if any(_goes(redaction, title, at, texts) for at in places):
            going.add(number)
            _redact_annotations(row, None)
        number += min(repeated, _MOST_REPEATED)
    # What is handed down has no note of a row that goes any more.
    hand_down_ods(numbered, going)
    for number, row in numbered.items():
        if number not in going:
            _redact_annotations(row, redaction)
        for cell in _list_ods_cells(row):
            text = _ods_text(cell)
            trimmed = "" if number in going else redaction.trim_cell(text)
            if number in going or trimmed != text:
                _put_ods_text(cell, trimmed)


def _list_ods_cells(row: etree._Element) -> list[etree._Element]:
    return list(row.iter(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"))


def _list_shown(cell: etree._Element) -> list[etree._Element]:
    """What a cell holds beside its note."""
    return [part for part in cell if part.tag != ANNOTATION]


def _ods_text(cell: etree._Element) -> str:
    return "".join(_join_texts(_list_shown(cell)))


def _put_ods_text(cell: etree._Element, text: str) -> None:
    """Puts a text in place of what a cell holds, except for its note."""
    for part in _list_shown(cell):
        cell.remove(part)
    for name in list(cell.attrib):
        if str(name).startswith(_OFFICE):
            del cell.attrib[name]
    if text:
        cell.set(VALUE_TYPE, "string")
        etree.SubElement(cell, f"{TEXT}p").text = text


def _redact_annotations(row: etree._Element, redaction: Redaction | None) -> None:
    """Takes the person out of the notes of a row, or the notes out of it."""
    for note in list(row.iter(ANNOTATION)):
        text = read_note(note)
        trimmed = redaction.trim_cell(text) if redaction else ""
        parent = note.getparent()
        if not trimmed and parent is not None:
            parent.remove(note)
        elif trimmed != text:
            _put_note(note, f"{TEXT}p", trimmed)


def _put_note(note: etree._Element, tag: str, text: str) -> None:
    """Puts a text in place of all that a note holds."""
    for part in list(note):
        note.remove(part)
    etree.SubElement(note, tag).text = text
