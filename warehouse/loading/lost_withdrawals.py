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
    Select,
    Subquery,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
)

from warehouse.as_of import select_undone
from warehouse.gates.one_consent import EARLIEST_DAY
from warehouse.loading.history import HistoryUpdate, find_changed
from warehouse.record_join import match_keys
from warehouse.schema import consent, load

# Of the first withdrawal that a source ever had, nobody can tell a correction from a loss.
_FEW = 2


def count_lost(connection: Connection, update: HistoryUpdate, incoming: Table) -> int:
    """How many withdrawals go; 0 where it is only one, or the delivery has as many others.

    One that went with its row goes when the row comes again without it.
    """
    changed = find_changed(connection, update, "consent", incoming).where(
        _is_withdrawn(consent), ~_is_withdrawn(incoming)
    )
    gone = (changed, _select_returning(update.source, incoming))
    counted = (rows.with_only_columns(func.count()) for rows in gone)
    count = sum(connection.execute(rows).scalar_one() for rows in counted)
    if count < _FEW:
        return 0
    left = select(func.count()).select_from(incoming).where(_is_withdrawn(incoming))
    return count if count > connection.execute(left).scalar_one() else 0


def _select_returning(source: str, incoming: Table) -> Select[()]:
    """The staged rows without a withdrawal whose row was gone, and had one when it went."""
    former, current = consent.alias("former"), consent.alias("current")
    last = _select_last(source)
    is_last = and_(_is_same(last, former), last.c.ended == former.c.known_to)
    known = and_(current.c.source == source, current.c.known_to.is_(None))
    is_there = exists().where(known, current.c.source_key == incoming.c.source_key)
    joined = incoming.join(former, former.c.source_key == incoming.c.source_key)
    return (
        select()
        .select_from(joined.join(last, is_last))
        .where(former.c.source == source, former.c.person_key == incoming.c.person_key)
        .where(_was_withdrawn(former), ~_is_withdrawn(incoming), ~is_there)
    )


def _select_last(source: str) -> Subquery:
    """When each consent of the source, of one person, last ended."""
    c = consent.c
    return (
        select(c.source, c.source_key, c.person_key, func.max(c.known_to).label("ended"))
        .where(c.source == source, c.known_to.is_not(None))
        .group_by(c.source, c.source_key, c.person_key)
        .subquery("last")
    )


def _is_same(left: FromClause, right: FromClause) -> ColumnElement[bool]:
    """Condition: both are of one consent; a key that another person bears is another consent."""
    same = match_keys(left, "source_key", right, "source_key")
    return and_(same, left.c.person_key == right.c.person_key)


@dataclass(frozen=True)
class LostWithdrawal:
    """A consent without the withdrawal that was known of it; file, table and row of it now.

    ``said_on``: the day of the withdrawal, or up to which it was said where it has none that can be.
    """

    person_key: str
    said_on: date
    file: str
    table: str
    row: int


def find_lost(
    connection: Connection, source: str, number: int, still: Collection[str]
) -> list[LostWithdrawal]:
    """The consents that a load brought without the withdrawal they last had, and all of ``still``.

    ``still``: the persons of whom one was lost before.
    """
    now, former, last = consent.alias("now"), consent.alias("former"), _select_last(source)
    is_new = and_(now.c.known_from == number, former.c.known_to == last.c.ended)
    found = (
        _select_former(now, former)
        .join(now, _is_same(former, now))
        .join(last, _is_same(last, former))
        .where(now.c.known_to.is_(None), ~_is_withdrawn(now))
        .where(or_(is_new, now.c.person_key.in_(sorted(still))))
        .order_by(now.c.source_file, now.c.source_row, former.c.known_from)
    )
    return _describe_lost(connection, found.where(former.c.source == source))


def find_vanished(
    connection: Connection, source: str, still: Collection[str]
) -> list[LostWithdrawal]:
    """The consents of the persons ``still`` that had a withdrawal and are not delivered any more."""
    former, now = consent.alias("former"), consent.alias("now")
    is_there = exists().where(_is_same(now, former), now.c.known_to.is_(None))
    mine = and_(former.c.source == source, former.c.person_key.in_(sorted(still)))
    return _describe_lost(connection, _select_former(former, former).where(mine, ~is_there))


def _select_former(place: FromClause, former: FromClause) -> Select[*tuple[Any, ...]]:
    """Former versions of consents that had a withdrawal, with the place of a version."""
    arrived, p = load.alias("arrived"), place.c
    return (
        select(
            former.c.person_key,
            former.c.revoked_on,
            arrived.c.delivered_on,
            p.source_file,
            p.source_table,
            p.source_row,
        )
        .select_from(former)
        .join(arrived, arrived.c.number == former.c.known_from)
        .where(former.c.known_to.is_not(None), _was_withdrawn(former))
        # What only a load said that was taken back was never said.
        .where(former.c.known_from.not_in(select_undone()))
    )


def _describe_lost(connection: Connection, rows: Select[*tuple[Any, ...]]) -> list[LostWithdrawal]:
    found = []
    for row in connection.execute(rows):
        day = row.revoked_on
        can_be = day is not None and EARLIEST_DAY <= day <= row.delivered_on
        said_on = day if can_be else row.delivered_on
        place = row.source_file, row.source_table, row.source_row
        found.append(LostWithdrawal(row.person_key, said_on, *place))
    return found


def _was_withdrawn(former: FromClause) -> ColumnElement[bool]:
    """Condition: it had a withdrawal. A release has no cell for one: it was read only in part."""
    of_form = and_(former.c.revoked_on_unreadable.is_(True), former.c.basis == "form")
    return or_(former.c.revoked_on.is_not(None), of_form)


def _is_withdrawn(rows: FromClause) -> ColumnElement[bool]:
    return or_(rows.c.revoked_on.is_not(None), rows.c.revoked_on_unreadable.is_(True))
