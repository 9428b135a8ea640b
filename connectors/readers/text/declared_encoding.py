"""Finds the encoding that an XML file or a web page declares for itself."""

from __future__ import annotations

import codecs
import re

from connectors.readers.delivered_file import DeliveredFile

_XML = re.compile(rb"""\bencoding\s*=\s*["']([^"']+)["']""")
_PAGE = re.compile(rb"""<meta\b[^>]*\bcharset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_XML_BYTES, _PAGE_BYTES = 200, 4096
# Often written without being true; our own rule tells them apart by the bytes.
_OWN_RULE = frozenset({"ascii", "cp1252", "iso8859-1"})
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def declared_encoding(file: DeliveredFile) -> str | None:
    """The encoding in the header of an XML file or of a web page, None where our rule decides.

    A byte order mark, which a program writes with the bytes, goes before the words of the header.
    """
    with file.path.open("rb") as opened:
        head = opened.read(_PAGE_BYTES)
    found = _XML.search(head[:_XML_BYTES]) or _PAGE.search(head)
    if found is None or head.startswith(_MARKS):
        return None
    try:
        codec = codecs.lookup(found[1].decode("ascii", "replace"))
    except (LookupError, ValueError):
        return None
    is_known = codec._is_text_encoding and not codec.name.startswith("utf")
    return codec.name if is_known and codec.name not in _OWN_RULE else None
