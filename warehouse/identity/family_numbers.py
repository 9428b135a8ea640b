"""Tells official numbers of one person from those that are noted for several of a family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from warehouse.identity.levels import Levels, NameLevel, NumberLevel
from warehouse.identity.person_columns import PersonColumns

_OTHER_GIVEN = (NameLevel.FAINT, NameLevel.DIFFERENT, NameLevel.PARTIAL)


def list_bearers(
    persons: PersonColumns, former: PersonColumns, touched: np.ndarray, most: int
) -> np.ndarray:
    """The rows of all who carry a number of the touched rows, or of what these were.

    With a bearer more or less a number may come to be a family's, or that of too many persons to be
    anybody's. Of one that far more than ``most`` others carry, that changes nothing.
    """
    before = {former.numbers[number] for number in former.carried.tolist() if number >= 0}
    wanted = [code for code, number in enumerate(persons.numbers) if number in before]
    numbers = np.union1d(wanted, persons.carried[touched])
    rows = np.flatnonzero(np.isin(persons.carried, numbers[numbers >= 0]))
    untouched = rows[~np.isin(rows, touched)]
    return rows[~np.isin(persons.carried[rows], _find_crowded(persons, untouched, most))]


def _find_crowded(persons: PersonColumns, rows: np.ndarray, most: int) -> np.ndarray:
    """The numbers that more than so many persons among these rows carry, by names and birth."""
    born = persons.born[rows].astype(np.int64)
    named = (persons.carried[rows], persons.given[rows, 3], persons.family[rows, 3], born)
    distinct = np.unique(np.stack(named), axis=1)[0]
    numbers, counts = np.unique(distinct, return_counts=True)
    return np.asarray(numbers[counts > most])


def mark_family_numbers(
    levels: Levels, persons: PersonColumns, a: np.ndarray, b: np.ndarray
) -> Levels:
    """The levels with OF_FAMILY for one number that persons of other given names carry, too.

    Given the levels of all pairs of records that carry one number.
    """
    same = levels.number == NumberLevel.EQUAL
    others = same & np.isin(levels.given, _OTHER_GIVEN)
    of_family = same & np.isin(persons.number[a], persons.number[a[others]])
    return replace(levels, number=np.where(of_family, NumberLevel.OF_FAMILY, levels.number))
