"""Decides which wanted table something is about that the mapping does not name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.readers.rows.guessed_header import is_value
from connectors.readers.rows.header import Header, Row, filled_cells, header_at, names_found
from connectors.tables.text_table import CannotRead, Wanted

# A legend or a list of sums shares one column with a table, its key or its counsellor.
_LEAST_NAMES = 2
_LEAST_CELLS = 4


def choose_fitting(found: Iterable[tuple[str, Header]]) -> str | None:
    """The table whose header names most columns of those of which most are known.

    A table that needs its key alone would fit nearly everything.
    """
    known = {
        name: len(header.names) - len(header.unknown)
        for name, header in found
        if len(header.names) < 2 * (len(header.names) - len(header.unknown))
    }
    return max(known, key=lambda name: known[name], default=None)


def find_fitting_table(columns: Sequence[str], wanted: Sequence[Wanted], title: str) -> str | None:
    """The wanted table whose columns these are, mostly."""
    found = []
    for want in wanted:
        try:
            found.append((want.name, header_at(columns, 0, want, title=title)))
        except CannotRead:
            continue
    return choose_fitting(found)


def find_resembling(rows: Sequence[Row], wanted: Sequence[Wanted]) -> str | None:
    """The wanted table of which something may hold rows, although it lacks the header.

    It has some of the columns, with a row below, or without a header a row of values about as wide.
    """
    several = sum(1 for _, cells in rows if filled_cells(cells)) > 1
    named = {want.name: names_found(rows, want) for want in wanted if several}
    best = max(named, key=lambda name: named[name], default=None)
    if best is not None and named[best] >= _LEAST_NAMES:
        return best
    widest = max(
        (len(cells) for _, row in rows if any(map(is_value, cells := filled_cells(row)))), default=0
    )
    return next((want.name for want in wanted if widest >= _usual_cells(want)), None)


def _usual_cells(want: Wanted) -> float:
    """How many cells of a row of the table are filled, at least."""
    return max(_LEAST_CELLS, len(want.required) * 2 / 3)
