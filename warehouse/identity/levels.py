"""The levels in which the values of two records agree, one kind for each evidence.

0 is always "not known on both sides", which is no evidence. Lower levels agree better.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum

import numpy as np


class NameLevel(IntEnum):
    """How two given names, or two family names, agree.

    PARTIAL: a word of both agrees, and each has another one that the other has not.
    """

    MISSING = 0
    EQUAL = 1
    SPELLED_ALIKE = 2
    RELATED = 3
    SIMILAR = 4
    SHORTENED = 5
    FAINT = 6
    OTHER_PLACE = 7
    DIFFERENT = 8
    PARTIAL = 9


class BirthLevel(IntEnum):
    """How two birth dates agree; a stand-in is a day that is entered for an unknown one."""

    MISSING = 0
    EQUAL = 1
    EQUAL_STAND_IN = 2
    EXCHANGED = 3
    STAND_IN_SAME_YEAR = 4
    PART_WRONG = 5
    STAND_IN_NEXT_YEAR = 6
    NEAR = 7
    TWO_YEARS = 8
    DIFFERENT = 9


class EntryLevel(IntEnum):
    """How two days of entry agree."""

    MISSING = 0
    EQUAL = 1
    SAME_MONTH = 2
    TWO_MONTHS = 3
    SEVEN_MONTHS = 4
    DIFFERENT = 5


class NumberLevel(IntEnum):
    """How two official numbers agree.

    OF_FAMILY: one number, that somebody of another given name carries, too.
    """

    MISSING = 0
    EQUAL = 1
    TYPING_ERROR = 2
    DIFFERENT = 3
    OF_FAMILY = 4


class CodeLevel(IntEnum):
    """How two values of a code list agree: sex, nationality, municipalities lived in."""

    MISSING = 0
    EQUAL = 1
    CONFUSED = 2
    DIFFERENT = 3


class Relatives(IntEnum):
    """Whose relatives are linked: of one record with the other's source, or of both records.

    OF_NAMESAKE: of one record with somebody of the other's family name and municipality.
    """

    NONE = 0
    OF_ONE = 1
    OF_NAMESAKE = 2
    OF_BOTH = 3


@dataclass(frozen=True)
class Levels:
    """The levels of pairs, one array each; ``swapped`` says the names were compared crosswise."""

    given: np.ndarray
    family: np.ndarray
    swapped: np.ndarray
    birth: np.ndarray
    sex: np.ndarray
    nationality: np.ndarray
    entry: np.ndarray
    number: np.ndarray
    municipality: np.ndarray

    def join(self, others: Levels) -> Levels:
        """The levels of these pairs and then of others."""
        names = [field.name for field in fields(self)]
        return Levels(*(np.concatenate([getattr(self, n), getattr(others, n)]) for n in names))

    def take(self, rows: np.ndarray) -> Levels:
        """The levels of some of the pairs, chosen by index or mask."""
        return Levels(*(getattr(self, field.name)[rows] for field in fields(self)))
