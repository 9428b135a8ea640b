"""Copies the embedded warehouse into a new file, encrypted or plain, and compares the two."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from warehouse.database.embedded_file import log_of, remove_file
from warehouse.encryption.embedded import attach_file, open_memory_database
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseError
from warehouse.files.atomic_file import put_in_place

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SHAPES = (
    "SELECT 'table', schema_name, table_name, sql FROM duckdb_tables() WHERE database_name = ?",
    "SELECT 'index', schema_name, index_name, sql FROM duckdb_indexes() WHERE database_name = ?",
    "SELECT 'view', schema_name, view_name, sql FROM duckdb_views() "
    "WHERE database_name = ? AND NOT internal",
    "SELECT 'sequence', schema_name, sequence_name, sql FROM duckdb_sequences() "
    "WHERE database_name = ?",
)


class CopyDiffers(WarehouseError):
    """The copy differs from the warehouse; nothing was switched over."""


@dataclass(frozen=True)
class CopyResult:
    """The number of tables and rows copied and compared."""

    tables: int
    rows: int


@contextmanager
def copy_warehouse(
    path: Path, new: Path, old_key: Key | None, new_key: Key | None
) -> Iterator[CopyResult]:
    """Copies and compares; no other process can write to the warehouse until the block ends.

    CopyDiffers, WarehouseBusy, KeyProblem.
    """
    remove_file(new)
    # The copy is read back through an attachment of its own, from the disk, not from memory.
    connection = _open_memory(path, old_key, new_key)
    try:
        # The write-ahead log of an interrupted run goes into the file first.
        attach_file(connection, path, "old", old_key)
        connection.execute("CHECKPOINT old")
        connection.execute("DETACH old")
        attach_file(connection, path, "old", old_key, read_only=True)
        attach_file(connection, new, "new", new_key)
        connection.execute("COPY FROM DATABASE old TO new")
        connection.execute("DETACH new")
        os.chmod(new, path.stat().st_mode & 0o777)
        _sync_file(new)
        attach_file(connection, new, "new", new_key, read_only=True)
        copied = _compare_copies(connection)
        connection.execute("DETACH new")
        yield copied
    finally:
        connection.close()


def _open_memory(path: Path, *keys: Key | None) -> DuckDBPyConnection:
    """A database in memory; only where a file is encrypted does it need the extension for that."""
    if any(keys):
        return open_memory_database(path)
    import duckdb

    settings = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return duckdb.connect(":memory:", config={**settings, "temp_directory": f"{path}.tmp"})


def replace_warehouse(path: Path, new: Path) -> None:
    """Puts the copy in place of the warehouse; can be repeated after an interruption."""
    if new.exists():
        # The log belongs to the old file, which contains all of it since the checkpoint.
        log_of(path).unlink(missing_ok=True)
        put_in_place(new, path)


def _compare_copies(connection: DuckDBPyConnection) -> CopyResult:
    if _schema_of(connection, "old") != _schema_of(connection, "new"):
        raise CopyDiffers(
            "the copy of the warehouse has other tables than the warehouse; "
            "nothing was switched over"
        )
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'old'"
    ).fetchall()
    rows = [_compare_rows(connection, schema, table) for schema, table in tables]
    return CopyResult(len(tables), sum(rows))


def _compare_rows(connection: DuckDBPyConnection, schema: str, table: str) -> int:
    """The number of rows of a table; CopyDiffers where those of the copy differ."""
    old, new = (
        connection.execute(
            f'SELECT count(*), sum(hash(t)) FROM {side}."{schema}"."{table}" t'
        ).fetchone()
        for side in ("old", "new")
    )
    if old is None or old != new:
        raise CopyDiffers(
            f"the copy of the table {table} differs from the warehouse; nothing was switched over"
        )
    return int(old[0])


def _schema_of(connection: DuckDBPyConnection, side: str) -> list[tuple[str, ...]]:
    found = [row for query in _SHAPES for row in connection.execute(query, [side]).fetchall()]
    # The statement that created a table may name its database.
    return sorted(tuple(str(part).replace(f"{side}.", "") for part in row) for row in found)


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
