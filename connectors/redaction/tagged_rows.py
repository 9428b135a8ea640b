"""Takes rows out of web pages, XML spreadsheets 2003 and exports of enaio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml import etree, html

from connectors.readers.spreadsheet.html_cell import list_cells, shown_text
from connectors.readers.spreadsheet.html_page import join_pages
from connectors.readers.spreadsheet.html_table import find_titled
from connectors.readers.spreadsheet.xml_2003 import read_comment
from connectors.redaction.wanted_rows import Redaction

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"


def redact_page(text: str, redaction: Redaction) -> str:
    """A web page whose rows are empty where they went."""
    parser = html.HTMLParser(encoding="utf-8")
    root = html.document_fromstring(join_pages(text.encode()), parser=parser)
    outer = (t for t in root.iter("table") if next(t.iterancestors("table"), None) is None)
    for number, table in enumerate(outer, 1):
        _redact_table(table, _title_of(table, number), redaction)
    return str(html.tostring(root, encoding="unicode", doctype="<!DOCTYPE html>"))


def _title_of(table: etree._Element, number: int) -> str:
    caption = table.find("caption")
    words = "" if caption is None else " ".join("".join(map(str, caption.itertext())).split())
    return words or f"Tabelle {number}"


def _redact_table(table: etree._Element, title: str, redaction: Redaction) -> None:
    rows = (row for row in table.iter("tr") if next(row.iterancestors("table")) is table)
    for number, row in enumerate(rows, 1):
        cells = list_cells(row)
        # The mark of a text that is struck out is no part of it.
        texts = [shown_text(cell).replace("\ufffd", "") for cell in cells]
        goes = number in redaction.rows_of(title) or redaction.names_row(texts)
        for titled in find_titled(row):
            titled.set("title", "" if goes else redaction.trim_cell(titled.get("title", "")))
        for cell, text in zip(cells, texts, strict=True):
            trimmed = "" if goes else redaction.trim_cell(text)
            if goes or trimmed != text:
                _set_lines(cell, trimmed)


def _texts_of(cells: list[etree._Element]) -> list[str]:
    return ["".join(map(str, cell.itertext())).strip() for cell in cells]


def _trim_cells(
    cells: list[etree._Element], redaction: Redaction, *, goes: bool
) -> Iterator[tuple[etree._Element, str]]:
    """The cells that change, with the text that they have then."""
    for cell, text in zip(cells, _texts_of(cells), strict=True):
        trimmed = "" if goes else redaction.trim_cell(text)
        if trimmed != text:
            yield cell, trimmed


def _set_text(element: etree._Element, text: str) -> None:
    for child in list(element):
        element.remove(child)
    element.text = text


def _set_lines(cell: etree._Element, text: str) -> None:
    """Gives a cell of a web page a text that may have several lines, and nothing else."""
    first, *further = text.split("\n")
    _set_text(cell, first)
    for line in further:
        etree.SubElement(cell, "br").tail = line


def redact_xml_2003(content: bytes, redaction: Redaction) -> bytes:
    """An XML spreadsheet whose rows are empty where they went."""
    root = _parse(content)
    for sheet in root.iter(f"{_SS}Worksheet"):
        title = sheet.get(f"{_SS}Name", "")
        for number, row in _number_rows(sheet):
            cells = list(row.iterfind(f"{_SS}Cell/{_SS}Data"))
            goes = number in redaction.rows_of(title) or redaction.names_row(_texts_of(cells))
            for cell, trimmed in _trim_cells(cells, redaction, goes=goes):
                cell.set(f"{_SS}Type", "String")
                _set_text(cell, trimmed)
            for note in list(row.iter(f"{_SS}Comment")):
                text = read_comment(note)
                _change_comment(note, text, "" if goes else redaction.trim_cell(text))
    return _write(root)


def _change_comment(note: etree._Element, text: str, trimmed: str) -> None:
    """Puts a text in place of a note, which goes where nothing is left of it."""
    if not trimmed:
        _remove_element(note)
    elif trimmed != text:
        _set_text(note, "")
        etree.SubElement(note, f"{_SS}Data").text = trimmed


def _number_rows(sheet: etree._Element) -> Iterator[tuple[int, etree._Element]]:
    number = 0
    for row in sheet.iter(f"{_SS}Row"):
        number = int(row.get(f"{_SS}Index", str(number + 1)))
        yield number, row
        number += int(row.get(f"{_SS}Span", "0"))


def redact_export(content: bytes, redaction: Redaction) -> bytes:
    """An export of enaio, linear or nested, without the rows or objects."""
    root = _parse(content)
    counts: Counter[str] = Counter()
    gone: list[etree._Element] = []
    for element, title in _list_objects(root):
        counts[title] += 1
        cells = [str(text).strip() for text in element.itertext()]
        goes = counts[title] in redaction.rows_of(title)
        if goes or (title not in redaction.whole and redaction.names_row(cells)):
            gone.append(element)
        else:
            _trim_texts(element, redaction)
    for element in gone:
        _remove_element(element)
    return _write(root)


def _remove_element(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _list_objects(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """The rows of each object type, or the nested objects, in order, with their type."""
    for element in root.iter("{*}Row", "{*}Object", "Row", "Object"):
        yield element, _type_of(element)


def _type_of(element: etree._Element) -> str:
    own = element.get("name") or element.get("internal_name")
    if own:
        return own
    kind = next(element.iterancestors("{*}ObjectType", "ObjectType"), None)
    return "" if kind is None else kind.get("name") or ""


def _trim_texts(element: etree._Element, redaction: Redaction) -> None:
    for one in element.iter():
        if isinstance(one.tag, str) and one.text:
            one.text = redaction.trim_cell(one.text)
        if one is not element and one.tail:
            one.tail = redaction.trim_cell(one.tail)


def _parse(content: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(content, parser)


def _write(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
