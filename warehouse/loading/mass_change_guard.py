"""The guard before a load: when too much of what is known would end or change at once, a person is asked first. Counting is history's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from warehouse.loading.history import Change


@dataclass(frozen=True)
class Limits:
    """Shares of the known records that may end or change in one delivery (1.0: all). Below ``least`` known records, no share says much."""

    gone: float = 0.3
    changed: float = 0.6
    least: int = 20


@dataclass(frozen=True)
class Trip:
    """One record kind of which too much would end or change."""

    record: str
    known: int
    gone: int
    changed: int


class GuardTripped(Exception):
    """The delivery would end or change more than the limits allow; nothing of it is loaded until a person accepts it."""

    def __init__(self, trips: Sequence[Trip]) -> None:
        self.trips = tuple(trips)
        super().__init__(
            "; ".join(
                f"{t.record}: {t.gone} gone and {t.changed} changed of {t.known}" for t in trips
            )
        )


def check_limits(
    limits: Limits | None, known: dict[str, int], changes: dict[str, list[Change]]
) -> None:
    """Raises GuardTripped where a record kind's changes are over the limits; None lets everything pass."""
    if limits is None:
        return
    trips = []
    for record, before in known.items():
        gone, changed = (
            sum(getattr(c, what) for c in changes[record]) for what in ("gone", "changed")
        )
        if before >= limits.least and (
            gone > limits.gone * before or changed > limits.changed * before
        ):
            trips.append(Trip(record, before, gone, changed))
    if trips:
        raise GuardTripped(trips)
