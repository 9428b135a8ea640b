"""The figures as the interface gives them: every indicator of the catalogue, for the district and the units asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from mappings import code_lists
from mappings.catalogue import Catalogue, Indicator, check_indicators, choose_catalogue
from pipelines.hub import Hub
from warehouse.as_of import KnownAt, Moment
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import By, Scope


@dataclass(frozen=True)
class Figure:
    """One figure; ``category`` is our code, ``label`` its German name, ``unit`` empty for the whole district."""

    indicator: str
    category: str | None
    label: str | None
    unit: Mapping[str, str]
    value: int


@dataclass(frozen=True)
class Period:
    """Two days, both in; None: open."""

    first: date | None
    last: date | None


@dataclass(frozen=True)
class Kennzahlen:
    """The figures of a period, as known on a day and at a load, and the catalogue they follow."""

    period: Period
    as_of: date
    load: int
    catalogue: str
    figures: Sequence[Figure]


@dataclass(frozen=True)
class FigureRequest:
    """A period (both days in; None: open) and the day or load as of which to answer (None: all that is known)."""

    first: date | None
    last: date | None
    as_of: Moment | None = None


def check_catalogue() -> None:
    """YamlProblems where the catalogue and the declared indicators do not fit each other."""
    check_indicators({name: found.has_categories for name, found in INDICATORS.items()})


def compute_kennzahlen(
    hub: Hub, asked: FigureRequest, units: Sequence[By] = (), known_at: KnownAt | None = None
) -> Kennzahlen:
    """The answer of ``drehscheibe kennzahlen``: the district's own lines first, then those of each unit.

    ``known_at``: what ``asked.as_of`` means, where the caller has found it out already.
    """
    check_catalogue()
    known_at = known_at or hub.known_at(asked.as_of)
    catalogue = choose_catalogue(asked.last)
    figures: list[Figure] = []
    with hub.store.read() as connection:
        for by in (None, *units):
            figures += list(
                figures_by(connection, Scope(asked.first, asked.last, known_at, by), catalogue)
            )
    as_of = asked.as_of if isinstance(asked.as_of, date) else hub.date_of(known_at.load)
    return Kennzahlen(
        Period(asked.first, asked.last), as_of, known_at.load, catalogue.name, figures
    )


def figures_by(connection: Connection, scope: Scope, catalogue: Catalogue) -> Iterable[Figure]:
    """All indicators of the catalogue that are counted by one kind of unit.

    The district's answer also shows what counted nothing.
    """
    for indicator in catalogue.indicators():
        if scope.by not in (None, *INDICATORS[indicator.indicator].units):
            continue
        counted: dict[tuple[Any, ...], dict[str | None, int]] = {}
        for row in connection.execute(INDICATORS[indicator.indicator](scope)):
            values = row._mapping
            unit = tuple(values[n] for n in scope.unit_names)
            counted.setdefault(unit, {})[values.get("category")] = int(values["value"])
        if scope.by is None:
            counted.setdefault((), {})
        for unit, by_category in sorted(counted.items()):
            names = dict(zip(scope.unit_names, unit, strict=True))
            yield from _figure_lines(indicator, names, by_category, shown=scope.by is None)


def _figure_lines(
    indicator: Indicator, unit: dict[str, Any], counted: dict[str | None, int], *, shown: bool
) -> Iterable[Figure]:
    labels = indicator.labels()
    for category, label in labels.items():
        value = counted.get(category, 0)
        if value or (shown and not indicator.open_list and category != code_lists.NOT_STATED):
            yield Figure(indicator.indicator, category, label, unit, value)
    if code_lists.NOT_STATED in counted and code_lists.NOT_STATED not in labels:
        yield Figure(
            indicator.indicator,
            code_lists.NOT_STATED,
            "ohne Angabe",
            unit,
            counted[code_lists.NOT_STATED],
        )
