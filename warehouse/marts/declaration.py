"""Declares indicators: what one counts, in which records, by which units."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Select,
    String,
    Subquery,
    Table,
    and_,
    false,
    func,
    literal,
    null,
    select,
    tuple_,
    union,
    union_all,
)

from warehouse.as_of import KnownAt
from warehouse.marts.scope import PLACE, UNITS, By, Scope, name_place
from warehouse.schema import (
    conversation,
    conversation_participant,
    conversation_referral,
    conversation_topic,
    counselling_case,
    goal,
    plan,
    plan_participant,
    residence_status,
)

# What is counted by who held the conversation.
_OF_TALKS = (
    conversation,
    conversation_participant,
    conversation_topic,
    conversation_referral,
)
# Where the persons stand through whose case a record has its municipality.
_PARTICIPANTS: Mapping[Table, Table] = {
    **dict.fromkeys(_OF_TALKS, conversation_participant),
    plan: plan_participant,
    goal: plan_participant,
}
# The days that every figure reads which reads the table.
_DAYS: Mapping[Table, Sequence[Column[Any]]] = {
    conversation: (conversation.c.held_on,),
    counselling_case: (counselling_case.c.begun_on, counselling_case.c.ended_on),
    plan: (plan.c.concluded_on,),
    residence_status: (residence_status.c.valid_from, residence_status.c.valid_until),
}
Definition = Callable[[Scope, FromClause], Select[Any]]


class Counts(StrEnum):
    """The things that an indicator counts."""

    RECORDS = "records"
    """A row of the declared table, each once."""
    PERSON_RECORDS = "person_records"
    """A person's record in a source, however many rows of the declared table name it."""
    PERSONS = "persons"
    """A human being; the definition says who by a column ``person``."""


def _has_unit(scope: Scope, events: FromClause) -> list[ColumnElement[bool]]:
    # Records without a unit count in the district's figure only.
    return [events.c[name].is_not(None) for name in scope.unit_names]


def _count_things(
    things: FromClause, by: By | None = None, names: Sequence[str] = ()
) -> Select[Any]:
    """How many things there are, by the columns of a unit (none: of no unit) and by category."""
    unit = [things.c[name] for name in names]
    category = things.c.get("category")
    columns = {
        "by": literal(by, String),
        "unit": unit[0] if unit else null(),
        "unit_source": unit[1] if len(unit) > 1 else null(),
        "category": null() if category is None else category,
        "value": func.count(),
    }
    listed = (column.label(name) for name, column in columns.items())
    groups = unit if category is None else [*unit, category]
    return select(*listed).group_by(*groups)


