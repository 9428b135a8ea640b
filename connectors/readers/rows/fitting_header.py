"""Decides which wanted table something is about that the mapping does not name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.readers.rows.header import Header, header_at
from connectors.tables.text_table import CannotRead, Wanted


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
