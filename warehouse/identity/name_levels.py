"""How the names of two records agree: straight, crosswise, or with words at another place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from warehouse.identity.levels import NameLevel
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.word_pairs import WordPairs

# From which likeness on two names are at the next better level.
_BOUNDS = (0.62, 0.72, 0.82, 0.92, 0.995)
_LEVELS = np.array(
    [
        NameLevel.DIFFERENT,
        NameLevel.FAINT,
        NameLevel.SIMILAR,
        NameLevel.RELATED,
        NameLevel.SPELLED_ALIKE,
        NameLevel.EQUAL,
    ],
    np.int8,
)
_ELSEWHERE = 0.82
# Words that are less alike are two.
_COUNTERPART = 0.72
_SINGLE_WORDS = 3
# Which words of both sides are compared; 3 is the column of all words as one.
Places = Sequence[tuple[int, int]]
_GIVEN: Places = ((0, 0), (3, 3))
_FAMILY: Places = ((0, 0), (3, 3), (0, 1), (1, 0), (1, 1))
_CROSSWISE: Places = ((0, 0), (3, 3), (0, 1), (1, 0))
_OTHER_GIVEN: Places = ((0, 1), (1, 0), (0, 2), (2, 0), (1, 1))
_LATER_WORDS: Places = ((0, 1), (0, 2))
_LATER_GIVEN: Places = ((0, 1), (0, 2), (1, 1))


@dataclass(frozen=True)
class NameLevels:
    """The levels of given and family names, and whether they were compared crosswise."""

    given: np.ndarray
    family: np.ndarray
    swapped: np.ndarray

    @property
    def agree(self) -> np.ndarray:
        """Whether both names agree."""
        return np.asarray(_agree(self.given) & _agree(self.family))


@dataclass(frozen=True)
class _NamePairs:
    """Given and family names of both sides of pairs of records (pairs x words)."""

    words: WordPairs
    given: tuple[np.ndarray, np.ndarray]
    family: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, words: WordPairs, persons: PersonColumns, a: np.ndarray, b: np.ndarray) -> Self:
        """The names of the rows ``a`` and ``b``."""
        return cls(words, _take_sides(persons.given, a, b), _take_sides(persons.family, a, b))

    @property
    def crosswise(self) -> _NamePairs:
        """The given names of one side with the family names of the other."""
        (given, other_given), (family, other_family) = self.given, self.family
        return _NamePairs(self.words, (given, other_family), (family, other_given))

    def find_best(self, one: np.ndarray, other: np.ndarray, places: Places) -> np.ndarray:
        return self.words.find_best([(one[:, i], other[:, j]) for i, j in places])

    def find_shortened(self, sides: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """How alike the first words are if one is shortened, or "Mohammad" before it left out."""
        one, other = sides
        left_out = [
            (self.words.list_called(one), other[:, 0]),
            (one[:, 0], self.words.list_called(other)),
        ]
        return np.asarray(np.fmax(self.find_beginnings(sides), self.words.find_best(left_out)))

    def find_beginnings(self, sides: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        return self.words.find_beginnings(sides[0][:, 0], sides[1][:, 0])


def compare_names(
    words: WordPairs, persons: PersonColumns, a: np.ndarray, b: np.ndarray
) -> NameLevels:
    """The levels of the names of the rows ``a`` and ``b``."""
    pairs = _NamePairs.of(words, persons, a, b)
    found = _compare_straight(pairs)
    poor = np.flatnonzero(~found.agree)
    poor_names = NameLevels(found.given[poor], found.family[poor], found.swapped[poor])
    better = _look_elsewhere(_NamePairs.of(words, persons, a[poor], b[poor]), poor_names)
    found.given[poor], found.family[poor] = better.given, better.family
    found.swapped[poor] = better.swapped
    _find_partial(pairs, found, ~found.swapped)
    _find_partial(pairs.crosswise, found, found.swapped & found.agree)
    # Nobody knows which of both is the given name.
    found.given[found.swapped & (found.family == NameLevel.PARTIAL)] = NameLevel.PARTIAL
    return found


def _take_sides(names: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return names[a], names[b]


def _compare_straight(pairs: _NamePairs) -> NameLevels:
    given = _grade(pairs.find_best(*pairs.given, _GIVEN))
    family = _grade(pairs.find_best(*pairs.family, _FAMILY))
    return NameLevels(given, family, np.zeros(len(given), bool))


def _look_elsewhere(pairs: _NamePairs, straight: NameLevels) -> NameLevels:
    """The levels of names that do not agree straight."""
    cross = NameLevels(*_compare_crosswise(pairs), straight.swapped)
    given = _find_moved(straight.given, _find_moved_given(pairs), pairs.find_shortened(pairs.given))
    family = _find_moved(
        straight.family, _find_moved_family(pairs), pairs.find_beginnings(pairs.family)
    )
    given = np.where(cross.agree, cross.given, given)
    family = np.where(cross.agree, cross.family, family)
    return _place_lone(pairs, NameLevels(given, family, cross.agree), cross)


def _compare_crosswise(pairs: _NamePairs) -> tuple[np.ndarray, np.ndarray]:
    """The first given name with the second family name, and the other way round."""
    given_family = pairs.find_best(pairs.given[0], pairs.family[1], _CROSSWISE)
    family_given = pairs.find_best(pairs.family[0], pairs.given[1], _CROSSWISE)
    return _grade(given_family), _grade(family_given)


def _place_lone(pairs: _NamePairs, found: NameLevels, cross: NameLevels) -> NameLevels:
    """Compares a record's only name with what it is on the other side, given or family name."""
    given, is_given = _compare_lone(pairs.given, cross.family, cross.given)
    family, is_family = _compare_lone(pairs.family, cross.given, cross.family)
    is_family &= ~is_given
    given = np.where(is_given, given, np.where(is_family, NameLevel.MISSING, found.given))
    family = np.where(is_family, family, np.where(is_given, NameLevel.MISSING, found.family))
    return NameLevels(given, family, found.swapped | is_given | is_family)


