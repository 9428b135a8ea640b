"""Grants least rights on a PostgreSQL server to four group roles, table by table."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, text

from warehouse.schema import ENTITIES, metadata
from warehouse.schema.columns import without_identity

LOADER, ANALYST, TRANSFER, AUDITOR = ROLES = tuple(
    f"drehscheibe_{r}" for r in ("loader", "analyst", "transfer", "auditor")
)
_MAINTAIN_SINCE = 170000
_SERVER_VERSION = "SELECT current_setting('server_version_num')"
_MAY_CREATE_ROLES = "SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user"
_KNOWN_ROLES = "SELECT rolname FROM pg_roles WHERE rolname LIKE 'drehscheibe\\_%'"
_MAY_CHANGE = (
    "SELECT rolname FROM pg_roles WHERE rolname LIKE 'drehscheibe\\_%'"
    " AND (has_table_privilege(rolname, :table, 'DELETE, TRUNCATE')"
    " OR has_any_column_privilege(rolname, :table, 'UPDATE')) ORDER BY 1"
)
_ENTER_DISTRICT = (
    "INSERT INTO district_member VALUES (:login, :district)"
    " ON CONFLICT (role_name) DO UPDATE SET district = :district"
)


def grant_rights(connection: Connection) -> bool:
    """Creates missing roles and grants all their rights; False if the account may not create roles.

    ``admit_login`` puts the login of a person or service into a role, and into a district where
    several share the server; see docs/district-server.md.
    """
    if not _create_roles(connection):
        return False
    version = int(connection.execute(text(_SERVER_VERSION)).scalar_one())
    for statement in _grant_statements(may_analyze=version >= _MAINTAIN_SINCE):
        connection.execute(text(statement))
    return True


def _create_roles(connection: Connection) -> bool:
    may_create = connection.execute(text(_MAY_CREATE_ROLES)).scalar_one()
    known = set(connection.execute(text(_KNOWN_ROLES)).scalars())
    missing = [role for role in ROLES if role not in known]
    if missing and not may_create:
        return False
    for role in missing:
        connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
    return True


def find_excess_rights(connection: Connection) -> Iterator[str]:
    """One sentence per role that may change or delete what can only be written.

    The rights of an older version stay until they are given anew.
    """
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if table.info.get("append_only"):
            for role in connection.execute(text(_MAY_CHANGE), {"table": table.name}).scalars():
                yield (
                    f"the role {role} may change or delete rows of {table.name}; "
                    "let an administrator of the server run: drehscheibe db rights --user NAME"
                )


def admit_login(connection: Connection, login: str, group: str, district: str | None) -> None:
    """Puts a login into a group role and, if given, into a district, whose rows alone it sees."""
    quoted = connection.dialect.identifier_preparer.quote_identifier(login)
    connection.execute(text(f"GRANT {group} TO {quoted}"))
    if district is not None:
        connection.execute(text(_ENTER_DISTRICT), {"login": login, "district": district})


def _grant_statements(*, may_analyze: bool) -> Iterator[str]:
    everyone = ", ".join(ROLES)
    yield f"GRANT SELECT ON alembic_version TO {everyone}"
    yield f"REVOKE ALL ON district_member FROM PUBLIC, {everyone}"
    yield f"GRANT EXECUTE ON FUNCTION own_district(), keeps_districts_apart() TO {everyone}"
    entities = {e.table.name for e in ENTITIES.values()}
    for table in metadata.sorted_tables:
        yield f"REVOKE ALL ON {table.name} FROM PUBLIC, {everyone}"
        yield from _grant_entity(table) if table.name in entities else _grant_ledger(table)
        if may_analyze:
            # Without ANALYZE after a large load, the server plans as if the tables were empty.
            yield f"GRANT MAINTAIN ON {table.name} TO {LOADER}"


def _grant_entity(table: Table) -> Iterator[str]:
    readable = ", ".join(c.name for c in without_identity(table))
    yield f"GRANT SELECT, INSERT, UPDATE ON {table.name} TO {LOADER}"
    yield f"GRANT SELECT ON {table.name} TO {TRANSFER}"
    yield f"GRANT SELECT ({readable}) ON {table.name} TO {ANALYST}"


def _grant_ledger(table: Table) -> Iterator[str]:
    yield f"GRANT {_list_rights(table)} ON {table.name} TO {LOADER}"
    for role in table.info["read_by"]:
        yield f"GRANT SELECT ON {table.name} TO drehscheibe_{role}"
    for role in table.info["written_by"]:
        yield f"GRANT INSERT ON {table.name} TO drehscheibe_{role}"
    if table.info["append_only"] or table.info["erasable"]:
        yield f"GRANT SELECT ON {table.name} TO {TRANSFER}"


def _list_rights(table: Table) -> str:
    """What the loader may do with a table of the ledger."""
    if table.info["append_only"]:
        return "SELECT, INSERT"
    return "SELECT, INSERT, DELETE" if table.info["erasable"] else "SELECT, INSERT, UPDATE, DELETE"
