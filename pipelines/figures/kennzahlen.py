"""Computes every indicator of the catalogue, for the district and the units asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from connectors.documents.figure_data import Figure, Gap, LeftOver, RevisedFigure
from mappings.catalogue import Catalogue, Indicator, Purpose, check_indicators
from mappings.code_lists import NOT_STATED
from pipelines.figures.figure_rules import FigureRules, read_rules
from pipelines.figures.undelivered import list_gaps, without_empty_lines
from pipelines.figures.withheld import Withheld, leave_out, list_withheld
from pipelines.hub import Hub
from warehouse.as_of import KnownAt, Moment, resolve_within
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.person_attributes import NOT_DELIVERED
from warehouse.marts.scope import By, Scope

# Categories that are in no code list: what a source leaves open, and what it does not deliver.
UNKNOWN_LABELS: dict[str | None, str | None] = {
    NOT_STATED: "ohne Angabe",
    NOT_DELIVERED: "nicht geliefert",
}


@dataclass(frozen=True)
class Period:
    """First and last day, both included; None: open."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Kennzahlen:
    """The figures of a period as known at a load, and the catalogue they follow.

    ``counted_on``: the day on which what stands open was counted, such as clients.
    ``not_delivered``: what sources do not deliver; a figure that no source of a unit delivers has
    no line. ``without_unit``: what belongs to no unit of a kind. ``withheld``: what the account may
    not count. ``revised``: what was handed in with another value; ``later``: what came after the
    period or is missing of it, in German.
    """

    period: Period
    counted_on: date | None
    as_of: date
    load: int
    catalogue: str
    figures: Sequence[Figure]
    not_delivered: Sequence[Gap] = ()
    without_unit: Sequence[LeftOver] = ()
    withheld: Sequence[Withheld] = ()
    revised: Sequence[RevisedFigure] = ()
    later: Sequence[str] = ()


@dataclass(frozen=True)
class FigureRequest:
    """A period, and the day or load as of which to answer (None: all that is known).

    ``first`` and ``last`` are both included; None: open. ``rules``: those to answer by; None: those
    of today, for the state or for the district itself (``purpose``).
    """

    first: date | None
    last: date | None
    as_of: Moment | None = None
    rules: FigureRules | None = None
    purpose: Purpose = "state"


def check_catalogue() -> None:
    """Raises YamlProblems where catalogue and declared indicators do not match."""
    check_indicators({name: found.has_categories for name, found in INDICATORS.items()})


def compute_kennzahlen(
    hub: Hub, asked: FigureRequest, units: Sequence[By] = (), known_at: KnownAt | None = None
) -> Kennzahlen:
    """The answer of ``drehscheibe kennzahlen``: first the district's figures, then each unit's.

    ``known_at``: the resolved ``asked.as_of``, where the caller has it already.
    """
    check_catalogue()
    known_at = known_at or hub.known_at(asked.as_of)
    rules = take_rules(hub, asked, known_at)
    asked = replace(asked, rules=rules)
    whole = open_scope(hub, asked, known_at)
    scopes = [replace(whole, by=by) for by in (None, *units)]
    shown = [line.indicator for line in rules.catalogue.indicators()]
    with hub.store.read() as connection:
        withheld = list(list_withheld(connection, shown))
        catalogue = leave_out(rules.catalogue, withheld)
        shown = [line.indicator for line in catalogue.indicators()]
        gaps = [gap for scope in scopes for gap in list_gaps(connection, scope, shown)]
        figures, left = count_figures(connection, whole, catalogue, units)
    return Kennzahlen(
        Period(asked.first, asked.last),
        whole.counted_on,
        _find_day(hub, asked, known_at),
        known_at.load,
        catalogue.name,
        without_empty_lines(figures, gaps),
        gaps,
        left,
        withheld,
    )


def _find_day(hub: Hub, asked: FigureRequest, known_at: KnownAt) -> date:
    """The day as of which is answered."""
    return asked.as_of if isinstance(asked.as_of, date) else hub.date_of(known_at.load)


