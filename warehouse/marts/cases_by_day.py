"""Says which of a person's cases a day belongs to: who moved has one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    FromClause,
    and_,
    case,
    cast,
    func,
    or_,
    select,
    union,
)

_KEYS = ("source", "person_key")


def select_cases_by_day(cases: FromClause, keys: Sequence[str] = _KEYS) -> FromClause:
    """The cases with the days that belong to them, by ``is_day_of``; a case may have several spans.

    ``keys``: the columns that identify the person. A day belongs to the case that is open on it, of
    several to the one begun last; else to the last one begun before; else to the next. Cases of one
    begin share their days.
    """
    named = select(cases).cte()
    spans = _select_spans(named, keys)
    owner = [spans.c[key] for key in keys]
    place = func.rank().over(
        partition_by=(*owner, spans.c.first_day), order_by=_list_order(named, spans)
    )
    of_person = and_(*(named.c[key] == spans.c[key] for key in keys))
    days = (spans.c.first_day, spans.c.next_day, place.label("place_by_day"))
    ranked = select(*named.c, *days).select_from(named.join(spans, of_person)).subquery()
    return select(ranked).where(ranked.c.place_by_day == 1).subquery()


def _list_order(cases: FromClause, spans: FromClause) -> tuple[ColumnElement[Any], ...]:
    """By what the cases of a person are ordered within a span, the one it belongs to first."""
    c, begun, first = cases.c, cases.c.begun_on, spans.c.first_day
    has_begun = begun <= first
    is_open = and_(has_begun, or_(c.ended_on.is_(None), c.ended_on >= first))
    standing = case((is_open, 0), (has_begun, 1), (begun.is_not(None), 2), else_=3)
    return standing, case((has_begun, begun)).desc(), case((~has_begun, begun))


def is_day_of(cases: FromClause, day: ColumnElement[Any]) -> ColumnElement[bool]:
    """Condition: the day belongs to the case."""
    return and_(cases.c.first_day <= day, day < cases.c.next_day)


def _select_spans(cases: CTE, keys: Sequence[str]) -> FromClause:
    """Per person, the spans of days within which no case begins or ends."""
    c, owner = cases.c, [cases.c[key] for key in keys]
    days = union(
        select(*owner, cast(date.min, Date).label("first_day")),
        select(*owner, c.begun_on).where(c.begun_on.is_not(None)),
        select(*owner, c.ended_on + 1).where(c.ended_on.is_not(None)),
    ).subquery()
    of_person = [days.c[key] for key in keys]
    # No null: DuckDB joins by comparisons quickly, by OR it tries every pair.
    following = func.lead(days.c.first_day, 1, cast(date.max, Date)).over(
        partition_by=of_person, order_by=days.c.first_day
    )
    return select(days, following.label("next_day")).subquery()
