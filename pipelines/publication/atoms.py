"""The smallest counts of which published numbers are sums: by indicator, category, place and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise, product

from pipelines.publication.ledger import PrintedCell

# Indicator, category (None: the whole), municipality, first day (None: a stock), last day.
Atom = tuple[str, str | None, str, str | None, str]
Spans = Sequence[tuple[str, str]]


def cut_periods(cells: Sequence[PrintedCell]) -> list[tuple[str, str]]:
    """The shortest spans of days of which all periods are made."""
    starts = {cell.first for cell in cells if cell.first}
    starts |= {_shift_day(cell.last, 1) for cell in cells if cell.first}
    return [(a, _shift_day(b, -1)) for a, b in pairwise(sorted(starts))]


def _shift_day(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


def list_atoms(cell: PrintedCell, spans: Spans) -> Iterator[Atom]:
    """The atoms of a printed cell."""
    times = _list_times(cell, spans)
    for category, place, time in product(cell.categories or (None,), cell.places, times):
        yield cell.indicator, category, place, *time


def _list_times(cell: PrintedCell, spans: Spans) -> Sequence[tuple[str | None, str]]:
    """The day of a stock, or the spans of a period."""
    if cell.first is None:
        return [(None, cell.last)]
    return [(a, b) for a, b in spans if cell.first <= a and b <= cell.last]
