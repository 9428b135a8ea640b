"""Locates, renames and removes the file of an embedded warehouse and its log."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import URL


def file_of(url: URL) -> Path | None:
    """Returns the file of an embedded warehouse; None for a server or a database in memory."""
    embedded = url.get_backend_name() == "duckdb" and url.database and url.database != ":memory:"
    return Path(str(url.database)) if embedded else None


def log_of(path: Path) -> Path:
    """Returns the write-ahead log that DuckDB keeps beside the file."""
    return path.with_name(path.name + ".wal")


def remove_file(path: Path) -> None:
    """Removes an unfinished warehouse and its log."""
    for leftover in (path, log_of(path)):
        leftover.unlink(missing_ok=True)


def put_aside(path: Path, why: str) -> Path:
    """Renames a warehouse and its log, if any, and returns the new name; deletes nothing."""
    aside = path.with_name(f"{path.name}.{why}-{datetime.now():%Y-%m-%dT%H%M%S}")
    for old, new in ((log_of(path), log_of(aside)), (path, aside)):
        if old.exists():
            old.rename(new)
    return aside
