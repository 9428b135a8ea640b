"""Opening the warehouse: an embedded DuckDB file or a PostgreSQL server, at the newest schema. What is written to it stands elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, func, make_url, select
from sqlalchemy.exc import OperationalError

from warehouse.migrations import upgrade
from warehouse.schema import load


class WarehouseBusy(Exception):
    """Another process holds the embedded warehouse; it takes one at a time."""


class Store:
    """A warehouse that can be read and written. Use as a context manager, or ``close`` it."""

    def __init__(self, url: str | URL) -> None:
        self.url = make_url(url)
        self.engine = _engine(self.url)
        try:
            upgrade(self.engine)
        except OperationalError as error:
            self.engine.dispose()
            if "lock" in str(error.orig).lower():
                raise WarehouseBusy("the warehouse is in use by another process; wait for its end or stop it") from None
            raise
        except BaseException:
            self.engine.dispose()
            raise

    @property
    def embedded(self) -> bool:
        """True for the DuckDB file, which knows one writer only."""
        return self.url.get_backend_name() == "duckdb"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is kept as a whole or not at all."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from."""
        with self.engine.connect() as connection:
            yield connection

    def last_load(self) -> int:
        """The number of the newest load; 0 before the first."""
        with self.read() as connection:
            return int(connection.execute(select(func.coalesce(func.max(load.c.number), 0))).scalar_one())

    def close(self) -> None:
        """Lets go of the file or server."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "duckdb":
        return create_engine(url, hide_parameters=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Extensions would be fetched from the internet at the first query that could use one.
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return create_engine(url, connect_args={"config": config}, hide_parameters=True)
