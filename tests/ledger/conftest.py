"""A PostgreSQL server, with a new database for each test that asks for one."""

from tests.history.conftest import server
from tests.warehouse.conftest import new_database

__all__ = ["new_database", "server"]
