"""What the tests of the history share: an embedded warehouse and one on a real PostgreSQL server, both emptied for every sequence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from pipelines.cli import deliveries
from tests.history.engines import Warehouse, configuration
from tests.postgres import Postgres, write_address
from warehouse.database.store import Store


@pytest.fixture(autouse=True, scope="module")
def without_outputs() -> Iterator[None]:
    """Report and workbook take most of a run, and nobody reads them here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deliveries, "renew_outputs", lambda hub, has_loaded: [])
        yield


@pytest.fixture(scope="session")
def server(postgres: Postgres) -> str:
    """The address of an empty warehouse on the server."""
    return write_address(postgres.new_warehouse())


@pytest.fixture(scope="session")
def engines(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Warehouse]]:
    """DuckDB and PostgreSQL."""
    config = configuration(tmp_path_factory.mktemp("district"))
    with Store("duckdb:///:memory:") as embedded, Store(server) as at_server:
        with embedded.transaction() as connection:
            connection.execute(text("SET threads = 1"))
        yield [Warehouse("DuckDB", embedded, config), Warehouse("PostgreSQL", at_server, config)]


@pytest.fixture(scope="session")
def empty(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """An empty warehouse to copy, as a file and as a database of the server."""
    file = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Store(f"duckdb:///{file}").close()
    return file, str(postgres.new_warehouse().database)
