"""An empty database on a real PostgreSQL server per test of the upgrades."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import URL

from tests.postgres import Postgres


@pytest.fixture
def database(postgres: Postgres) -> Callable[[], URL]:
    """Makes an empty database."""
    return postgres.new_database
