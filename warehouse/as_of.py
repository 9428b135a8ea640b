"""What was known at a load: made once from a day or the number of a load, and the filter that reads
a table as it was known then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
)

from warehouse.schema import load, person_link
from warehouse.schema.columns import without_identity

# As of when to answer: the day of deliveries, or the number of a load.
Moment = date | int


class UnknownDay(Exception):
    """Nothing had been delivered by the day asked for, or there is no load of that number."""


@dataclass(frozen=True)
class KnownAt:
    """The loads whose knowledge an answer has: all up to ``load``, without those in ``late``.

    ``late``: loads up to ``load`` of deliveries dated after the day asked for; one source may
    deliver late what others have passed already. Empty where a load was asked for. ``current``:
    neither a day nor a load was asked for, so the registers are those of today, even where no load
    has come since they changed.
    """

    load: int
    late: frozenset[int] = frozenset()
    current: bool = False

    def includes(self, number: ColumnElement[Any]) -> ColumnElement[bool]:
        """Condition: the load of this number is one of those whose knowledge the answer has."""
        up_to = number <= self.load
        return and_(up_to, number.not_in(self.late)) if self.late else up_to

    def select_rows(
        self, table: Table, name: str | None = None, *, identifying: bool = False
    ) -> FromClause:
        """The rows of a table with history as they were known.

        Columns that name a person only with ``identifying``, so that accounts without a right to
        them can count.
        """
        c = table.c
        known = [self.includes(c.known_from), or_(c.known_to.is_(None), ~self.includes(c.known_to))]
        if self.late and table is person_link:
            # The rows of a source come in order of date; links change with a load of any source:
            # of the links of a record that count, the newest holds.
            newer = person_link.alias()
            same_record = (
                newer.c.source == c.source,
                newer.c.source_key == c.source_key,
                newer.c.known_from > c.known_from,
            )
            known.append(~exists().where(*same_record, self.includes(newer.c.known_from)))
        columns = table.columns if identifying else without_identity(table)
        return select(*columns).where(*known).subquery(name or f"known_{table.name}")

    def in_force(self, register: Table) -> ColumnElement[bool]:
        """Condition: the entry of a register held when the load was made.

        Late deliveries change nothing here: registers come from the configuration, not with them.
        """
        c = register.c
        if self.current:
            return c.known_to.is_(None)
        return and_(c.known_from <= self.load, or_(c.known_to.is_(None), c.known_to > self.load))


def resolve_moment(connection: Connection, moment: Moment | None) -> KnownAt:
    """What was known at a load, or after the deliveries dated up to a day; None: all that is known.

    UnknownDay where there is no such load.
    """
    last = select(func.max(load.c.number))
    newest = connection.execute(last).scalar_one() or 0
    if moment is None and newest == 0:
        raise UnknownDay("nothing has been loaded yet")
    if moment is None:
        return KnownAt(newest, current=True)
    if isinstance(moment, int):
        if not 1 <= moment <= newest:
            raise UnknownDay(f"there is no load {moment}; the newest is {newest}")
        return KnownAt(moment)
    number = connection.execute(last.where(load.c.delivered_on <= moment)).scalar_one()
    if number is None:
        raise UnknownDay(f"nothing delivered on or before {moment} has been loaded")
    late = select(load.c.number).where(load.c.number <= number, load.c.delivered_on > moment)
    return KnownAt(number, frozenset(connection.execute(late).scalars()))
