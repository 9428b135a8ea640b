"""What the tests of decisions share: a district on an embedded warehouse in memory, and one on a real PostgreSQL server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.history.engines import configuration
from tests.identity_decisions.town import Town
from tests.postgres import Postgres
from warehouse.database.store import Store


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district of four sources."""
    return configuration(tmp_path_factory.mktemp("district"))


@pytest.fixture(scope="session")
def embedded(config: Path) -> Iterator[Town]:
    """DuckDB."""
    with Store("duckdb:///:memory:") as store:
        with store.transaction() as connection:
            connection.execute(text("SET threads = 1"))
        yield Town(store, config)


@pytest.fixture(scope="session")
def at_server(config: Path, postgres: Postgres) -> Iterator[Town]:
    """PostgreSQL."""
    with Store(postgres.new_warehouse()) as store:
        yield Town(store, config)


@pytest.fixture(params=["embedded", pytest.param("at_server", marks=pytest.mark.slow)])
def town(request: pytest.FixtureRequest) -> Town:
    """An empty district on either engine."""
    chosen: Town = request.getfixturevalue(request.param)
    chosen.reset()
    return chosen
