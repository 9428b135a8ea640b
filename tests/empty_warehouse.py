"""Lets all tests of a process copy one new warehouse file: running all revisions takes half a second."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, make_url

from warehouse.database import engine
from warehouse.encryption.key import Key
from warehouse.migrations import list_revisions

create_file = engine._create_file


def share_empty_warehouse() -> None:
    """From now on, for the rest of the process."""
    engine._create_file = _copy_file


def _copy_file(path: Path, url: URL, key: Key | None) -> None:
    if key is not None:
        create_file(path, url, key)
        return
    engine.put_aside(path, "left")
    path.touch(0o600)
    path.write_bytes(_make_file(tuple(list_revisions())))


@cache
def _make_file(revisions: tuple[str, ...]) -> bytes:
    """The bytes of a new warehouse; ``revisions``: those of the schema."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "warehouse.duckdb")
        create_file(path, make_url(f"duckdb:///{path}"), None)
        return path.read_bytes()
