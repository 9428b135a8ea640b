"""Tells official numbers of one person from those that are noted for several of a family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from warehouse.identity.levels import Levels, NameLevel, NumberLevel
from warehouse.identity.person_columns import PersonColumns

_OTHER_GIVEN = (NameLevel.FAINT, NameLevel.DIFFERENT, NameLevel.PARTIAL)


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
