"""Tells which two records cannot be one person, though a third one may be like both of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from warehouse.identity.birth_days import is_known_day
from warehouse.identity.decisions import order_pair
from warehouse.identity.exact_rules import may_be_one_kind
from warehouse.identity.pair_levels import is_typing_error
from warehouse.identity.record import Key, Number, Record
from warehouse.identity.scored_pairs import Band, ScoredPair

_SEXES = ("m", "w", "d")


class PairContradictions:
    """What the comparison of pairs said; of those it did not keep, what their values say."""

    def __init__(self, known: Iterable[Record], pairs: Iterable[ScoredPair]) -> None:
        self._known = {record.identity: record for record in known}
        self._judged = {
            pair.pair: pair.are_two_humans
            for pair in pairs
            if pair.are_two_humans or pair.band != Band.REVIEW
        }

    def part(self, one: Key, other: Key) -> bool:
        """Whether two records contradict each other; one that is not known contradicts nobody."""
        judged = self._judged.get(order_pair(one, other))
        if judged is not None:
            return judged
        ours, theirs = self._known.get(one), self._known.get(other)
        return ours is not None and theirs is not None and _are_two(ours, theirs)


def _are_two(one: Record, other: Record) -> bool:
    sexes = {one.sex, other.sex}.intersection(_SEXES)
    return (
        len(sexes) > 1
        or _are_two_births(one.birth_date, other.birth_date)
        or _are_two_numbers(one.number, other.number)
    )


def _are_two_births(one: date | None, other: date | None) -> bool:
    """Whether birth dates differ by more than a slip within the year.

    A day that stands for an unknown one may be any of its year or the next.
    """
    if one is None or other is None:
        return False
    if is_known_day(one) and is_known_day(other):
        return one.year != other.year or not _have_common_part(one, other)
    return abs(one.year - other.year) > 1


def _have_common_part(one: date, other: date) -> bool:
    """Whether day or month is one, or both are exchanged."""
    exchanged = (one.day, one.month) == (other.month, other.day)
    return exchanged or one.day == other.day or one.month == other.month


def _are_two_numbers(one: Number | None, other: Number | None) -> bool:
    """Whether numbers of one kind differ, by more than a slip."""
    if one is None or other is None or one == other:
        return False
    return may_be_one_kind(one, other) and not is_typing_error(one[1], other[1])
