"""Finds the consents that a delivery brings again without the withdrawal that was known of them.

One may be corrected so, or lost: its person is in doubt until somebody decides. Most at once are an
export whose column of withdrawals was left empty.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Table,
    and_,
    func,
    or_,
    select,
)

from warehouse.gates.one_consent import EARLIEST_DAY
from warehouse.loading.history import HistoryUpdate, find_changed
from warehouse.record_join import match_keys
from warehouse.schema import consent, load

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


@dataclass(frozen=True)
class LostWithdrawal:
    """A consent without the withdrawal that was known of it; file, table and row of it now.

    ``said_on``: the day of the withdrawal; None where there was none that can be.
    """

    person_key: str
    said_on: date | None
    file: str
    table: str
    row: int


def find_lost(
    connection: Connection, source: str, number: int, still: Collection[str]
) -> list[LostWithdrawal]:
    """The consents that lost their withdrawal with a load, and those of the persons ``still``.

    A key that another person bears now is another consent.
    """
    now, former, arrived = consent.alias("now"), consent.alias("former"), load.alias("arrived")
    same = and_(
        match_keys(former, "source_key", now, "source_key"),
        former.c.person_key == now.c.person_key,
    )
    concerned = or_(former.c.known_to == number, now.c.person_key.in_(sorted(still)))
    rows = (
        select(
            now.c.person_key,
            former.c.revoked_on,
            arrived.c.delivered_on,
            now.c.source_file,
            now.c.source_table,
            now.c.source_row,
        )
        .select_from(now.join(former, same).join(arrived, arrived.c.number == former.c.known_from))
        .where(now.c.source == source, now.c.known_to.is_(None), ~_is_withdrawn(now))
        .where(former.c.known_to.is_not(None), _was_withdrawn(former), concerned)
        .order_by(now.c.source_file, now.c.source_row, former.c.known_from)
    )
    return [_describe_lost(row) for row in connection.execute(rows)]


def _was_withdrawn(former: FromClause) -> ColumnElement[bool]:
    """Condition: it had a withdrawal. A release has no cell for one: it was read only in part."""
    of_form = and_(former.c.revoked_on_unreadable.is_(True), former.c.basis == "form")
    return or_(former.c.revoked_on.is_not(None), of_form)


def _describe_lost(row: Row[*tuple[Any, ...]]) -> LostWithdrawal:
    day = row.revoked_on
    can_be = day is not None and EARLIEST_DAY <= day <= row.delivered_on
    place = row.source_file, row.source_table, row.source_row
    return LostWithdrawal(row.person_key, day if can_be else None, *place)


def _is_withdrawn(rows: FromClause) -> ColumnElement[bool]:
    return or_(rows.c.revoked_on.is_not(None), rows.c.revoked_on_unreadable.is_(True))
