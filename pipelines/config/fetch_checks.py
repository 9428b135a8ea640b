"""What must agree within `fetch`: no secret stands there, files are there, and what each transport checks itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from mappings.yaml_file import Document
from pipelines.config.part import FilePlace
from pipelines.config.transport import WrittenFetch
from pipelines.config.transports import TRANSPORTS

SECRET_KEYS = re.compile(
    r"pass(word|phrase|wort)?|pwd|kennwort|secret|client_secret|token|api_key", re.IGNORECASE
)


def check_fetch(document: Document) -> None:
    """Everything that can be said of the `fetch` parts from the file itself; works on the plain data."""
    for fetch in _fetch_parts(document):
        for key in fetch.data:
            if SECRET_KEYS.fullmatch(key):
                fetch.report((key,), "a secret never stands here", fetch.hint_at_secret())
        transport = TRANSPORTS.get(str(fetch.data.get("kind")))
        if transport is not None:
            transport.check(fetch)


def check_fetch_files(document: Document, folder: Path) -> None:
    """Keys and certificates that are named must be there."""
    fields = {
        name: field
        for transport in TRANSPORTS.values()
        for name, field in transport.model_fields.items()
    }
    files = [name for name, field in fields.items() if field.annotation == FilePlace | None]
    for fetch in _fetch_parts(document):
        for key in files:
            written = fetch.data.get(key)
            if isinstance(written, str) and not (folder / written).is_file():
                fetch.report(
                    (key,),
                    f"file '{written}' does not exist",
                    f"correct the path (seen from {folder.name}/)",
                )


def _fetch_parts(document: Document) -> Iterator[WrittenFetch]:
    sources = document.data.get("sources")
    for name, source in sources.items() if isinstance(sources, dict) else ():
        fetch = source.get("fetch") if isinstance(source, dict) else None
        if isinstance(fetch, dict):
            yield WrittenFetch(document, name, ("sources", name, "fetch"), fetch)
