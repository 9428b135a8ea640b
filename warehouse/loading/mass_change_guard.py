"""Holds a delivery that would end or change too much at once, until a person accepts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from warehouse.loading.altered_letters import AlteredTexts
from warehouse.loading.history import Change

# What makes a delivery a very small one; of few plans or goals most may end at once.
_LEAST_SHARES = {"case": 0.5, "conversation": 0.5}
# Of these a file that had some always has some.
_NEVER_NONE = {"person", "case", "conversation"}
# Of so many records on, others in the place of nearly all are another export, not a change.
_LEAST_REPLACED = 3
_REPLACED_SHARES = {"case": 0.75, "conversation": 0.75, "plan": 1.0, "goal": 1.0}


@dataclass(frozen=True)
class Trip:
    """A kind of record of which too much would end or change.

    ``delivered``: how many of them there are in the delivery, whatever became of them. ``altered``:
    the column in which only the letters beyond ASCII change, in too many texts. ``file``: the one
    of several files that these records are in; None for all. ``respelled``: the persons of whom
    only the spelling of the key is another. ``lost``: the consents that are delivered without the
    withdrawal that was known of them.
    """

    record: str
    known: int
    gone: int
    changed: int
    delivered: int
    altered: AlteredTexts | None = None
    file: str | None = None
    respelled: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Limits:
    """Shares of the known records that may end or change in one delivery (1.0: all).

    Below ``least`` known records no share is meaningful: only a delivery with less than half of
    the known cases or conversations is held, with none of the other records, or with others in the
    place of nearly all. Consents are withdrawn one by one, and of few of them the last. Of one of
    several files a share says less still, as records move: it is held without any of its cases or
    conversations, or with others in the place of nearly all. ``altered``: the share of the texts with
    letters beyond ASCII in which just these may change; no office changes many names so.
    """

    gone: float = 0.3
    changed: float = 0.6
    least: int = 20
    altered: float = 0.2

    def exceeded_by(self, trip: Trip) -> bool:
        """Whether more records end or change than these limits allow."""
        too_many_gone = trip.gone > self.gone * trip.known
        too_many_changed = trip.changed > self.changed * trip.known
        if trip.known >= self.least:
            return too_many_gone or too_many_changed
        least_share = _LEAST_SHARES.get(trip.record, 0.0)
        is_small = trip.delivered < least_share * trip.known or trip.delivered == 0
        is_other = is_small or _is_replaced(trip)
        return too_many_gone and is_other and trip.record != "consent"

    def exceeded_in_file(self, trip: Trip) -> bool:
        """Whether one of several files has nothing left of its records, or has others.

        The last plan or household of a small municipality may end like any other.
        """
        is_empty = trip.delivered == 0 and (
            trip.record in _NEVER_NONE or (trip.record == "consent" and trip.known >= self.least)
        )
        return trip.gone > self.gone * trip.known and (is_empty or _is_replaced(trip))


def _is_replaced(trip: Trip) -> bool:
    """Whether nearly all records that were known end, and others may be there in their place."""
    share = _REPLACED_SHARES.get(trip.record)
    return share is not None and trip.known >= _LEAST_REPLACED and trip.gone >= share * trip.known


class GuardTripped(Exception):
    """The delivery exceeds the limits; nothing of it is loaded until a person accepts it."""

    def __init__(self, trips: Sequence[Trip]) -> None:
        self.trips = tuple(trips)
        parts = (
            f"{t.record}: {t.gone} gone and {t.changed} changed of {t.known}" for t in self.trips
        )
        super().__init__("; ".join(parts))


def check_limits(
    limits: Limits | None,
    known: dict[str, int],
    changes: dict[str, list[Change]],
    altered: Sequence[AlteredTexts] = (),
    files: Iterable[Trip] = (),
    respelled: int = 0,
    lost: int = 0,
) -> None:
    """Raises GuardTripped where the changes of a kind of record exceed the limits, if any.

    ``files``: what becomes of the records of each of several files, looked at where they do not
    exceed the limits together. ``respelled``: persons of whom only the spelling of the key is
    another; no limit allows one, as each would become a second human being. Nor is there one for
    the withdrawals that are ``lost``.
    """
    if limits is None:
        return
    totals = {
        record: _sum_changes(record, before, changes[record]) for record, before in known.items()
    }
    trips = [total for total in totals.values() if limits.exceeded_by(total)]
    told = {trip.record for trip in trips}
    trips += [t for t in files if t.record not in told and limits.exceeded_in_file(t)]
    if any(trip.record == "case" for trip in trips):
        # Persons mostly are in the rows of their cases.
        trips = [trip for trip in trips if trip.record != "person"]
    trips += [
        replace(totals.get(texts.record) or Trip(texts.record, 0, 0, 0, 0), altered=texts)
        for texts in altered
        if texts.altered > limits.altered * texts.known
    ]
    if trips := [*trips, *_list_unlimited(totals, respelled, lost)]:
        raise GuardTripped(trips)


def _list_unlimited(totals: Mapping[str, Trip], respelled: int, lost: int) -> Iterator[Trip]:
    """What no limit allows."""
    if respelled:
        yield replace(totals.get("case") or Trip("case", 0, 0, 0, 0), respelled=respelled)
    if lost:
        yield replace(totals["consent"], lost=lost)


def _sum_changes(record: str, known: int, changes: Sequence[Change]) -> Trip:
    gone = sum(change.gone for change in changes)
    changed = sum(change.changed for change in changes)
    delivered = sum(change.new + change.changed + change.unchanged for change in changes)
    return Trip(record, known, gone, changed, delivered)
