"""What all tests share: nobody writes to a file while the hub looks, and DuckDB takes one core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.util import LRUCache

from connectors.fetch import local_folder


@pytest.fixture(autouse=True, scope="session")
def nobody_writes() -> Iterator[None]:
    """A file that was written just now is not watched for half a second at each look."""
    usual, local_folder.YOUNG_SECONDS = local_folder.YOUNG_SECONDS, 0.0
    yield
    local_folder.YOUNG_SECONDS = usual


@pytest.fixture(autouse=True, scope="session")
def one_thread_each() -> Iterator[None]:
    """Several processes run tests side by side; for a few rows DuckDB's threads only cost time."""
    event.listen(Engine, "connect", _take_one_thread)
    yield
    event.remove(Engine, "connect", _take_one_thread)


def _take_one_thread(connection: Any, record: object) -> None:
    if type(connection).__module__.startswith("duckdb"):
        connection.execute("SET threads = 1")


@pytest.fixture(autouse=True, scope="session")
def compiled_once() -> Iterator[None]:
    """All warehouses share what SQLAlchemy has compiled: tests open thousands of them.

    Without it each compiles every statement anew, a quarter of the time of the tests.
    """
    patch = pytest.MonkeyPatch()
    for name in ("duckdb", "postgresql.psycopg"):
        # Dialects of one kind compile alike.
        kind = registry.load(name)
        patch.setattr(kind, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(kind, "__hash__", lambda one: hash(type(one)))
    event.listen(Engine, "engine_connect", _share_compiled)
    yield
    event.remove(Engine, "engine_connect", _share_compiled)
    patch.undo()


_COMPILED: LRUCache[Any, Any] = LRUCache(2000)


def _share_compiled(connection: Connection) -> None:
    connection.engine._compiled_cache = _COMPILED
