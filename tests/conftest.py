"""What all tests share: nobody writes to a file while the hub looks, and DuckDB takes one core."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine, event

from connectors.fetch import local_folder
from tests.compiled import share_compiled
from tests.empty_warehouse import share_empty_warehouse
from tests.postgres import Postgres, run_server, write_address

share_compiled()
share_empty_warehouse()


# How long an example takes says nothing on a machine that does other work besides.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server of the process; a test makes itself a database in it."""
    with run_server() as running:
        yield running


@pytest.fixture
def new_database(postgres: Postgres) -> Callable[[], str]:
    """Makes a new, empty warehouse on the server and gives its address."""
    return lambda: write_address(postgres.new_warehouse())


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