@dataclass(frozen=True)
class Indicator:
    """A declared indicator. Called with a scope, it is the ``Select`` of its figures.

    ``define`` takes the scope and the rows of ``records`` as known at its load. It selects the
    scope's unit columns and, where there are, ``category`` and ``person``. The columns of the
    counted thing and of its evidence are added here, from the rows. ``needs``: columns without
    which a source has nothing to count; a 0 of it says nothing. ``identifying``: those it reads that
    identify persons; not every account may. ``reads``: what else it reads beside keys, days and the
    unit. ``stated_by``: selects the rows that say in which category a person counts, as
    ``select_attribute`` does.
    """

    define: Definition
    counts: Counts
    records: Table
    units: tuple[By, ...]
    in_catalogue: bool
    needs: tuple[Column[Any], ...] = ()
    identifying: tuple[Column[Any], ...] = ()
    reads: tuple[Column[Any], ...] = ()
    stated_by: Callable[[Scope], Select[Any]] | None = None

    @property
    def name(self) -> str:
        """The name in catalogue, commands and answers."""
        return self.define.__name__

    @property
    def definition(self) -> str:
        """The official definition in German: the docstring up to its source."""
        return self._docstring[0]

    @property
    def source(self) -> str:
        """Where the definition comes from: what the docstring has after ``Quelle:``."""
        return self._docstring[1]

    @property
    def record_kind(self) -> str:
        """The table of the records named as evidence: a topic is shown by its conversation."""
        is_part = self.counts is Counts.RECORDS and self.records in _OF_TALKS
        return (conversation if is_part else self.records).name

    def list_needs(self, by: By | None) -> tuple[Column[Any], ...]:
        """The columns that a source must deliver to be counted by a unit."""
        own = self.needs or (self.records.c.source_key,)
        if by != "staff":
            return own
        return (*own, (conversation if self.records in _OF_TALKS else counselling_case).c.staff)

    def list_read(self, by: By | None) -> tuple[Column[Any], ...]:
        """The columns that decide whether, by which unit and in which category something counts."""
        named = [self.records.c.source_key, *self._list_unit_columns(by)]
        named += [*self.list_needs(by), *self.identifying, *self.reads]
        if self.records in _OF_TALKS:
            named.append(conversation.c.held_on)
        tables = dict.fromkeys(column.table for column in named)
        keys = [c for table in tables for c in table.columns if c.name.endswith("_key")]
        days = [day for table in tables for day in _DAYS.get(table, ())]
        return tuple(dict.fromkeys([*keys, *days, *named]))

    def _list_unit_columns(self, by: By | None) -> Iterator[Column[Any]]:
        """What leads from a record to its unit, where that is known through a person's case."""
        is_of_place = by in ("municipality", "team")
        if is_of_place:
            yield counselling_case.c.municipality
        people = _PARTICIPANTS.get(self.records)
        if people is not None and (is_of_place or (by == "staff" and people is plan_participant)):
            yield people.c.person_key

    @cached_property
    def has_categories(self) -> bool:
        """Whether each figure belongs to a category."""
        scope = Scope(None, None, KnownAt(0))
        return "category" in self.define(scope, scope.select_known(self.records)).selected_columns

    @cached_property
    def counts_events(self) -> bool:
        """Whether it counts what happened within the period, rather than what stands on a day."""
        begun, open_begin = (Scope(first, None, KnownAt(0)) for first in (date.min, None))
        one, other = (self.define(s, s.select_known(self.records)) for s in (begun, open_begin))
        return str(one) != str(other)

    @property
    def thing_names(self) -> tuple[str, ...]:
        """The columns of ``list_records`` that tell one counted thing from another."""
        return ("person",) if self.counts is Counts.PERSONS else ("thing_source", "thing")

    def __call__(self, scope: Scope) -> Select[Any]:
        """The figures: ``value`` by the unit's columns and ``category``.

        ValueError for a unit that is not among ``units``.
        """
        events = self.select_things(scope)
        groups = [events.c[n] for n in (*scope.unit_names, "category") if n in events.c]
        figures = select(*groups, func.count().label("value")).select_from(events)
        return figures.where(*_has_unit(scope, events)).group_by(*groups)

    def count_together(self, scope: Scope, units: Collection[tuple[Any, ...]]) -> Select[Any]:
        """The figures of several units of the scope's kind as one: ``value`` by ``category``.

        What counts in more than one of them counts once. ``units``: in the order of unit_names.
        """
        events = self.select_things(scope)
        unit = tuple_(*(events.c[name] for name in scope.unit_names))
        wanted = unit.in_(sorted(units)) if units else false()
        groups = [name for name in ("category",) if name in events.c]
        things = select(*(events.c[n] for n in (*groups, *self.thing_names)))
        once = things.where(wanted).distinct().subquery("once")
        columns = [once.c[name] for name in groups]
        return select(*columns, func.count().label("value")).select_from(once).group_by(*columns)

    def count_by_units(self, scope: Scope, units: Collection[By]) -> Select[Any]:
        """The figures of the district, by each of the units, and of what belongs to no such unit.

        ``by``: the unit's kind, null for the district; ``unit`` and ``unit_source``: null for what
        belongs to none; ``category``; ``value``. A person or record that counts in one unit is not
        without one. One statement, so that what is counted is looked up once.
        """
        whole = self._select_distinct(scope).cte("things")
        parts = [_count_things(whole).select_from(whole)]
        for by in units:
            of_kind = replace(scope, by=by)
            own = self._select_distinct(of_kind).cte(f"things_by_{by}")
            has_unit = _has_unit(of_kind, own)
            counted = _count_things(own, by, of_kind.unit_names).select_from(own)
            parts.append(counted.where(*has_unit))
            left, is_left = self._leave_over(whole, own, has_unit)
            parts.append(_count_things(whole, by).select_from(left).where(is_left))
        figures = union_all(*parts).subquery("counted")
        return select(figures).where(figures.c.value > 0)

    def _leave_over(
        self, whole: FromClause, own: FromClause, has_unit: Sequence[ColumnElement[bool]]
    ) -> tuple[FromClause, ColumnElement[bool]]:
        """The things of the district joined with those of units, and which belong to none."""
        same = and_(*(own.c[name] == whole.c[name] for name in self.thing_names))
        # DuckDB joins three times for a condition of NOT EXISTS.
        return whole.outerjoin(own, and_(same, *has_unit)), own.c[self.thing_names[0]].is_(None)

    def select_things(self, scope: Scope) -> Subquery:
        """What counts in the scope, each thing once per unit and category."""
        return self._select_distinct(scope).subquery()

    def _select_distinct(self, scope: Scope) -> Select[Any]:
        counted, rows = self._select_counted(scope)
        return counted.add_columns(*self._thing_columns(rows)).distinct()

    def list_records(self, scope: Scope) -> Select[Any]:
        """The records behind the figures: the columns of unit, category and thing, the record
        (``record_source``, ``record``) and where it was read (``file``, ``table``, ``row``, ``load``)."""
        counted, rows = self._select_counted(scope)
        columns = (*self._thing_columns(rows), *self._evidence_columns(rows))
        listed = counted.add_columns(*columns).distinct().subquery("listed")
        behind = select(listed).where(*_has_unit(scope, listed))
        if self.stated_by is None:
            return behind
        return select(union(behind, self._list_stating(scope, behind)).subquery("stated_behind"))

    def _list_stating(self, scope: Scope, behind: Select[Any]) -> Select[Any]:
        """The rows that say in which category the persons of some rows count."""
        assert self.stated_by is not None
        counted = behind.subquery("counted_by")
        stated = self.stated_by(scope).subquery("stating")
        said = {"record_source": stated.c.source, "record": stated.c.source_key}
        said |= {name: stated.c[name] for name in PLACE}
        columns = (said.get(c.name, c).label(c.name) for c in counted.c)
        of_person = stated.c.human == counted.c.person
        return (
            select(*columns).join_from(counted, stated, of_person).where(stated.c.row.is_not(None))
        )

    def list_without_unit(self, scope: Scope) -> Select[Any]:
        """The same of what belongs to no unit of the scope's kind; without columns of a unit."""
        whole = self.list_records(replace(scope, by=None)).subquery("whole")
        own = self.select_things(scope)
        left, is_left = self._leave_over(whole, own, _has_unit(scope, own))
        return select(whole).select_from(left).where(is_left)

    def count_rows(self, scope: Scope) -> Select[Any]:
        """How many delivered rows the figures were counted from: ``rows`` by the unit's columns and
        ``category``, by source (``record_source``), ``load``, ``file`` and ``table``."""
        listed = self.list_records(scope).subquery("behind")
        names = (*scope.unit_names, "category", "record_source", "load", "file", "table")
        groups = [listed.c[name] for name in names if name in listed.c]
        counted = select(*groups, func.count(listed.c.row.distinct()).label("rows"))
        return counted.group_by(*groups)

    def _evidence_columns(self, rows: FromClause) -> tuple[ColumnElement[Any], ...]:
        c = rows.c
        named = c.record_key if self.counts is Counts.RECORDS else c.person_key
        return c.source.label("record_source"), named.label("record"), *name_place(rows)

    def _select_counted(self, scope: Scope) -> tuple[Select[Any], FromClause]:
        if scope.by is not None and scope.by not in self.units:
            raise ValueError(f"{self.name} is not counted by {scope.by}")
        rows = scope.select_known(self.records)
        counted = self.define(scope, rows)
        self._check_columns(scope, counted)
        return counted, rows

    def _check_columns(self, scope: Scope, counted: Select[Any]) -> None:
        # One column more or less would count something else without anyone noticing.
        person = {"person"} if self.counts is Counts.PERSONS else set()
        if set(counted.selected_columns.keys()) - {"category"} != {*scope.unit_names, *person}:
            raise TypeError(f"{self.name} selects other columns than its unit, category, person")

    def _thing_columns(self, rows: FromClause) -> tuple[ColumnElement[Any], ...]:
        if self.counts is Counts.PERSONS:
            return ()
        key = rows.c.source_key if self.counts is Counts.RECORDS else rows.c.person_key
        return rows.c.source.label("thing_source"), key.label("thing")

    @property
    def _docstring(self) -> tuple[str, str]:
        text = " ".join((self.define.__doc__ or "").split())
        meaning, _, source = text.partition(" Quelle: ")
        return meaning, source.rstrip(".")


