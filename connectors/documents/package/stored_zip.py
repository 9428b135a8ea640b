"""Packs a ZIP anew without compression, so that every machine gives the same bytes.

Deflate is not portable: zlib and zlib-ng give other bytes for the same content.
"""

from __future__ import annotations

import io
import zipfile

# The first day that a ZIP can hold.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def store_zip(content: bytes) -> bytes:
    """The same entries in the same order, stored, with no date."""
    stored = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as target,
    ):
        for entry in source.infolist():
            info = zipfile.ZipInfo(entry.filename, _EPOCH)
            # Otherwise the entry names the system it was made on.
            info.create_system = 3
            target.writestr(info, source.read(entry))
    return stored.getvalue()
