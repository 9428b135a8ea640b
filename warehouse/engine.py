"""The engine of a warehouse: an embedded DuckDB file, plain or encrypted, or a PostgreSQL server; and how the file comes into being."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, text

from warehouse.encryption.embedded import sealed_engine
from warehouse.encryption.key import Key
from warehouse.encryption.mark import sync_folder
from warehouse.migrations import upgrade
from warehouse.trouble import WarehouseTrouble

# A server that vanished without a word is noticed after a minute, not after the two hours that are the system's default.
_SERVER = {
    "application_name": "drehscheibe",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


def engine_of(url: URL, key: Key | None = None) -> Engine:
    """The engine of a warehouse, whatever is in it."""
    if url.get_backend_name() != "duckdb":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=_SERVER)
    path = file_of(url)
    if path:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if key is not None:
        return sealed_engine(url, key)
    # Extensions would be fetched from the internet at the first query that could use one.
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return create_engine(url, connect_args={"config": config}, hide_parameters=True)


def file_of(url: URL) -> Path | None:
    """The file of an embedded warehouse; None for a server, or one in memory."""
    embedded = url.get_backend_name() == "duckdb" and url.database and url.database != ":memory:"
    return Path(str(url.database)) if embedded else None


def make(url: URL, key: Key | None = None) -> bool:
    """Makes the file of an embedded warehouse at the newest schema where there is none; True where it did.

    It has its name only once it is whole: a disk that is full or a process that ends meanwhile leaves none that cannot be opened.
    """
    path = file_of(url)
    if path is None or path.exists():
        return False
    if path.is_symlink():
        raise WarehouseTrouble(f"{path.name} is a link to a file that is not there; is its disk mounted? No new warehouse was made")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.making")
    with _one_maker(path.parent):
        if path.exists():
            return False
        # A log beside no file is that of a warehouse that is gone, and would be taken for the new one's.
        put_aside(path, "left")
        _forget(draft)
        try:
            _fill(engine_of(url.set(database=str(draft)), key))
            os.chmod(draft, 0o600)
            os.replace(draft, path)
        except BaseException:
            _forget(draft)
            raise
        sync_folder(path.parent)
    return True


def put_aside(path: Path, why: str) -> Path:
    """Gives what lies under the name of an embedded warehouse, and its log, another name; nothing of it is deleted."""
    aside = path.with_name(f"{path.name}.{why}-{datetime.now():%Y-%m-%dT%H%M%S}")
    for ending in (".wal", ""):
        old = path.with_name(path.name + ending)
        if old.exists():
            old.rename(aside.with_name(aside.name + ending))
    return aside


def _fill(engine: Engine) -> None:
    try:
        upgrade(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            # What a log beside it held would stay behind under the draft's name.
            connection.execute(text("CHECKPOINT"))
    finally:
        engine.dispose()


def _forget(draft: Path) -> None:
    for leftover in (draft, draft.with_name(draft.name + ".wal")):
        leftover.unlink(missing_ok=True)


@contextmanager
def _one_maker(folder: Path) -> Iterator[None]:
    try:
        import fcntl
    except ImportError:
        # Not on every system; there, the second to rename says that the file is there.
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
