"""Finds out which birth dates of a family name are those of twins, where a name alone says little."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from difflib import SequenceMatcher
from itertools import combinations

from warehouse.identity.record import Born, Number, Record

_SIMILAR = 0.7
# Numbers that follow each other differ by less, with a check digit at their end.
_NEAR = 20
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def find_twins(records: Iterable[Record]) -> set[Born]:
    """Family names and birth dates of twins.

    Twins are two records of one family name and birth date, not of different sex, that one source
    holds under similar given names, or that carry consecutive numbers.
    """
    families: dict[Born, list[Record]] = defaultdict(list)
    for r in records:
        if r.born:
            families[r.born].append(r)
    return {born for born, family in families.items() if len(family) > 1 and _has_twins(family)}


def _has_twins(family: list[Record]) -> bool:
    return any(
        _are_consecutive(a.number, b.number) or (a.source == b.source and _are_similar(a, b))
        for a, b in combinations(family, 2)
        if a.whole != b.whole and (a.sex == b.sex or not {a.sex, b.sex} <= {"m", "w", "d"})
    )


def _are_similar(a: Record, b: Record) -> bool:
    """Whether the given names may be mixed up: alike, of one initial, or one of them unknown."""
    one, other = a.first_name, b.first_name
    if one is None or other is None or one[0] == other[0]:
        return True
    return SequenceMatcher(None, one, other).ratio() >= _SIMILAR


def _are_consecutive(a: Number | None, b: Number | None) -> bool:
    """Whether two numbers of one kind follow each other, without regard to what stands before."""
    if a is None or b is None or a[0] != b[0] or len(a[1]) != len(b[1]):
        return False
    one, other = a[1].lstrip(_LETTERS), b[1].lstrip(_LETTERS)
    return one.isdecimal() and other.isdecimal() and 0 < abs(int(one) - int(other)) < _NEAR
