"""Reads the paragraphs of OpenDocument, in which elements stand for some signs."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from connectors.readers.spreadsheet.size_check import stated_number

TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
LINE_BREAK, TAB, _BLANKS = f"{TEXT}line-break", f"{TEXT}tab", f"{TEXT}s"
_SIGNS = {LINE_BREAK: "\n", TAB: "\t"}


def read_paragraph(line: etree._Element) -> str:
    """The text of a paragraph with its line breaks, tabs and blanks."""
    return "".join(_signs_of(line))


def _signs_of(line: etree._Element) -> Iterator[str]:
    yield line.text or ""
    for part in line:
        if part.tag == _BLANKS:
            yield " " * stated_number(part.get(f"{TEXT}c", "1"), 4, 1)
        elif part.tag in _SIGNS:
            yield _SIGNS[part.tag]
        elif isinstance(part.tag, str):
            yield from _signs_of(part)
        yield part.tail or ""
