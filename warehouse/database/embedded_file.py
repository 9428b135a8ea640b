"""The file of an embedded warehouse and the log beside it, as files: which they are, put aside, removed. Opening one stands elsewhere."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import URL


def file_of(url: URL) -> Path | None:
    """The file of an embedded warehouse; None for a server, or one in memory."""
    embedded = url.get_backend_name() == "duckdb" and url.database and url.database != ":memory:"
    return Path(str(url.database)) if embedded else None


def log_of(path: Path) -> Path:
    """Where DuckDB writes what is not in the file yet."""
    return path.with_name(path.name + ".wal")


def remove_file(path: Path) -> None:
    """Removes a file that never became the warehouse, and its log."""
    for leftover in (path, log_of(path)):
        leftover.unlink(missing_ok=True)


def put_aside(path: Path, why: str) -> Path:
    """Gives what lies under the name of a warehouse, and its log, another name; nothing of it is deleted."""
    aside = path.with_name(f"{path.name}.{why}-{datetime.now():%Y-%m-%dT%H%M%S}")
    for old, new in ((log_of(path), log_of(aside)), (path, aside)):
        if old.exists():
            old.rename(new)
    return aside
