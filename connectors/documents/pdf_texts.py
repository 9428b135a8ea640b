"""Reads the texts of a PDF's streams (attachments, metadata) without drawing a page."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
# Attachments and metadata of our documents are small; a stream that unpacks to more is another's.
_MOST_BYTES = 50_000_000


def read_stream_texts(content: bytes) -> Iterator[str]:
    """Yields each stream of a PDF that is UTF-8, unpacked; none of what is no PDF."""
    if not content.startswith(b"%PDF-"):
        return
    for match in _STREAM.finditer(content):
        try:
            yield _unpack_stream(match[1]).decode()
        except (UnicodeDecodeError, zlib.error):
            continue


def _unpack_stream(content: bytes) -> bytes:
    if content[:1] != b"\x78":
        return content
    return zlib.decompressobj().decompress(content, _MOST_BYTES)
