"""Packs the parts of a workbook or parcel so that the same parts give the same bytes on every machine."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE_BY_OWNER = 0o600 << 16


def pack_parts(parts: Mapping[str, bytes]) -> bytes:
    """The parts as one file; not compressed, because compression differs between machines."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.create_system, entry.external_attr = 3, _READABLE_BY_OWNER
            archive.writestr(entry, content)
    return buffer.getvalue()


def pack_anew(content: bytes) -> bytes:
    """A file that a library of ours packed, packed by these rules."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return pack_parts({name: archive.read(name) for name in archive.namelist()})
