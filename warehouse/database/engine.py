"""Creates the engine of a warehouse (DuckDB file or PostgreSQL server), and the file itself."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, text

from warehouse.database.embedded_file import file_of, put_aside, remove_file
from warehouse.encryption.embedded import sealed_engine
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseError
from warehouse.files.atomic_file import put_in_place, sync_folder
from warehouse.files.folder_lock import lock_folder
from warehouse.migrations import upgrade_schema

# A vanished server is noticed after a minute; the system's default is two hours.
_SERVER = {
    "application_name": "drehscheibe",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def engine_of(url: URL, key: Key | None = None) -> Engine:
    """Returns the engine of a warehouse without looking at its content."""
    if url.get_backend_name() != "duckdb":
        return _server_engine(url)
    path = file_of(url)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if key is not None:
        return sealed_engine(url, key)
    # Else DuckDB fetches extensions from the internet at the first query that could use one.
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return create_engine(url, connect_args={"config": config}, hide_parameters=True)


def _server_engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=_SERVER)
    except ImportError:
        raise WarehouseError(
            "the driver for PostgreSQL is not installed; run once: "
            "python3 drehscheibe.py setup postgres"
        ) from None
    event.listen(engine, "connect", _make_room_for_staging)
    return engine


def _make_room_for_staging(connection: Any, record: object) -> None:
    """Sets the memory for temporary tables, which a session that has used one cannot change."""
    with connection.cursor() as cursor:
        cursor.execute("SET temp_buffers = '128MB'")
    connection.commit()


def create_warehouse(url: URL, key: Key | None = None) -> bool:
    """Creates the file of an embedded warehouse unless it exists; returns whether it did.

    The file is given its name when it is complete: a full disk or a killed process leaves no file
    that cannot be opened.
    """
    path = file_of(url)
    if path is None or path.exists():
        return False
    if path.is_symlink():
        raise WarehouseError(
            f"{path.name} is a link to a file that is not there; is its disk mounted? "
            "No new warehouse was made"
        )
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with lock_folder(path.parent, wait=True) if os.name == "posix" else nullcontext():
        if path.exists():
            return False
        _create_file(path, url, key)
    return True


def _create_file(path: Path, url: URL, key: Key | None) -> None:
    # DuckDB would apply the log of a lost warehouse to the new one.
    put_aside(path, "left")
    draft = path.with_name(f".{path.name}.making")
    remove_file(draft)
    try:
        _create_schema(engine_of(url.set(database=str(draft)), key))
        put_in_place(draft, path, mode=0o600)
    except BaseException:
        remove_file(draft)
        raise
    sync_folder(path.parent)


def _create_schema(engine: Engine) -> None:
    try:
        upgrade_schema(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # Moves all content to the file: the log would keep the draft's name.
            connection.execute(text("CHECKPOINT"))
    finally:
        engine.dispose()
