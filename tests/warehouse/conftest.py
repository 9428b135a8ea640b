"""What the warehouse's tests share: an empty embedded warehouse for each test, and one PostgreSQL server for the session."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.postgres import Postgres, write_address
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


@pytest.fixture(params=["duckdb", "postgresql"])
def engine(
    request: pytest.FixtureRequest, store: Store, new_database: Callable[[], str]
) -> Iterator[Store]:
    """An empty warehouse on either engine."""
    if request.param == "duckdb":
        yield store
        return
    with Store(new_database()) as server:
        yield server


@pytest.fixture(scope="module")
def server(postgres: Postgres) -> str:
    """The address of an empty warehouse on the server, for the tests of a module."""
    return write_address(postgres.new_warehouse())
