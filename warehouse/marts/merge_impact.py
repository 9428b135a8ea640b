"""Tells by how much figures and shares of money change where human beings are joined or parted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from warehouse.marts.counted_persons import CountedPerson, Unit
from warehouse.marts.funding import split_amount

_DISTRICT: Unit = ()


@dataclass(frozen=True)
class UnitChange:
    """By how much the clients and the persons reached of a unit change."""

    unit: Mapping[str, str]
    clients: int
    reached: int


@dataclass(frozen=True)
class GroupChange:
    """By how much the target group changes in a municipality (None: in no known one)."""

    municipality: str | None
    persons: int


@dataclass(frozen=True)
class MoneyChange:
    """By how much a municipality's share changes, in EUR with two decimals."""

    municipality: str
    amount: str


@dataclass(frozen=True)
class FigureChange:
    """By how much the numbers change; ``money`` None: no amount is known."""

    persons: int
    clients: int
    reached: int
    units: Sequence[UnitChange]
    target_group: Sequence[GroupChange]
    money: Sequence[MoneyChange] | None


class FigureChanges:
    """Answers what changes; ``everybody`` is how it is now, ``amount`` what is shared."""

    def __init__(self, everybody: Collection[CountedPerson], amount: Decimal | None) -> None:
        self._amount = amount
        self._group = _count_group(everybody)

    def compare(
        self, before: Collection[CountedPerson], after: Collection[CountedPerson]
    ) -> FigureChange:
        """What changes where some human beings become others."""
        clients = _subtract(_count_units(before, "clients"), _count_units(after, "clients"))
        reached = _subtract(_count_units(before, "reached"), _count_units(after, "reached"))
        group = _subtract(_count_group(before), _count_group(after))
        units = sorted({*clients, *reached} - {_DISTRICT})
        return FigureChange(
            persons=len(after) - len(before),
            clients=clients.get(_DISTRICT, 0),
            reached=reached.get(_DISTRICT, 0),
            units=[UnitChange(dict(u), clients.get(u, 0), reached.get(u, 0)) for u in units],
            target_group=[
                GroupChange(place, group[place]) for place in sorted(group, key=lambda p: p or "")
            ],
            money=None if self._amount is None else list(self._share(group, self._amount)),
        )

    def _share(self, change: Mapping[str | None, int], amount: Decimal) -> Iterator[MoneyChange]:
        """Every share that becomes another one: a person less in one place is more for others."""
        if not change:
            return
        then = Counter(self._group)
        then.update(change)
        old, new = (_split(amount, counts) for counts in (self._group, then))
        for place in sorted({*old, *new}):
            difference = new.get(place, Decimal(0)) - old.get(place, Decimal(0))
            if difference:
                yield MoneyChange(place, f"{difference:.2f}")


def _split(amount: Decimal, counts: Mapping[str | None, int]) -> dict[str, Decimal]:
    """The shares of an amount; none where nobody is left to share among."""
    placed = {place: count for place, count in counts.items() if place and count}
    return split_amount(amount, placed) if placed else {}


def _count_units(persons: Collection[CountedPerson], name: str) -> Counter[Unit]:
    return Counter(unit for person in persons for unit in getattr(person, name))


def _count_group(persons: Collection[CountedPerson]) -> Counter[str | None]:
    return Counter(p.case.municipality for p in persons if p.is_assigned and p.case is not None)


def _subtract(before: Counter[Any], after: Counter[Any]) -> dict[Any, int]:
    """What differs."""
    changes = Counter(after)
    changes.subtract(before)
    return {place: change for place, change in changes.items() if change}
