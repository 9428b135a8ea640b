"""Which of several records of a human being speaks for an attribute: one rule for all figures.

A stated value goes before "ohne Angabe", a definite one before "ungeklärt"; then what is valid on
the day counted on, and of that the newest dated; then a record with an open case; then the case that
began last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
    union,
)

from warehouse.as_of import KnownAt
from warehouse.marts.scope import Scope, in_order, name_place, select_cases
from warehouse.record_join import match_keys
from warehouse.schema import person, person_link

NOT_STATED, NOT_DELIVERED = "ohne_angabe", "nicht_geliefert"
# Says that nobody knows which value is right.
UNSETTLED = "ungeklaert"


# Makes the value of a row of an attribute's table.
Reading = Callable[[FromClause], ColumnElement[Any]]


def select_attribute(
    scope: Scope,
    attribute: Column[Any],
    read: Reading | None = None,
    stated_at: KnownAt | None = None,
) -> Select[Any]:
    """Selects the value of an attribute of each human being, as ``value`` by ``human``.

    ``read`` makes a text of a row of the attribute's table, where the column is none itself.
    ``stated_at``: the value as it was known then (None: as in the scope), of today's human beings.
    ``source`` and ``source_key`` name the record that speaks, ``file``, ``table``, ``row`` and
    ``load`` where its row was read. Where none states a value, it is "ohne Angabe"; where only
    sources know the person that do not deliver the attribute, "nicht geliefert".
    """
    stated = _select_stated(attribute, stated_at or scope.known_at)
    ranked = _rank_statements(scope, attribute, stated, read).subquery("ranked")
    return select(ranked).where(ranked.c.place == 1)


def name_human(links: FromClause, rows: FromClause, key: str) -> ColumnElement[str]:
    """The human being of a row joined with its link; a record without one stands for itself."""
    return func.coalesce(links.c.person_id, rows.c.source + ":" + rows.c[key])


def is_open(scope: Scope, cases: FromClause) -> ColumnElement[bool]:
    """Condition: the case began by the day counted on and did not end before that day."""
    ended, day = cases.c.ended_on, scope.counted_on
    still = ended.is_(None) if day is None else or_(ended.is_(None), ended >= day)
    return and_(is_until(cases.c.begun_on, day), still)


def is_until(day: ColumnElement[Any], last: Any) -> ColumnElement[bool]:
    """Condition: a known day is not after another one (None: after none)."""
    return day.is_not(None) if last is None else day <= last


def rank_cases(cases: FromClause) -> Sequence[ColumnElement[Any]]:
    """The order in which the cases of a human being say where they live: the last begun first.

    One of which the municipality is not known says nothing.
    """
    unplaced = case((cases.c.municipality.is_(None), 1), else_=0)
    return unplaced, cases.c.begun_on.desc(), *in_order(cases)


def _rank_statements(
    scope: Scope, attribute: Column[Any], stated: FromClause, read: Reading | None
) -> Select[Any]:
    """What each record says of the attribute; ``place`` 1 is what counts of the human being."""
    records, cases = _select_records(scope).subquery("records"), select_cases(scope)
    key = "source_key" if attribute.table is person else "person_key"
    value = read(stated) if read else stated.c[attribute.name]
    silent = records.c.source.in_(scope.silent_about(attribute))
    absent = case((silent, literal(NOT_DELIVERED)), else_=literal(NOT_STATED))
    ranks = (*_rank_days(scope, stated), *_rank_case(scope, cases), *in_order(records), value)
    order = (_rank_value(value, silent), *ranks)
    place = func.row_number().over(partition_by=records.c.human, order_by=order)
    described = match_keys(stated, key, records, "source_key")
    of_record = match_keys(cases, "person_key", records, "source_key")
    joined = records.outerjoin(stated, described).outerjoin(cases, of_record)
    columns = (*records.c, func.coalesce(value, absent).label("value"), place.label("place"))
    return select(*columns, *name_place(stated)).select_from(joined)


def _select_stated(attribute: Column[Any], known_at: KnownAt) -> FromClause:
    """The known rows of the attribute's table.

    Who may not read what identifies a person cannot count by it either, such as by age.
    """
    identifying = attribute.info["protection"] == "identifying"
    return known_at.select_rows(attribute.table, "attribute", identifying=identifying)


def _select_records(scope: Scope) -> Any:
    """The known records with their human being, also those of which only a case is known."""
    links, cases = scope.select_known(person_link), select_cases(scope)
    linked = match_keys(links, "source_key", cases, "person_key")
    human = name_human(links, cases, "person_key").label("human")
    known = select(links.c.source, links.c.source_key, links.c.person_id.label("human"))
    named = select(cases.c.source, cases.c.person_key.label("source_key"), human)
    return union(known, named.select_from(cases.outerjoin(links, linked)))


def _rank_value(value: ColumnElement[Any], silent: ColumnElement[bool]) -> ColumnElement[int]:
    unknown = value.is_(None)
    ranks = ((unknown & silent, 3), (unknown, 2), (value == NOT_STATED, 2), (value == UNSETTLED, 1))
    return case(*ranks, else_=0)


def _rank_days(scope: Scope, stated: FromClause) -> Iterator[ColumnElement[Any]]:
    """What is valid on the day counted on first, of that the newest; of some attributes only."""
    if "valid_from" not in stated.c:
        return
    begun, ended, day = stated.c.valid_from, stated.c.valid_until, scope.counted_on
    if day is not None:
        yield case((or_(begun > day, ended < day), 1), else_=0)
    yield begun.desc().nulls_last()


def _rank_case(scope: Scope, cases: FromClause) -> Iterator[ColumnElement[Any]]:
    yield case((is_open(scope, cases), 0), else_=1)
    begun = case((is_until(cases.c.begun_on, scope.counted_on), cases.c.begun_on), else_=None)
    yield begun.desc().nulls_last()
