"""A PostgreSQL server for the worlds, with a new database for each district."""

from tests.history.conftest import server
from tests.warehouse.conftest import new_database

__all__ = ["new_database", "server"]
