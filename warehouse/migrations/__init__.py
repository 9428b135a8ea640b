"""Bringing a warehouse to the newest schema. One file per revision stands in versions/."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from warehouse.rights import grant

FOLDER = Path(__file__).parent


class DuckDBImpl(PostgresqlImpl):
    """DuckDB takes PostgreSQL's DDL."""

    __dialect__ = "duckdb"
    transactional_ddl = True


def upgrade(engine: Engine) -> bool:
    """Runs the revisions that are missing, in one transaction; False where there were none.

    On PostgreSQL the rights of the roles are given anew with them, because a revision may bring tables and columns.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    newest = ScriptDirectory.from_config(config).get_current_head()
    with engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == newest:
            return False
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if connection.dialect.name == "postgresql":
            grant(connection)
    return True
