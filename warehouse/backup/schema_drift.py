"""Whether the database is the schema the program works with: tables, columns, kinds, and on a server the policies. Changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Table, inspect, text

from warehouse.backup.table_stream import DISTRICT
from warehouse.migrations import list_revisions, read_revision
from warehouse.schema import metadata

_POLICIES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
  SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_district_only') AS apart
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
"""
_ABOVE_POLICIES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def find_drift(connection: Connection) -> Iterator[str]:
    """A sentence for everything in which the database differs from the schema."""
    found, newest = read_revision(connection), list_revisions()[-1]
    if found != newest:
        yield f"the schema is at revision {found}, this program works with {newest}; run: drehscheibe db upgrade"
        return
    there = set(inspect(connection).get_table_names())
    for name, table in sorted(metadata.tables.items()):
        if name in there:
            yield from _compare_columns(connection, table)
        else:
            yield f"the table {name} is missing"
    extra = sorted(there - set(metadata.tables) - {"alembic_version", "district_member"})
    yield from (f"the table {name} does not belong to the schema" for name in extra)
    if connection.dialect.name == "postgresql":
        yield from _check_policies(connection)


def _compare_columns(connection: Connection, table: Table) -> Iterator[str]:
    there = {c["name"]: c for c in inspect(connection).get_columns(table.name)}
    if connection.dialect.name == "postgresql" and there.pop(DISTRICT, None) is None:
        yield f"the table {table.name} has no column {DISTRICT}"
    for column in table.columns:
        found = there.pop(column.name, None)
        if found is None:
            yield f"the column {table.name}.{column.name} is missing"
        elif found["type"].python_type is not column.type.python_type:
            yield f"the column {table.name}.{column.name} is of another type"
        elif found["nullable"] != column.nullable:
            yield f"the column {table.name}.{column.name} {'may' if found['nullable'] else 'may not'} be empty, the schema says otherwise"
    yield from (f"the column {table.name}.{name} does not belong to the schema" for name in there)


def _check_policies(connection: Connection) -> Iterator[str]:
    held = {r.relname: r.apart for r in connection.execute(text(_POLICIES))}
    for name in sorted(metadata.tables):
        if not held.get(name, True):
            yield f"the rows of {name} are not kept apart by district: its policy is missing or switched off"
    if connection.execute(text(_ABOVE_POLICIES)).scalar_one():
        districts = connection.execute(
            text(f"SELECT count(DISTINCT {DISTRICT}) FROM load")
        ).scalar_one()
        if districts > 1:
            yield "this account is above the policies and sees several districts at once; use an account of drehscheibe_loader"
