"""Joins events with the record and the human being that they were about when they became known.

A record that is no longer delivered still says whom and where: the version known last counts,
except what only an undone load said. A key may have gone from one human being to another since.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table, and_, case, exists, func, select

from warehouse.identity.key_owners import KEY_REUSED
from warehouse.marts.cases_by_day import is_day_of, select_cases_by_day
from warehouse.marts.scope import Scope
from warehouse.record_join import match_keys
from warehouse.schema import counselling_case, load, person_link, restoration

# Later than every load.
_NEVER = 2**31 - 1


class LastingRecords:
    """The persons' records of all sources, each as it was known last, for rows that name them.

    ``rows`` are as known and have ``person_key``; ``origin`` is ``join`` completed.
    """

    def __init__(self, scope: Scope, join: FromClause, rows: FromClause) -> None:
        self._scope, self._rows = scope, rows
        self._owners = _select_former_owners(scope).subquery("former_owners")
        within = _is_within(self._owners, rows, "person_key")
        self.origin = join.outerjoin(self._owners, within)

    @property
    def _until(self) -> ColumnElement[int]:
        """The load from which the row's key is somebody else's; 0 where it is not."""
        return func.coalesce(self._owners.c.until, 0)

    def join_humans(self) -> ColumnElement[str]:
        """The human being a row is about; a row whose person no table ever had is left out."""
        c = person_link.c
        links = self._select_last(person_link, "source_key", c.known_from, c.person_id)
        known = match_keys(links, "source_key", self._rows, "person_key")
        self.origin = self.origin.join(links, and_(known, links.c.until == self._until))
        return links.c.person_id

    def join_cases(self, day: ColumnElement[Any]) -> FromClause:
        """The case of the person that the day belongs to; perhaps none.

        It is one of those that are known, else of those known last. ``is_former``: it is not known
        any more.
        """
        c = counselling_case.c
        known_to = case((self._scope.known_at.includes(c.known_to), c.known_to), else_=None)
        is_former = known_to.is_not(None).label("is_former")
        last = func.coalesce(known_to, _NEVER)
        columns = (c.municipality, c.staff, c.begun_on, c.ended_on, is_former)
        known = self._select_last(counselling_case, "person_key", last, *columns)
        cases = select_cases_by_day(known, ("source", "person_key", "until"))
        of_person = match_keys(cases, "person_key", self._rows, "person_key")
        is_theirs = and_(of_person, cases.c.until == self._until, is_day_of(cases, day))
        self.origin = self.origin.outerjoin(cases, is_theirs)
        return cases

    def _select_last(
        self, table: Table, key: str, last: ColumnElement[int], *columns: ColumnElement[Any]
    ) -> FromClause:
        """The rows of a table that are ``last`` of each key and owner; ``until`` tells the owner."""
        c, owners = table.c, _select_former_owners(self._scope).subquery("owners_then")
        until = func.coalesce(owners.c.until, 0)
        place = func.rank().over(partition_by=(c.source, c[key], until), order_by=last.desc())
        ranked = (
            select(c.source, c[key], *columns, until.label("until"), place.label("place"))
            .select_from(table.outerjoin(owners, _is_within(owners, table, key)))
            .where(self._scope.known_at.includes(c.known_from), ~self._was_undone(table))
        )
        if table is person_link:
            ranked = ranked.where(c.rule != KEY_REUSED)
        rows = ranked.subquery(f"ranked_{table.name}")
        return select(rows).where(rows.c.place == 1).subquery(f"last_{table.name}")

    def _was_undone(self, table: Table) -> ColumnElement[bool]:
        """Condition: a row is known no more, and only a load said it that was taken back since."""
        c, r, includes = table.c, restoration.c, self._scope.known_at.includes
        taken_back = exists().where(
            load.c.number == c.known_from,
            load.c.source == c.source,
            r.source == c.source,
            r.restored_load < c.known_from,
            r.load_number > c.known_from,
            includes(r.load_number),
        )
        return and_(c.known_to.is_not(None), includes(c.known_to), taken_back)


def _select_former_owners(scope: Scope) -> Select[Any]:
    """Per key and former owner: from which load to which the key was that human being's."""
    c = person_link.c
    since = func.lag(c.known_from, 1, 0).over(
        partition_by=(c.source, c.source_key), order_by=c.known_from
    )
    return select(c.source, c.source_key, since.label("since"), c.known_from.label("until")).where(
        c.rule == KEY_REUSED, scope.known_at.includes(c.known_from)
    )


def _is_within(owners: FromClause, rows: FromClause, key: str) -> ColumnElement[bool]:
    """Condition: a row became known while its key was that owner's."""
    return and_(
        match_keys(owners, "source_key", rows, key),
        rows.c.known_from >= owners.c.since,
        rows.c.known_from < owners.c.until,
    )
