"""Counts the consents that a delivery brings again without the withdrawal that was known of them.

One may be corrected so. Most at once are an export whose column of withdrawals was left empty.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, FromClause, Table, func, or_, select

from warehouse.loading.history import HistoryUpdate, find_changed
from warehouse.schema import consent

# Of the first withdrawal that a source ever had, nobody can tell a correction from a loss.
_FEW = 2


def count_lost(connection: Connection, update: HistoryUpdate, incoming: Table) -> int:
    """How many withdrawals go; 0 where it is only one, or the delivery has as many others."""
    lost = find_changed(connection, update, "consent", incoming).where(
        _is_withdrawn(consent), ~_is_withdrawn(incoming)
    )
    count = connection.execute(lost.with_only_columns(func.count())).scalar_one()
    if count < _FEW:
        return 0
    left = select(func.count()).select_from(incoming).where(_is_withdrawn(incoming))
    return count if count > connection.execute(left).scalar_one() else 0


def _is_withdrawn(rows: FromClause) -> ColumnElement[bool]:
    return or_(rows.c.revoked_on.is_not(None), rows.c.revoked_on_unreadable.is_(True))
