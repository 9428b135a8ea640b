"""How often names occur, in all and within a nationality: names and nationality go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from warehouse.identity.name_keys import list_keys
from warehouse.identity.person_columns import PersonColumns

NO_NATIONALITY = ""
# So many names tell as much as what is shipped: that two names agree by chance once in so many.
_SHIPPED_NAMES, _SHIPPED_MEAN = 500, 0.012
# So many bearers of a nationality tell as much about a name as all nationalities together.
_ALL_NATIONALITIES = 60.0
_RAREST, _MOST_COMMON = 5.0, -9.0


@dataclass(frozen=True)
class NameFrequencies:
    """How often names of one kind occur; a class holds the spellings of one coarse sound.

    ``mean``: the chance that two unrelated persons have names of one class. ``unknown``: the share
    of a class nobody has borne yet.
    """

    share: Mapping[str, float]
    by_nationality: Mapping[str, Mapping[str, float]]
    mean: float
    unknown: float

    def find_rarity(self, word: str, nationality: str) -> float:
        """How much more an agreement in this name is worth than in the usual one, as log2."""
        share = self._find_share(class_of(word), nationality)
        return float(np.clip(np.log2(self.mean / share), _MOST_COMMON, _RAREST))

    def _find_share(self, name: str, nationality: str) -> float:
        among = self.by_nationality.get(nationality, {})
        return among.get(name, self.share.get(name, self.unknown))


def class_of(word: str) -> str:
    """The class of a name: its first key."""
    return list_keys(word)[0]


def count_names(persons: PersonColumns, names: np.ndarray) -> NameFrequencies:
    """The frequencies of the first word of all names, and within each nationality."""
    classes, counts = _count_classes(persons, names)
    all_counts = counts.sum(axis=0)
    total = int(all_counts.sum())
    trust = total / (total + _SHIPPED_NAMES)
    # A name of which little is known is taken for one as frequent as most.
    shipped = (1 - trust) * _SHIPPED_MEAN
    own = all_counts / max(total, 1)
    share = trust * own + shipped
    return NameFrequencies(
        share=_label_shares(classes, all_counts, share),
        by_nationality={
            nation: _label_shares(classes, some, _share_among(some, share))
            for nation, some in zip(persons.nationalities, counts, strict=False)
        },
        mean=round(trust * float((own**2).sum()) + shipped, 9),
        unknown=round(trust / max(2 * total, 1) + shipped, 9),
    )


def _count_classes(persons: PersonColumns, names: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The classes, and how often each occurs by nationality; the last row is without one."""
    found = np.array([class_of(word) for word in persons.words], dtype=np.str_)
    classes, codes = np.unique(found, return_inverse=True)
    counts = np.zeros((len(persons.nationalities) + 1, len(classes)), np.int64)
    bearers = names[:, 0] >= 0
    np.add.at(counts, (persons.nationality[bearers], codes[names[bearers, 0]]), 1)
    return classes, counts


def _share_among(counts: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The share of each class in a nationality; where few are known it is nearly that in all."""
    total = int(counts.sum()) + _ALL_NATIONALITIES
    return np.asarray((counts + _ALL_NATIONALITIES * share) / total)


def _label_shares(classes: np.ndarray, counts: np.ndarray, shares: np.ndarray) -> dict[str, float]:
    """The shares of the classes that occur, by their name."""
    return {str(classes[at]): round(float(shares[at]), 9) for at in np.flatnonzero(counts)}