def open_scope(hub: Hub, asked: FigureRequest, known_at: KnownAt, by: By | None = None) -> Scope:
    """The scope of the figures asked for; no day to come is counted on."""
    rules = take_rules(hub, asked, known_at)
    scope = Scope(asked.first, asked.last, known_at, by, rules.today, rules.silent)
    with hub.store.read() as connection:
        before, by_end = (
            resolve_within(connection, known_at, day) if day else None
            for day in (_day_before(asked.first), scope.counted_on)
        )
    return replace(scope, before=before, by_end=by_end)


def _day_before(day: date | None) -> date | None:
    return day - timedelta(days=1) if day and day > date.min else None


def take_rules(hub: Hub, asked: FigureRequest, known_at: KnownAt) -> FigureRules:
    """The rules a request is answered by."""
    return asked.rules or read_rules(hub, asked.last, known_at, asked.purpose)


def count_figures(
    connection: Connection, whole: Scope, catalogue: Catalogue, units: Sequence[By] = ()
) -> tuple[list[Figure], list[LeftOver]]:
    """All indicators of the catalogue, for the district and by each of the units that it has.

    The district's figures include those that counted nothing. Second, what belongs to no unit.
    """
    lines = catalogue.indicators()
    counted = [_count_indicator(connection, whole, line.indicator, units) for line in lines]
    figures: list[Figure] = []
    left: list[LeftOver] = []
    for by in (None, *units):
        for line, found in zip(lines, counted, strict=True):
            figures += _list_unit_figures(line, replace(whole, by=by), found.by_unit.get(by, {}))
            left += _list_left_over(line, by, found.without_unit.get(by, {}))
    return figures, left


# By category: how many.
_Values = dict[str | None, int]


@dataclass(frozen=True)
class _Counted:
    """What an indicator counts, by kind of unit and unit, and what belongs to no such unit."""

    by_unit: dict[By | None, dict[tuple[str, ...], _Values]]
    without_unit: dict[By | None, _Values]


def _count_indicator(
    connection: Connection, whole: Scope, name: str, units: Sequence[By]
) -> _Counted:
    declared, found = INDICATORS[name], _Counted({None: {(): {}}}, {})
    counted = declared.count_by_units(whole, [by for by in units if by in declared.units])
    for row in connection.execute(counted):
        if row.by and row.unit is None:
            values = found.without_unit.setdefault(row.by, {})
        else:
            unit = tuple(filter(None, (row.unit, row.unit_source)))
            values = found.by_unit.setdefault(row.by, {}).setdefault(unit, {})
        values[row.category] = int(row.value)
    return found


def _list_unit_figures(
    line: Indicator, scope: Scope, counted: dict[tuple[str, ...], _Values]
) -> Iterable[Figure]:
    for unit, by_category in sorted(counted.items()):
        names = dict(zip(scope.unit_names, unit, strict=True))
        yield from list_figure_lines(line, names, by_category, shown=scope.by is None)


def _list_left_over(line: Indicator, by: By | None, counted: _Values) -> Iterable[LeftOver]:
    labels = line.labels() | UNKNOWN_LABELS
    # Sorted here, because databases give groups in an order of their own.
    for category, value in sorted(counted.items(), key=lambda found: found[0] or ""):
        yield LeftOver(line.indicator, category, labels.get(category), str(by), value)


def list_figure_lines(
    indicator: Indicator, unit: dict[str, Any], counted: dict[str | None, int], *, shown: bool
) -> Iterable[Figure]:
    """The lines of a unit in the order of the list; ``shown``: those that counted nothing, too."""
    name, labels = indicator.indicator, indicator.labels()
    for category, label in labels.items():
        value = counted.get(category, 0)
        if value or (shown and not indicator.open_list and category != NOT_STATED):
            yield Figure(name, category, label, unit, value)
    for category, label in UNKNOWN_LABELS.items():
        if category in counted and category not in labels:
            yield Figure(name, category, label, unit, counted[category])
