"""Bringing a warehouse to the newest schema. One file per revision stands in versions/. It only goes forwards: back leads
the backup made before.

A revision that changes rows has to lift the row security of the tables it touches while it runs (NO FORCE, then FORCE again):
the owner of the tables would else see the rows of one district only.
"""

from __future__ import annotations

from dataclasses import dataclass
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
    """DuckDB takes PostgreSQL's DDL."""

    __dialect__ = "duckdb"
    transactional_ddl = True


@dataclass(frozen=True)
class Upgraded:
    """From which revision (None: empty) to which; ``rights_given`` is False where the account may not give the roles theirs."""

    before: str | None
    after: str
    rights_given: bool = True


def list_revisions() -> list[str]:
    """All revisions this program knows, the oldest first."""
    return [s.revision for s in ScriptDirectory(str(FOLDER)).walk_revisions()][::-1]


def read_revision(connection: Connection) -> str | None:
    """The revision the database is at; None where there is no warehouse in it."""
    return MigrationContext.configure(connection).get_current_revision()


def require_revision(engine: Engine) -> str:
    """The revision of a warehouse that is to be used as it is; WrongSchema where there is none or a newer one."""
    with engine.connect() as connection:
        found = read_revision(connection)
    if found is None:
        raise no_warehouse()
    check_revision(found)
    return found


def no_warehouse() -> WrongSchema:
    """What is said where a warehouse is to be used as it is, and there is none."""
    return WrongSchema("there is no warehouse there yet; make one with: drehscheibe db upgrade")


def check_revision(revision: str | None) -> None:
    """Raises WrongSchema for a revision that only a newer program has."""
    if revision is not None and revision not in list_revisions():
        newest = list_revisions()[-1]
        raise WrongSchema(
            f"the schema is at revision {revision}, and this program knows none after {newest}; install the newer program"
        )


def upgrade_schema(engine: Engine, to: str | None = None) -> Upgraded:
    """Runs the revisions that are missing (up to ``to``), in one transaction.

    On PostgreSQL the rights of the roles are given anew with them, because a revision may bring tables and columns. WrongSchema
    where the account may not change the schema or the program is too old for it.
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
                f"the database is {at}, this program needs revision {goal}, and this account may not change the schema; "
                "let the owner of the tables run: drehscheibe db upgrade"
            ) from None
        raise


def _run_revisions(engine: Engine, goal: str) -> Upgraded:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        on_server = connection.dialect.name == "postgresql"
        if on_server:
            # Two programs that find an empty database at once would both make the tables.
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})"))
        before = read_revision(connection)
        if before == goal:
            return Upgraded(before, goal)
        config.attributes["connection"] = connection
        command.upgrade(config, goal)
        newest = goal == list_revisions()[-1]
        return Upgraded(before, goal, grant_rights(connection) if on_server and newest else True)
