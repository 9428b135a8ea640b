"""A PostgreSQL server for the towns, with a new database for each district."""

from tests.consents.conftest import new_database, server

__all__ = ["new_database", "server"]
