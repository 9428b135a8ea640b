"""The condition that joins two tables of the warehouse: same source, same key."""

from __future__ import annotations

from sqlalchemy import ColumnElement, FromClause, and_


def match_keys(
    left: FromClause, left_key: str, right: FromClause, right_key: str
) -> ColumnElement[bool]:
    """Condition: both rows are of one source and the two key columns are equal."""
    return and_(left.c.source == right.c.source, left.c[left_key] == right.c[right_key])
