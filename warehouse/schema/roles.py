"""Least rights on a PostgreSQL server: four group roles, and what each may do with every table. Rows are kept apart by policies."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, text

from warehouse.schema import ENTITIES, metadata
from warehouse.schema.columns import without_identity

LOADER, ANALYST, TRANSFER, AUDITOR = ROLES = tuple(
    f"drehscheibe_{r}" for r in ("loader", "analyst", "transfer", "auditor")
)
_MAINTAIN_SINCE = 170000


def grant_rights(connection: Connection) -> bool:
    """Makes the roles where they are missing and gives each its rights anew; False where the account may not make roles.

    A login role of a person or service is put into one of them, and into ``district_member`` where several districts share the
    server: see ``admit_login`` and docs/district-server.md.
    """
    may_make = connection.execute(
        text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    ).scalar_one()
    known = set(
        connection.execute(
            text("SELECT rolname FROM pg_roles WHERE rolname LIKE 'drehscheibe\\_%'")
        ).scalars()
    )
    missing = [role for role in ROLES if role not in known]
    if missing and not may_make:
        return False
    for role in missing:
        connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    version = int(
        connection.execute(text("SELECT current_setting('server_version_num')")).scalar_one()
    )
    for statement in _grant_statements(may_measure=version >= _MAINTAIN_SINCE):
        connection.execute(text(statement))
    return True


def admit_login(connection: Connection, login: str, group: str, district: str | None) -> None:
    """Puts an existing login role into a group role and, where given, into a district; it then sees that district's rows only."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(login)
    connection.execute(text(f"GRANT {group} TO {quoted}"))
    if district is not None:
        entry = "INSERT INTO district_member VALUES (:login, :district) ON CONFLICT (role_name) DO UPDATE SET district = :district"
        connection.execute(text(entry), {"login": login, "district": district})


def _grant_statements(*, may_measure: bool) -> Iterator[str]:
    everyone = ", ".join(ROLES)
    yield f"GRANT SELECT ON alembic_version TO {everyone}"
    yield f"REVOKE ALL ON district_member FROM PUBLIC, {everyone}"
    yield f"GRANT EXECUTE ON FUNCTION own_district(), keeps_districts_apart() TO {everyone}"
    entities = {e.table.name for e in ENTITIES.values()}
    for table in metadata.sorted_tables:
        yield f"REVOKE ALL ON {table.name} FROM PUBLIC, {everyone}"
        if table.name in entities:
            yield f"GRANT SELECT, INSERT, UPDATE ON {table.name} TO {LOADER}"
            yield f"GRANT SELECT ON {table.name} TO {TRANSFER}"
            yield f"GRANT SELECT ({_not_identifying(table)}) ON {table.name} TO {ANALYST}"
        else:
            yield from _of_ledger(table)
        if may_measure:
            # After a large load the server has to look at the tables anew, or it plans as if they were empty.
            yield f"GRANT MAINTAIN ON {table.name} TO {LOADER}"


def _of_ledger(table: Table) -> Iterator[str]:
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table.name} TO {LOADER}"
    for role in table.info["read_by"]:
        yield f"GRANT SELECT ON {table.name} TO drehscheibe_{role}"
    if table.name == "transmission":
        yield f"GRANT SELECT, INSERT ON {table.name} TO {TRANSFER}"


def _not_identifying(table: Table) -> str:
    return ", ".join(c.name for c in without_identity(table))
