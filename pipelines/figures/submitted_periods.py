"""Where each person counts in the periods whose figures were handed over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import Connection

from warehouse.ledger.submissions import read_submissions
from warehouse.marts.counted_persons import CountedPerson, read_counted
from warehouse.marts.funding import Window
from warehouse.marts.merge_impact import FigureChanges
from warehouse.marts.scope import Scope

_CHANGES = FigureChanges((), None)


@dataclass(frozen=True)
class SubmittedPeriod:
    """The submissions of one period that others have, and where each person counts in it now."""

    submissions: Sequence[str]
    counted: Mapping[str, CountedPerson]

    def is_changed(
        self, before: Collection[CountedPerson], after: Collection[CountedPerson]
    ) -> bool:
        """Whether a figure of the period changes where some human beings become others."""
        change = _CHANGES.compare(before, after)
        return bool(change.clients or change.reached or change.units)


def read_submitted(
    connection: Connection, scope: Scope, window: Window, persons: Collection[str]
) -> list[SubmittedPeriod]:
    """The periods in order; ``scope``: as of when the persons count."""
    names: dict[tuple[date, date], list[str]] = defaultdict(list)
    for made in read_submissions(connection):
        if made.is_with_others:
            names[made.period_from, made.period_to].append(made.submission_id)
    return [
        SubmittedPeriod(
            names[first, last],
            read_counted(connection, replace(scope, first=first, last=last), window, persons),
        )
        for first, last in sorted(names)
    ]
