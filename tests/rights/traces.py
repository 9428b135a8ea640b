"""Looks for texts in a folder, in another way than the product: unpacks what is packed. No asserts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from pypdf import PdfReader
from sqlalchemy import String, select

from pipelines.hub import Hub
from tests.rights.planted import PLANTED
from warehouse.schema import metadata


def find_traces(folder: Path) -> list[str]:
    """The files that hold one of the planted texts."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [str(path.relative_to(folder)) for path in files if _holds(path.read_bytes())]


def _holds(data: bytes) -> bool:
    return any(_spells(part, text) for part in _parts(data) for text in PLANTED)


def _parts(data: bytes) -> Iterator[bytes]:
    yield data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if data.startswith(b"%PDF"):
        for page in PdfReader(io.BytesIO(data)).pages:
            yield page.extract_text().encode()


def _spells(data: bytes, text: str) -> bool:
    escaped = text.encode("ascii", "backslashreplace")
    forms = (text.encode(), text.encode("utf-16-le"), text.encode("cp1252", "ignore"), escaped)
    return any(form in data for form in forms)


def find_rows(hub: Hub) -> list[str]:
    """The columns of the warehouse that hold one of the planted texts, or the person's key."""
    found = []
    with hub.store.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, String):
                    texts = connection.execute(select(column).distinct()).scalars()
                    if any(t and any(p in t for p in (*PLANTED, "P-100001")) for t in texts):
                        found.append(f"{table.name}.{column.name}")
    return found
