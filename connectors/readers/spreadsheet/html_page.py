"""Parses a web page as one document, unless it is torn or has cells outside of its tables."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree, html

from connectors.readers.delivered_file import DeliveredFile
from connectors.readers.text.encoding import TextFile
from connectors.tables.text_table import CannotRead

# What holds no cells, and how it ends.
_ASIDE = {b"<!--": b"-->", b"<script": b"</script", b"<style": b"</style"}
_ASIDE_BEGIN = re.compile(rb"<!--|<script\b|<style\b")
_QUOTED = re.compile(rb"""=\s*(?:"[^"]*"|'[^']*')""")
_TAG = re.compile(rb"</?(?:html|table|td|th)\b")
_PAGE_TAG = re.compile(rb"</?(?:html|body)\b[^>]*>", re.IGNORECASE)


def parse_page(file: DeliveredFile, text: TextFile) -> etree._Element:
    """The root of a web page, or of several that follow each other in one file.

    Raises CannotRead ``html``, ``too_large``, or ``broken_file`` where the page breaks off or a
    parser would leave out cells.
    """
    file.check_whole(
        "Die Webseite ist größer als erlaubt. Bitte als Excel-Arbeitsmappe (.xlsx) speichern."
    )
    content = b"".join(text.read_blocks())
    tags = _count_tags(content)
    if any(tags[b"<" + name] > tags[b"</" + name] for name in (b"html", b"table")):
        raise _torn_error()
    root = _parse_content(join_pages(content))
    if tags[b"<td"] + tags[b"<th"] > _count_cells(root):
        raise _loose_error()
    return root


def join_pages(content: bytes) -> bytes:
    """The bytes of a page without the tags behind whose end a parser reads nothing."""
    return _PAGE_TAG.sub(b"", content)


def _parse_content(content: bytes) -> etree._Element:
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return html.document_fromstring(content, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        raise not_a_table() from None


def _count_tags(content: bytes) -> Counter[bytes]:
    """How often a page has the tags of pages, tables and cells, outside of comments and scripts."""
    return Counter(_TAG.findall(_QUOTED.sub(b"", _drop_aside(content.lower()))))


def _drop_aside(content: bytes) -> bytes:
    """A page in small letters without comments, scripts and styles."""
    parts, at = [], 0
    while begun := _ASIDE_BEGIN.search(content, at):
        parts.append(content[at : begun.start()])
        # The signs of "<!-->" are both the begin and the end of a comment.
        at = content.find(_ASIDE[begun[0]], begun.start() + 2)
        if at < 0:
            raise _torn_error()
    return b"".join([*parts, content[at:]])


def _count_cells(root: etree._Element) -> int:
    """How many cells are in the rows of tables."""
    rows = (next(cell.iterancestors("tr"), None) for cell in root.iter("td", "th"))
    return sum(
        row is not None and next(row.iterancestors("table"), None) is not None for row in rows
    )


def not_a_table() -> CannotRead:
    """The refusal of a web page without the wanted table, such as a login page."""
    return CannotRead(
        "html",
        "Die Datei ist eine Webseite (HTML), auch wenn ihr Name anders endet. "
        "Bitte in Excel öffnen und als Excel-Arbeitsmappe (.xlsx) speichern.",
    )


def _torn_error() -> CannotRead:
    return CannotRead(
        "broken_file",
        "Die Webseite bricht ab: Eine Tabelle oder die Seite selbst hat kein Ende. "
        "Bitte neu exportieren und vollständig übertragen.",
    )


def _loose_error() -> CannotRead:
    return CannotRead(
        "broken_file",
        "In der Webseite stehen Zellen außerhalb der Zeilen einer Tabelle; es ist nicht sicher, "
        "wohin sie gehören. Bitte neu exportieren oder als Excel-Arbeitsmappe (.xlsx) speichern.",
    )
