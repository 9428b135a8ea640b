"""The scope of a figure: period, state of knowledge and unit, with the conditions that follow."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import Column, ColumnElement, FromClause, Table, and_, literal, select

from warehouse.as_of import KnownAt
from warehouse.schema import counselling_case, municipality, source_register

By = Literal["municipality", "staff", "carrier", "team", "source"]
# Where a row was read, and the load it came with.
PLACE = ("file", "table", "row", "load")
UNITS: tuple[By, ...] = ("municipality", "staff", "carrier", "team", "source")


@dataclass(frozen=True)
class Scope:
    """A period (both days included; None: open), what is known, and the unit (None: district).

    ``today``: what stands open is counted on no later day; None: no day is to come. ``silent``:
    pairs of a column ("housing.kind") and a source that does not deliver it. ``before`` and
    ``by_end``: what was known on the day before the period and on its last day; None: nothing.
    """

    first: date | None
    last: date | None
    known_at: KnownAt
    by: By | None = None
    today: date | None = None
    silent: frozenset[tuple[str, str]] = frozenset()
    before: KnownAt | None = None
    by_end: KnownAt | None = None

    @property
    def counted_on(self) -> date | None:
        """The day on which what stands open is counted; None: the end of all that is known.

        It is the last of the period, but in a running one today.
        """
        return min((day for day in (self.last, self.today) if day), default=None)

    def select_known(self, table: Table, name: str | None = None) -> FromClause:
        """The rows of an entity as known, without the columns that identify a person."""
        return self.known_at.select_rows(table, name)

    def silent_about(self, column: Column[Any]) -> list[str]:
        """The sources that do not deliver the column."""
        return sorted(source for name, source in self.silent if name == str(column))

    def within(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """Condition: the day is within the period; an unknown day never is."""
        conditions: list[ColumnElement[bool]] = [day.is_not(None)]
        if self.first:
            conditions.append(day >= self.first)
        if self.last:
            conditions.append(day <= self.last)
        return and_(*conditions)

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The columns that identify the unit in the answer."""
        if self.by is None:
            return ()
        return ("staff", "source") if self.by == "staff" else (self.by,)


def unit_columns(
    scope: Scope,
    source: ColumnElement[Any],
    staff: ColumnElement[Any],
    ags: ColumnElement[Any] | None,
) -> list[ColumnElement[Any]]:
    """The columns of the unit, from source, staff and municipality (AGS) of the counted record."""
    match scope.by:
        case None:
            return []
        case "staff":
            return [staff.label("staff"), source.label("source")]
        case "source":
            return [source.label("source")]
        case "carrier":
            return [_look_up(scope, source_register.c.carrier, source_register.c.source, source)]
        case "municipality" | "team" if ags is None:
            return [literal(None).label(scope.by)]
        case "municipality":
            return [ags.label("municipality")]
        case "team":
            return [_look_up(scope, municipality.c.team, municipality.c.ags, ags)]


def _look_up(
    scope: Scope, wanted: Column[Any], key: Column[Any], value: ColumnElement[Any]
) -> ColumnElement[Any]:
    """A register's column for a key, from the entry that was in force."""
    found = select(wanted).where(key == value, scope.known_at.in_force(wanted.table))
    return found.scalar_subquery().label(wanted.name)


def find_kind(unit: Collection[str]) -> By | None:
    """The kind of unit that the names of its columns belong to; None for the district."""
    # The unit of a person has its source beside it.
    return next((kind for kind in UNITS if kind in unit), None)


def needs_case(scope: Scope) -> bool:
    """Whether the unit is known only through the case of the counselled person."""
    return scope.by in ("municipality", "team")


def select_cases(scope: Scope) -> FromClause:
    """The known cases; they hold a person's municipality and counsellor at a carrier."""
    return scope.select_known(counselling_case)


def in_order(rows: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Sort keys source and key, in byte order: servers differ in the language they sort by."""
    return rows.c.source.collate("C"), rows.c.source_key.collate("C")


def name_place(rows: FromClause) -> list[ColumnElement[Any]]:
    """The columns that say where a row was read: file, table and row, and the load it came with."""
    c = rows.c
    places = (c.source_file, c.source_table, c.source_row, c.known_from)
    return [column.label(name) for name, column in zip(PLACE, places, strict=True)]
