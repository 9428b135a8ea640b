"""Opens the warehouse, a DuckDB file or a PostgreSQL server, and upgrades it."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from sqlalchemy import URL, Connection, event, make_url

from warehouse.as_of import read_newest_load
from warehouse.database import district_account
from warehouse.database.embedded_file import file_of
from warehouse.database.engine import create_warehouse, engine_of
from warehouse.database.run_lock import RunLock, hold_run_lock
from warehouse.encryption.embedded import locked_out
from warehouse.encryption.key import Key
from warehouse.errors import (
    ConnectionLost,
    DamagedWarehouse,
    NoRight,
    WarehouseBusy,
    WrongSchema,
    raise_translated,
    translate_error,
)
from warehouse.migrations import (
    Upgraded,
    list_revisions,
    no_warehouse,
    require_revision,
    upgrade_schema,
)

__all__ = [
    "ConnectionLost",
    "DamagedWarehouse",
    "NoRight",
    "Store",
    "WarehouseBusy",
    "WrongSchema",
    "engine_of",
]


_opening = partial(raise_translated, partial(translate_error, opening=True), locked_out)
# DuckDB's file grows by this. If its log cannot grow, DuckDB aborts the process.
_ONE_BLOCK = 1 << 18


class Store:
    """A warehouse that can be read and written. Use as a context manager, or ``close`` it.

    Raises WarehouseBusy, DamagedWarehouse, ConnectionLost, NoRight, WrongSchema or KeyProblem where
    it cannot be used, and WrongDistrict where the account does not work for the district ``ags``.
    ``migrate=False`` neither creates nor upgrades a schema, for a backup. ``key`` opens an
    encrypted embedded file; a server encrypts its own disk.
    """

    def __init__(
        self,
        url: str | URL,
        key: Key | None = None,
        *,
        migrate: bool = True,
        ags: str | None = None,
    ) -> None:
        self.url = make_url(url)
        self._file = file_of(self.url)
        with _opening():
            if migrate:
                create_warehouse(self.url, key)
            elif self._file and not self._file.exists():
                raise no_warehouse()
            self.engine = engine_of(self.url, key)
            try:
                self._check_schema(migrate, ags)
            except BaseException:
                self.engine.dispose()
                raise

    def _check_schema(self, migrate: bool, ags: str | None) -> None:
        # Before the upgrade, as the account may be another district's and own the tables.
        if ags is not None and not self.is_embedded:
            with self.engine.connect() as connection:
                district_account.check_district(connection, ags)
        if migrate:
            upgrade_schema(self.engine)
        else:
            require_revision(self.engine)
        if self._file and self._file.is_file():
            self._file.chmod(0o600)

    @property
    def is_embedded(self) -> bool:
        """Whether it is a DuckDB file, which allows one writer only."""
        return self.url.get_backend_name() == "duckdb"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Opens a connection in a transaction.

        Raises OSError where the disk of an embedded warehouse is full.
        """
        if self._file and shutil.disk_usage(self._file.parent).free < _ONE_BLOCK:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with raise_translated(translate_error), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Opens a connection to read from."""
        with raise_translated(translate_error), self.engine.connect() as connection:
            if not self.is_embedded:
                event.listen(connection, "begin", _forbid_nested_loops)
            yield connection

    def lock_run(self) -> AbstractContextManager[RunLock]:
        """Locks out other runs of this district; raises WarehouseBusy where one is active."""
        return hold_run_lock(self.engine)

    def last_load(self) -> int:
        """Returns the number of the newest load; 0 before the first."""
        with self.read() as connection:
            return read_newest_load(connection)

    def close(self) -> None:
        """Closes all connections to the file or server."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def upgrade_warehouse(url: URL, key: Key | None = None) -> Upgraded:
    """Upgrades or creates a warehouse and returns the revisions; raises the errors of ``Store``."""
    with _opening():
        if create_warehouse(url, key):
            return Upgraded(None, list_revisions()[-1])
        engine = engine_of(url, key)
        try:
            return upgrade_schema(engine)
        finally:
            engine.dispose()


def _forbid_nested_loops(connection: Connection) -> None:
    # The server has no statistics on keys (docs/security.md) and takes every join for one row;
    # followed row by row, figures took a hundred times as long.
    connection.exec_driver_sql("SET LOCAL enable_nestloop = off")
