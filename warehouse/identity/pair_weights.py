"""How much the levels of a pair speak for one human being, as a weight (log2 of the odds).

A weight orders pairs; it is no probability to be shown to people.
"""

from __future__ import annotations

import numpy as np

from warehouse.identity.levels import Levels, NameLevel
from warehouse.identity.name_frequencies import NO_NATIONALITY, NameFrequencies
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.weights import AGREEMENT, Model

_AGREE = (NameLevel.EQUAL, NameLevel.SPELLED_ALIKE, NameLevel.RELATED, NameLevel.SIMILAR)
# Names written the other way round are more often a slip than chance.
_SWAPPED = -3.6


def weigh_pairs(
    model: Model, persons: PersonColumns, levels: Levels, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """The weight of each pair, rounded to six decimals."""
    total = np.where(levels.swapped, model.prior + _SWAPPED, model.prior)
    for name, weights in list_level_weights(model).items():
        total += weights[getattr(levels, name)]
    for name in ("given", "family"):
        agree = np.flatnonzero(np.isin(getattr(levels, name), _AGREE))
        total[agree] += _compare_rarities(model, persons, name, a[agree], b[agree])
    return np.round(total, 6)


def _compare_rarities(
    model: Model, persons: PersonColumns, name: str, a: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """The rarity of given or family names; the more frequent of both spellings decides."""
    names, words = getattr(model, name), getattr(persons, name)
    one, other = (_list_rarities(names, persons, words, rows) for rows in (a, b))
    return np.asarray(np.minimum(one, other))


def list_level_weights(model: Model) -> dict[str, np.ndarray]:
    """Per evidence the weight of each level; one that true pairs never show speaks for nothing."""
    weights = {}
    for name, agreement in AGREEMENT.items():
        shares = zip(agreement, model.chance[name], strict=True)
        weights[name] = np.array([np.log2(m / u) if m else 0.0 for m, u in shares])
    return weights


def _list_rarities(
    names: NameFrequencies, persons: PersonColumns, words: np.ndarray, rows: np.ndarray
) -> np.ndarray:
    """The rarity of the first word of each row among the nationality of its person."""
    labels = [*persons.nationalities, NO_NATIONALITY]
    packed = words[rows, 0].astype(np.int64) * len(labels) + persons.nationality[rows] % len(labels)
    kinds, back = np.unique(packed, return_inverse=True)
    codes = (divmod(int(kind), len(labels)) for kind in kinds)
    rarities = [names.find_rarity(persons.words[word], labels[nation]) for word, nation in codes]
    return np.array(rarities, float)[back]
