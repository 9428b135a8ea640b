"""Reads the texts of a PDF's streams (attachments, metadata) without drawing a page."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress

_STREAM = re.compile(rb"stream\r?\n(.*?)(?:\r?\n)?endstream", re.DOTALL)
# Attachments and metadata of our documents are small; a stream that unpacks to more is another's.
_MOST_BYTES = 50_000_000


def read_stream_texts(content: bytes) -> Iterator[str]:
    """Yields each stream of a PDF that is UTF-8, unpacked; none of what is no PDF."""
    if not content.startswith(b"%PDF-"):
        return
    for stream in read_streams(content, _MOST_BYTES):
        with suppress(UnicodeDecodeError):
            yield stream.decode()


def read_streams(content: bytes, most_bytes: int) -> Iterator[bytes]:
    """Yields each stream of a PDF, unpacked up to ``most_bytes``; none that is damaged."""
    for match in _STREAM.finditer(content):
        with suppress(zlib.error):
            yield _unpack_stream(match[1], most_bytes)


def _unpack_stream(content: bytes, most_bytes: int) -> bytes:
    if content[:1] != b"\x78":
        return content
    return zlib.decompressobj().decompress(content, most_bytes)
