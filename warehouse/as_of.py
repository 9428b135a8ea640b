"""Resolves a day or load number to what was known then, and filters tables accordingly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Select,
    Table,
    and_,
    exists,
    func,
    or_,
    select,
)

from warehouse.schema import load, person_link, restoration
from warehouse.schema.columns import without_identity

# The day of deliveries, or the number of a load.
Moment = date | int


class UnknownDay(Exception):
    """Nothing had been delivered by the day asked for, or no load has the number asked for."""


@dataclass(frozen=True)
class KnownAt:
    """The loads an answer is based on: all up to ``load`` except those in ``late``.

    ``late``: loads up to ``load`` of deliveries dated after the day asked for, as a source may
    deliver later than others. Empty where a load was asked for. ``current``: neither a day nor a
    load was asked for, so today's registers apply, even if no load has come since they changed.
    ``day``: the day asked for.
    """

    load: int
    late: frozenset[int] = frozenset()
    current: bool = False
    day: date | None = None

    @property
    def moment(self) -> Moment:
        """What gives the same answer again: the load, or the day where the load alone says more."""
        return self.day if self.day and self.late else self.load

    def includes(self, number: ColumnElement[Any]) -> ColumnElement[bool]:
        """Condition: the load of this number is one of those the answer is based on."""
        up_to = number <= self.load
        return and_(up_to, number.not_in(self.late)) if self.late else up_to

    def select_rows(
        self, table: Table, name: str | None = None, *, identifying: bool = False
    ) -> FromClause:
        """Selects the rows of a table with history as they were known.

        Columns that identify a person are included with ``identifying`` only, so that accounts
        without the right to read them can count.
        """
        c = table.c
        known = [self.includes(c.known_from), or_(c.known_to.is_(None), ~self.includes(c.known_to))]
        if self.late and table is person_link:
            known.append(self._is_newest_link())
        columns = table.columns if identifying else without_identity(table)
        return select(*columns).where(*known).subquery(name or f"known_{table.name}")

    def _is_newest_link(self) -> ColumnElement[bool]:
        # A source's rows change in order of date, but links change with a load of any source:
        # several may count for one record, of which the newest applies.
        c, newer = person_link.c, person_link.alias()
        return ~exists().where(
            newer.c.source == c.source,
            newer.c.source_key == c.source_key,
            newer.c.known_from > c.known_from,
            self.includes(newer.c.known_from),
        )

    def in_force(self, register: Table) -> ColumnElement[bool]:
        """Condition: the entry of a register was in force when the load was made.

        Late deliveries are irrelevant, as registers come from the configuration.
        """
        c = register.c
        if self.current:
            return c.known_to.is_(None)
        return and_(c.known_from <= self.load, or_(c.known_to.is_(None), c.known_to > self.load))


def read_newest_load(connection: Connection) -> int:
    """Reads the number of the newest load; 0 before the first."""
    return int(connection.execute(select(func.max(load.c.number))).scalar_one() or 0)


def resolve_moment(connection: Connection, moment: Moment | None) -> KnownAt:
    """Returns what was known at a load or from the deliveries up to a day; None: all that is known.

    Raises UnknownDay where there is no such load.
    """
    newest = read_newest_load(connection)
    if moment is None and newest == 0:
        raise UnknownDay("nothing has been loaded yet")
    if moment is None:
        return KnownAt(newest, current=True)
    if isinstance(moment, int):
        if not 1 <= moment <= newest:
            raise UnknownDay(f"there is no load {moment}; the newest is {newest}")
        return KnownAt(moment)
    known = resolve_within(connection, KnownAt(newest), moment)
    if known is None:
        raise UnknownDay(f"nothing delivered on or before {moment} has been loaded")
    return replace(known, day=moment)


def resolve_within(connection: Connection, known_at: KnownAt, day: date) -> KnownAt | None:
    """Returns what was known by a day, of what an answer is based on; None: nothing was."""
    c = load.c
    last = select(func.max(c.number)).where(known_at.includes(c.number), c.delivered_on <= day)
    number = connection.execute(last).scalar_one()
    if number is None:
        return None
    # Of loads that a restoration took back, the restoration is all that is left.
    restoring = load.alias("restoring")
    taken_back = exists().where(
        restoration.c.load_number == restoring.c.number,
        restoration.c.source == c.source,
        restoration.c.restored_load < c.number,
        restoring.c.number > c.number,
        restoring.c.number <= number,
        restoring.c.delivered_on <= day,
    )
    late = select(c.number).where(c.number <= number, c.delivered_on > day, ~taken_back)
    left_out = frozenset(earlier for earlier in known_at.late if earlier < number)
    return KnownAt(number, left_out.union(connection.execute(late).scalars()))


def select_undone() -> Select[int | None]:
    """Selects the loads that were taken back: what came with them was never said."""
    undone = restoration.c.undone_load
    return select(undone).where(undone.is_not(None))
