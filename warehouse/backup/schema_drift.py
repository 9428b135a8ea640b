"""Compares the database with the program's schema and, on a server, checks the row policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Connection, Table, inspect, text
from sqlalchemy.engine.interfaces import ReflectedColumn

from warehouse.backup.table_stream import DISTRICT, NOT_KEPT
from warehouse.migrations import list_revisions, read_revision
from warehouse.schema import metadata

_POLICIES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (
  SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'own_district_only') AS apart
FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
"""
_ABOVE_POLICIES = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"


def find_drift(connection: Connection) -> Iterator[str]:
    """One sentence per difference between database and schema."""
    found, newest = read_revision(connection), list_revisions()[-1]
    if found != newest:
        yield (
            f"the schema is at revision {found}, this program works with {newest}; "
            "run: drehscheibe db upgrade"
        )
        return
    yield from _compare_tables(connection)
    if connection.dialect.name == "postgresql":
        yield from _check_policies(connection)
        yield from _check_account(connection)


def _compare_tables(connection: Connection) -> Iterator[str]:
    there = set(inspect(connection).get_table_names())
    for name, table in sorted(metadata.tables.items()):
        if name in there:
            yield from _compare_columns(connection, table)
        else:
            yield f"the table {name} is missing"
    for name in sorted(there - set(metadata.tables) - NOT_KEPT):
        yield f"the table {name} does not belong to the schema"


def _compare_columns(connection: Connection, table: Table) -> Iterator[str]:
    there = {c["name"]: c for c in inspect(connection).get_columns(table.name)}
    if connection.dialect.name == "postgresql" and there.pop(DISTRICT, None) is None:
        yield f"the table {table.name} has no column {DISTRICT}"
    for column in table.columns:
        difference = _compare_column(column, there.pop(column.name, None))
        if difference:
            yield f"the column {table.name}.{column.name} {difference}"
    yield from (f"the column {table.name}.{name} does not belong to the schema" for name in there)


def _compare_column(column: Column[Any], found: ReflectedColumn | None) -> str | None:
    if found is None:
        return "is missing"
    if found["type"].python_type is not column.type.python_type:
        return "is of another type"
    if found["nullable"] != column.nullable:
        allowed = "may" if found["nullable"] else "may not"
        return f"{allowed} be empty, the schema says otherwise"
    return None


def _check_policies(connection: Connection) -> Iterator[str]:
    apart = {r.relname: r.apart for r in connection.execute(text(_POLICIES))}
    for name in sorted(metadata.tables):
        if not apart.get(name, True):
            yield (
                f"the rows of {name} are not kept apart by district: "
                "its policy is missing or switched off"
            )


def _check_account(connection: Connection) -> Iterator[str]:
    if connection.execute(text(_ABOVE_POLICIES)).scalar_one():
        districts = text(f"SELECT count(DISTINCT {DISTRICT}) FROM load")
        if connection.execute(districts).scalar_one() > 1:
            yield (
                "this account is above the policies and sees several districts at once; "
                "use an account of drehscheibe_loader"
            )
