"""Upgrades the schema of a warehouse; versions/ has one file per revision.

There is no downgrade: restore the backup made before the upgrade.

A revision that changes rows has to suspend the row security of the tables it changes (NO FORCE,
then FORCE again): else the owner of the tables sees the rows of one district only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.ddl.postgresql import PostgresqlImpl
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from warehouse.errors import NoRight, WrongSchema, translate_error
from warehouse.schema.roles import grant_rights

FOLDER = Path(__file__).parent
_UPGRADE_LOCK = "hashtext('drehscheibe upgrade')"


class DuckDBImpl(PostgresqlImpl):
    """Lets Alembic write PostgreSQL's DDL, which DuckDB understands."""

    __dialect__ = "duckdb"
    transactional_ddl = True


@dataclass(frozen=True)
class Upgraded:
    """An upgrade from one revision (None: empty) to another.

    ``rights_given`` is False where the account may not grant the roles their rights.
    """

    before: str | None
    after: str
    rights_given: bool = True


@cache
def list_revisions() -> Sequence[str]:
    """Lists the revisions this program knows, the oldest first; reads their files once."""
    return tuple(s.revision for s in ScriptDirectory(str(FOLDER)).walk_revisions())[::-1]


def read_revision(connection: Connection) -> str | None:
    """Reads the revision of the database; None where there is no warehouse in it."""
    return MigrationContext.configure(connection).get_current_revision()


def require_revision(engine: Engine) -> str:
    """Reads the revision of an existing warehouse.

    Raises WrongSchema where there is none, or one of a newer program.
    """
    with engine.connect() as connection:
        found = read_revision(connection)
    if found is None:
        raise no_warehouse()
    check_revision(found)
    return found


def no_warehouse() -> WrongSchema:
    """The failure for a missing warehouse that may not be created."""
    return WrongSchema("there is no warehouse there yet; make one with: drehscheibe db upgrade")


def check_revision(revision: str | None) -> None:
    """Raises WrongSchema for a revision that only a newer program has."""
    if revision is not None and revision not in list_revisions():
        newest = list_revisions()[-1]
        raise WrongSchema(
            f"the schema is at revision {revision}, and this program knows none after {newest}; "
            "install the newer program"
        )


def upgrade_schema(engine: Engine, to: str | None = None) -> Upgraded:
    """Runs the missing revisions (up to ``to``) in one transaction.

    On PostgreSQL it also grants the rights of the roles, as a revision may add tables and columns.
    Raises WrongSchema where the account may not change the schema or the program is too old for it.
    """
    goal = to or list_revisions()[-1]
    with engine.connect() as connection:
        before = read_revision(connection)
    check_revision(before)
    if before == goal:
        return Upgraded(before, goal)
    try:
        return _run_revisions(engine, goal)
    except DBAPIError as error:
        if isinstance(translate_error(error), NoRight):
            at = f"at revision {before}" if before else "empty"
            raise WrongSchema(
                f"the database is {at}, this program needs revision {goal}, "
                "and this account may not change the schema; "
                "let the owner of the tables run: drehscheibe db upgrade"
            ) from None
        raise


def _run_revisions(engine: Engine, goal: str) -> Upgraded:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        on_server = connection.dialect.name == "postgresql"
        if on_server:
            # Else two programs that find an empty database would both create the tables.
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        before = read_revision(connection)
        if before == goal:
            return Upgraded(before, goal)
        config.attributes["connection"] = connection
        command.upgrade(config, goal)
        newest = goal == list_revisions()[-1]
        return Upgraded(before, goal, grant_rights(connection) if on_server and newest else True)
