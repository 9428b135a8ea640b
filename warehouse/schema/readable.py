"""Tells which columns the account of a connection may not read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Column, Connection, func, select


def list_unreadable(connection: Connection, columns: Iterable[Column[Any]]) -> list[str]:
    """Those of the columns that the account may not read ("person.birth_date").

    The embedded warehouse has no accounts: who opens it may read all of it.
    """
    if connection.dialect.name != "postgresql":
        return []
    return [str(column) for column in columns if not _may_read(connection, column)]


def _may_read(connection: Connection, column: Column[Any]) -> bool:
    has_right = func.has_column_privilege(column.table.name, column.name, "SELECT")
    return bool(connection.execute(select(has_right)).scalar_one())
