"""Tells whether the account may empty rows also of tables that can only be added to."""

from __future__ import annotations

from sqlalchemy import Connection, text

from warehouse.errors import NoRight
from warehouse.schema import metadata

_MAY_CHANGE = "SELECT has_table_privilege(current_user, :name, 'UPDATE')"


def require_rights(connection: Connection) -> None:
    """Raises NoRight before anything is begun; the embedded warehouse has no accounts."""
    if connection.dialect.name != "postgresql":
        return
    fixed = [t.name for t in metadata.sorted_tables if t.info.get("append_only")]
    for name in fixed:
        if not connection.execute(text(_MAY_CHANGE), {"name": name}).scalar_one():
            raise NoRight(
                "this account may not change records that can only be added to; an erasure needs the "
                "owner of the tables: add --user NAME. Nothing was begun"
            )