def _compare_lone(
    names: tuple[np.ndarray, np.ndarray], first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The level crosswise where just the first, or just the second record has no such name."""
    missing = names[0][:, 0] < 0
    level = np.where(missing, first, second)
    return level, _agree(level) & (missing != (names[1][:, 0] < 0))


def _find_moved_given(pairs: _NamePairs) -> np.ndarray:
    """How alike a given name is to a further given name, or to a word of the family name."""
    (given, other_given), (family, other_family) = pairs.given, pairs.family
    likeness = (
        pairs.find_best(given, other_given, _OTHER_GIVEN),
        pairs.find_best(given, other_family, _LATER_WORDS),
        pairs.find_best(other_given, family, _LATER_WORDS),
    )
    return np.asarray(np.fmax.reduce(likeness))


def _find_moved_family(pairs: _NamePairs) -> np.ndarray:
    """How alike a family name is to a further given name, or to a word of the given name."""
    (given, other_given), (family, other_family) = pairs.given, pairs.family
    likeness = (
        pairs.find_best(family, other_given, _LATER_GIVEN),
        pairs.find_best(other_family, given, _LATER_GIVEN),
    )
    return np.asarray(np.fmax.reduce(likeness))


def _find_partial(pairs: _NamePairs, found: NameLevels, rows: np.ndarray) -> None:
    """Lowers the levels of names of which only a part agrees, among these rows.

    Of a given name the further words are asked; a family name agrees by any of its words.
    """
    for level, sides, first in ((found.given, pairs.given, 1), (found.family, pairs.family, 0)):
        further = (sides[0][:, 1] >= 0) & (sides[1][:, 1] >= 0)
        some = np.flatnonzero(rows & further & _agree(level))
        chosen = _NameSides(pairs.words, sides[0][some], sides[1][some], first)
        level[some[chosen.differ_in_part()]] = NameLevel.PARTIAL


@dataclass(frozen=True)
class _NameSides:
    """The names of both sides (pairs x words), of which the words from ``first`` on are asked."""

    words: WordPairs
    one: np.ndarray
    other: np.ndarray
    first: int

    def differ_in_part(self) -> np.ndarray:
        """Whether either name has a word that the other has not; what is left out says nothing."""
        one, other = self.one, self.other
        return np.asarray(self._find_own(one, other) & self._find_own(other, one))

    def _find_own(self, names: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Whether a word of each name is like none of the other name, nor a part of one."""
        asked = range(self.first, _SINGLE_WORDS)
        likeness = [self._find_counterpart(names[:, word], others) for word in asked]
        return np.asarray(np.fmin.reduce(likeness) < _COUNTERPART)

    def _find_counterpart(self, word: np.ndarray, others: np.ndarray) -> np.ndarray:
        """How alike a word is to the one of the other name that is most like it."""
        facing = [others[:, place] for place in range(_SINGLE_WORDS)]
        alike = self.words.find_best([(word, other) for other in facing])
        parts = [self.words.find_beginnings(word, other) for other in facing]
        return np.where(np.isnan(alike), alike, np.maximum.reduce([alike, *parts]))


def _agree(level: np.ndarray) -> np.ndarray:
    return (level > NameLevel.MISSING) & (level <= NameLevel.SIMILAR)


def _find_moved(level: np.ndarray, elsewhere: np.ndarray, shortened: np.ndarray) -> np.ndarray:
    """The level where a name that does not agree is shortened, or stands elsewhere."""
    other = level > NameLevel.SIMILAR
    moved = other & (np.nan_to_num(elsewhere) >= _ELSEWHERE)
    short = other & (np.nan_to_num(shortened) >= _ELSEWHERE)
    return np.select([short, moved], [NameLevel.SHORTENED, NameLevel.OTHER_PLACE], level)


def _grade(alike: np.ndarray) -> np.ndarray:
    level = _LEVELS[np.digitize(alike, _BOUNDS)]
    return np.where(np.isnan(alike), NameLevel.MISSING, level)
