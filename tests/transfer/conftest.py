"""A PostgreSQL server for the parcels, with one database for the tests of a module."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import create_engine, make_url, text

from tests.consents.conftest import server

__all__ = ["server"]


@pytest.fixture(scope="module")
def database(server: str) -> str:
    """The address of an empty database."""
    name = f"d{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)
