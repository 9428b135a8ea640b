"""Finds the published numbers that would be others today, whatever period they are of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.publication.layouts import LAYOUTS, find_layout, list_rows
from pipelines.publication.ledger import PrintedCell, Publication
from pipelines.publication.witnessed import read_witnessed
from warehouse.as_of import KnownAt
from warehouse.ledger.configuration import read_municipalities, read_teams_by_municipality

if TYPE_CHECKING:
    from pipelines.hub import Hub
    from warehouse.ledger.submissions import Submission

# First day (None: a stock), last day.
Days = tuple[str | None, str]
# Indicator, category, unit.
Values = Mapping[tuple[str, str | None, frozenset[tuple[str, str]]], int]


@dataclass(frozen=True)
class AlsoPublished:
    """A publication with numbers that are others today.

    ``cells``: how many; ``shared``: those of them that are of the submission's very period.
    """

    number: int
    made_on: str
    layout: str
    period_from: date
    period_to: date
    cells: int
    shared: int


def list_published(hub: Hub, made: Submission, newest: int) -> Iterator[AlsoPublished]:
    """The publications of days of the submission that print what is another number today."""
    asked: dict[Days, Values] = {}
    for one in read_witnessed(hub):
        printed = [cell for cell in one.cells if cell.is_shown and _touches(cell, made)]
        for days in {(cell.first, cell.last) for cell in printed} - asked.keys():
            asked[days] = _ask_today(hub, days, newest)
        units = _list_units(hub, one, newest) if printed else {}
        changed = [
            cell
            for cell in printed
            if _count_today(asked[cell.first, cell.last], units, cell) != cell.value
        ]
        if changed:
            yield _describe(one, changed, made)


def _touches(cell: PrintedCell, made: Submission) -> bool:
    """Whether a number is about a day that the submission is about."""
    first, last = made.period_from.isoformat(), made.period_to.isoformat()
    return first <= cell.last and (cell.first or cell.last) <= last


def _ask_today(hub: Hub, days: Days, newest: int) -> Values:
    first, last = (date.fromisoformat(day) for day in (days[0] or days[1], days[1]))
    answer = compute_kennzahlen(hub, FigureRequest(first, last, newest), ("municipality", "team"))
    return {(f.indicator, f.category, frozenset(f.unit.items())): f.value for f in answer.figures}


def _list_units(
    hub: Hub, one: Publication, newest: int
) -> dict[tuple[str, ...], frozenset[tuple[str, str]]]:
    """The units of a publication's rows by their municipalities."""
    with hub.store.read() as connection:
        places = read_municipalities(connection, KnownAt(newest))
        teams = read_teams_by_municipality(connection, KnownAt(newest))
    layout = find_layout(one.layout) or LAYOUTS[-1]
    return {row.places: frozenset(row.unit.items()) for row in list_rows(layout, places, teams)}


def _count_today(
    values: Values, units: Mapping[tuple[str, ...], frozenset[tuple[str, str]]], cell: PrintedCell
) -> int | None:
    """The number today; None where its unit is no more."""
    unit = units.get(cell.places)
    if unit is None:
        return None
    codes = cell.categories or (None,)
    return sum(values.get((cell.indicator, code, unit), 0) for code in codes)


def _describe(one: Publication, changed: Sequence[PrintedCell], made: Submission) -> AlsoPublished:
    first, last = made.period_from.isoformat(), made.period_to.isoformat()
    same = sum(cell.last == last and cell.first in (None, first) for cell in changed)
    lasts = [date.fromisoformat(cell.last) for cell in one.cells]
    firsts = [date.fromisoformat(cell.first) for cell in one.cells if cell.first]
    return AlsoPublished(
        one.number,
        one.made_on,
        one.layout,
        min(firsts or lasts),
        max(lasts),
        len(changed),
        same,
    )
