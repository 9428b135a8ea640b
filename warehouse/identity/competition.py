"""Whether another record fits as well as the one of a pair."""

from __future__ import annotations

import numpy as np

from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.word_pairs import pack_pairs

# Another record of the same source that is so near competes.
COMPETES = 4.0
NEVER = -1e6


def find_contested(
    persons: PersonColumns,
    a: np.ndarray,
    b: np.ndarray,
    weight: np.ndarray,
    rivals: np.ndarray,
    double: np.ndarray,
) -> np.ndarray:
    """Whether either record of a pair has another one of the same source that fits as well.

    ``rivals``: the weight as another one, NEVER for what cannot be one person. Two records of one
    source that are ``double`` do not compete: either of them is right.
    """
    twice = _pack_pairs(persons, a[double], b[double])
    contested = np.zeros(len(a), bool)
    for mine, theirs in ((a, b), (b, a)):
        place = mine.astype(np.int64) * len(persons) + persons.source[theirs]
        best, rival = _find_best_other(place, rivals, theirs)
        same = np.isin(_pack_pairs(persons, theirs, rival), twice)
        contested |= (weight - best < COMPETES) & ~same
    return contested


def _find_best_other(
    place: np.ndarray, weight: np.ndarray, theirs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The greatest weight of any other pair of the same place, and the record it has there.

    Without one: NEVER, and some record.
    """
    order = np.lexsort((theirs, -weight, place))
    others, alone = _list_others(place[order])
    best = np.where(alone, NEVER, weight[order][others])
    back = np.argsort(order)
    return best[back], theirs[order][others][back]


def _list_others(place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of sorted places, where the first of each is, for the first the second; and if it is alone."""
    first = np.append(True, place[1:] != place[:-1])[: len(place)]
    starts = np.flatnonzero(first)
    others = np.repeat(starts, np.diff(np.append(starts, len(place))))
    others[starts] = np.minimum(starts + 1, len(place) - 1)
    return others, first & (place[others] != place) | (others == np.arange(len(place)))


def _pack_pairs(persons: PersonColumns, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Pairs of rows as one number."""
    return pack_pairs(one, other, len(persons))
