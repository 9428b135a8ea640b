"""Opening the warehouse: an embedded DuckDB file or a PostgreSQL server, at the newest schema. What is written to it stands elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, func, make_url, select

from warehouse import district
from warehouse.encryption.embedded import locked_out, sealed_engine
from warehouse.encryption.key import Key
from warehouse.migrations import require, upgrade
from warehouse.schema import load
from warehouse.trouble import ConnectionLost, NoRight, WarehouseBusy, WarehouseTrouble, WrongSchema, told
from warehouse.turn import Turn, alone

__all__ = ["ConnectionLost", "NoRight", "Store", "WarehouseBusy", "WarehouseTrouble", "WrongSchema", "engine_of"]

# A server that vanished without a word is noticed after a minute, not after the two hours that are the system's default.
_SERVER = {
    "application_name": "drehscheibe",
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}


class Store:
    """A warehouse that can be read and written. Use as a context manager, or ``close`` it.

    WarehouseBusy, ConnectionLost, NoRight, WrongSchema or KeyProblem say why it cannot be used. ``migrate=False`` leaves an older
    schema as it is, for a backup. ``key`` opens an encrypted embedded file; a server encrypts its own disk. ``ags`` is the district
    for which the account has to work: WrongDistrict.
    """

    def __init__(self, url: str | URL, key: Key | None = None, *, migrate: bool = True, ags: str | None = None) -> None:
        self.url = make_url(url)
        self.engine = engine_of(self.url, key)
        try:
            if migrate:
                upgrade(self.engine)
            else:
                require(self.engine)
            if ags is not None and not self.embedded:
                with self.engine.connect() as connection:
                    district.hold(connection, ags)
            if self.embedded and self.url.database and Path(self.url.database).is_file():
                Path(self.url.database).chmod(0o600)
        except Exception as error:
            self.engine.dispose()
            known = told(error, opening=True) or locked_out(error)
            if known:
                raise known from None
            raise

    @property
    def embedded(self) -> bool:
        """True for the DuckDB file, which knows one writer only."""
        return self.url.get_backend_name() == "duckdb"

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is kept as a whole or not at all."""
        with _plain(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read from."""
        with _plain(), self.engine.connect() as connection:
            yield connection

    def alone(self) -> AbstractContextManager[Turn]:
        """Keeps every other run of this district out while it lasts; WarehouseBusy where one is going on."""
        return alone(self.engine)

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


@contextmanager
def _plain() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        known = told(error)
        if known:
            raise known from None
        raise


def engine_of(url: URL, key: Key | None = None) -> Engine:
    """The engine of a warehouse, whatever is in it."""
    if url.get_backend_name() != "duckdb":
        return create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=_SERVER)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if key is not None:
        return sealed_engine(url, key)
    # Extensions would be fetched from the internet at the first query that could use one.
    config = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    return create_engine(url, connect_args={"config": config}, hide_parameters=True)
