"""Takes rows out of an .xlsx or .ods in its own parts; sheets, formats and other rows stay."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from lxml import etree

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
    for title, part in _sheet_parts(archive).items():
        used |= _redact_sheet(sheets[part], texts, redaction, title)
    if strings is not None:
        _empty_unused(strings, used)
        _sort_strings(strings, sheets.values())
    changed = {part: _write(root) for part, root in sheets.items()}
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


def _redact_sheet(
    sheet: etree._Element, texts: list[str], redaction: Redaction, title: str
) -> set[int]:
    """Empties the rows; returns which of the shared texts are still used."""
    used: set[int] = set()
    rows = number_rows(sheet)
    going = {
        number
        for number, row in rows.items()
        if _goes(redaction, title, number, [_text_of(c, texts) for c in row.iter(f"{_MAIN}c")])
    }
    hand_down_xlsx(sheet, going)
    for number, row in rows.items():
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
        _redact_rows(
            table.iter(f"{_TABLE}table-row"),
            table.get(f"{_TABLE}name", ""),
            redaction,
            lambda row: list(row.iter(f"{_TABLE}table-cell")),
            _empty_ods_cell,
        )
    return _write(root)


def _redact_rows(
    rows: Iterator[etree._Element],
    title: str,
    redaction: Redaction,
    cells_of: Callable[[etree._Element], list[etree._Element]],
    empty: Callable[[etree._Element], None],
) -> None:
    numbered, going, number = {}, set(), 1
    for row in rows:
        numbered[number] = row
        repeated = int(row.get(f"{_TABLE}number-rows-repeated", "1"))
        places, texts = range(number, number + min(repeated, 9)), _join_texts(cells_of(row))
        if any(_goes(redaction, title, at, texts) for at in places):
            going.add(number)
        number += min(repeated, _MOST_REPEATED)
    hand_down_ods(numbered, going)
    for number, row in numbered.items():
        for cell in cells_of(row):
            (text,) = _join_texts([cell])
            if number in going:
                empty(cell)
            elif redaction.trim_cell(text) != text:
                _put_text(cell, redaction.trim_cell(text), empty)


def _put_text(cell: etree._Element, text: str, empty: Callable[[etree._Element], None]) -> None:
    """Puts a text in place of all that a cell holds, in its first paragraph."""
    first = next(iter(cell), None)
    tag = first.tag if first is not None else None
    empty(cell)
    if tag is None:
        cell.text = text
    else:
        etree.SubElement(cell, tag).text = text


def _empty_ods_cell(cell: etree._Element) -> None:
    for child in list(cell):
        cell.remove(child)
    for name in list(cell.attrib):
        if str(name).startswith(_OFFICE):
            del cell.attrib[name]