def _names_a_person(records: Table) -> bool:
    key = records.c.get("person_key")
    return key is not None and not key.nullable


def indicator(
    *,
    counts: Counts,
    records: Table,
    units: tuple[By, ...] = UNITS,
    needs: tuple[Column[Any], ...] = (),
    identifying: tuple[Column[Any], ...] = (),
    reads: tuple[Column[Any], ...] = (),
    in_catalogue: bool = True,
    stated_by: Callable[[Scope], Select[Any]] | None = None,
) -> Callable[[Definition], Indicator]:
    """Declares a function of the marts as an indicator under the function's name.

    ``needs``: columns that a source must deliver; none: just rows of the table. ``identifying``:
    columns that identify persons and are read. ``in_catalogue``: False where only the report asks
    for it. ``reads`` and ``stated_by`` as in Indicator. TypeError where the docstring lacks
    definition or source, or persons are counted in a table that does not name one in each row.
    """

    def declare(define: Definition) -> Indicator:
        declared = Indicator(
            define, counts, records, units, in_catalogue, needs, identifying, reads, stated_by
        )
        _check_declaration(declared)
        return declared

    return declare


def _check_declaration(declared: Indicator) -> None:
    name, counts, table = declared.name, declared.counts, declared.records
    if not (declared.definition and declared.source):
        raise TypeError(f"{name} needs a docstring: the definition, then 'Quelle: …'")
    if counts is not Counts.RECORDS and not _names_a_person(table):
        raise TypeError(f"{name} counts {counts}, but not every {table.name} names a person")
