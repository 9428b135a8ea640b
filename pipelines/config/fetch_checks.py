"""Checks the `fetch` parts: no secrets, files that exist, and the rules of each transport."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from mappings.yaml_file import Document
from pipelines.config.part import FilePlace, part_at
from pipelines.config.transport import WrittenFetch
from pipelines.config.transports import TRANSPORTS

SECRET_KEYS = re.compile(
    r"pass(word|phrase|wort)?|pwd|kennwort|secret|client_secret|token|api_key", re.IGNORECASE
)


def check_fetch(document: Document) -> None:
    """Reports what is wrong with the `fetch` parts in the file itself; works on the plain data."""
    for fetch in _fetch_parts(document):
        for key in fetch.data:
            if SECRET_KEYS.fullmatch(key):
                fetch.report((key,), "a secret never stands here", fetch.hint_at_secret())
        transport = TRANSPORTS.get(str(fetch.data.get("kind")))
        if transport is not None:
            transport.check(fetch)


def check_fetch_files(document: Document, folder: Path) -> None:
    """Reports keys and certificates that are named and do not exist."""
    keys = _file_keys()
    hint = f"correct the path (seen from {folder.name}/)"
    for fetch in _fetch_parts(document):
        for key in keys:
            written = fetch.data.get(key)
            if isinstance(written, str) and not (folder / written).is_file():
                fetch.report((key,), f"file '{written}' does not exist", hint)


def _file_keys() -> list[str]:
    """The keys of all transports that name a file; some transports share them."""
    fields: dict[str, FieldInfo] = {}
    for transport in TRANSPORTS.values():
        fields |= transport.model_fields
    return [name for name, field in fields.items() if field.annotation == FilePlace | None]


def _fetch_parts(document: Document) -> Iterator[WrittenFetch]:
    for name, source in part_at(document.data, "sources").items():
        fetch = part_at(source, "fetch")
        if fetch:
            yield WrittenFetch(document, name, ("sources", name, "fetch"), fetch)
