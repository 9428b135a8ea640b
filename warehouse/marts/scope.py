"""What a figure is asked for: which period, as known at which load, by which unit. How it is counted stands with the indicators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, Table, and_, literal, select

from warehouse.as_of import KnownAt
from warehouse.schema import counselling_case, municipality, source_register

By = Literal["municipality", "staff", "carrier", "team", "source"]
UNITS: tuple[By, ...] = ("municipality", "staff", "carrier", "team", "source")


@dataclass(frozen=True)
class Scope:
    """A period (both days belong to it; None: open), what the answer knows, and the unit (None: the district)."""

    first: date | None
    last: date | None
    known_at: KnownAt
    by: By | None = None

    def select_known(self, table: Table, name: str | None = None) -> FromClause:
        """The rows of an entity as known, without what names a person."""
        return self.known_at.select_rows(table, name)

    def within(self, day: ColumnElement[Any]) -> ColumnElement[bool]:
        """The day lies within the period; an unknown day never does."""
        conditions: list[ColumnElement[bool]] = [day.is_not(None)]
        if self.first:
            conditions.append(day >= self.first)
        if self.last:
            conditions.append(day <= self.last)
        return and_(*conditions)

    @property
    def unit_names(self) -> tuple[str, ...]:
        """The columns that name the unit in the answer."""
        if self.by is None:
            return ()
        return ("staff", "source") if self.by == "staff" else (self.by,)


def unit_columns(
    scope: Scope,
    source: ColumnElement[Any],
    staff: ColumnElement[Any],
    ags: ColumnElement[Any] | None,
) -> list[ColumnElement[Any]]:
    """The columns of the unit, from the source, the staff and the municipality of what is counted."""
    if scope.by is None:
        return []
    if scope.by == "staff":
        return [staff.label("staff"), source.label("source")]
    if scope.by == "source":
        return [source.label("source")]
    if scope.by == "carrier":
        registered = scope.known_at.in_force(source_register)
        carrier = select(source_register.c.carrier).where(
            source_register.c.source == source, registered
        )
        return [carrier.scalar_subquery().label("carrier")]
    if ags is None:
        return [literal(None).label(scope.by)]
    if scope.by == "municipality":
        return [ags.label("municipality")]
    team = select(municipality.c.team).where(
        municipality.c.ags == ags, scope.known_at.in_force(municipality)
    )
    return [team.scalar_subquery().label("team")]


def needs_case(scope: Scope) -> bool:
    """True where the unit is known only through the case of the counselled person."""
    return scope.by in ("municipality", "team")


def select_cases(scope: Scope) -> FromClause:
    """The cases known at the load: a person's municipality and counsellor at a carrier stand there."""
    return scope.select_known(counselling_case)


def in_order(rows: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Source and key, in the same order on every server: by itself each sorts by its own language."""
    return rows.c.source.collate("C"), rows.c.source_key.collate("C")
