"""A database for the parcels, one for the tests of a module."""

from __future__ import annotations

import pytest

from tests.postgres import Postgres, write_address


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    """The address of an empty warehouse on a real server."""
    return write_address(postgres.new_warehouse())
