"""Judges pairs of records: one person without asking anybody, to be reviewed, or nothing.

A weight alone never suffices: look-alikes of one name and one stand-in birthday reach any weight.
A pair is linked automatically only if something besides the names corroborates it, nothing
contradicts it and no other record competes for the same place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from warehouse.identity.candidates import CandidateSearch
from warehouse.identity.competition import NEVER, find_contested
from warehouse.identity.kinship import LinkedRelatives, find_homes, list_relatives
from warehouse.identity.known_names import KnownNames
from warehouse.identity.levels import Levels, NameLevel, Relatives
from warehouse.identity.pair_levels import compare_pairs
from warehouse.identity.pair_rules import PairRules
from warehouse.identity.pair_weights import weigh_pairs
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.weights import Model

# Weights, log2 of the odds.
LIKELY, WITHIN_SOURCE = 5.0, 11.0
REVIEW, REVIEW_CONTRADICTED = 1.5, 5.0
# What one linked relative adds.
_RELATIVE = 6.0


class Band(IntEnum):
    """What becomes of a pair."""

    NONE = 0
    REVIEW = 1
    AUTOMATIC = 2
    WITHIN_SOURCE = 3


@dataclass(frozen=True)
class JudgedPairs:
    """Pairs of rows, the smaller row first, in the order of their rows.

    ``weight`` is with what relatives add, ``relatives`` the level of Relatives, ``contested`` says
    that another record of the same source fits about as well.
    """

    a: np.ndarray
    b: np.ndarray
    levels: Levels
    weight: np.ndarray
    relatives: np.ndarray
    contested: np.ndarray
    band: np.ndarray

    def take(self, rows: np.ndarray) -> JudgedPairs:
        """Some of the pairs, chosen by index or mask."""
        arrays = {name: value[rows] for name, value in vars(self).items() if name != "levels"}
        return JudgedPairs(**arrays, levels=self.levels.take(rows))


def judge_pairs(
    persons: PersonColumns, known: KnownNames, model: Model, touching: np.ndarray | None = None
) -> JudgedPairs:
    """Judges all pairs worth comparing, or only those that have one of the rows ``touching``.

    These are judged as among all pairs. What changed with a record can also change pairs of
    others: those of list_affected_rows.
    """
    with _PairSearch(persons, known, model) as search:
        if touching is None:
            return _judge(persons, *search.find_all())
        # Their competitors, and the relatives that support either.
        competitors = search.list_partners(search.list_partners(touching))
        judged = _judge(persons, *search.find_touching(_add_relatives(persons, competitors)))
    return judged.take(np.isin(judged.a, touching) | np.isin(judged.b, touching))


def list_affected_rows(
    persons: PersonColumns, known: KnownNames, model: Model, rows: np.ndarray
) -> np.ndarray:
    """The rows whose pairs may be judged in another way because these rows are new or changed."""
    with _PairSearch(persons, known, model) as search:
        return _add_relatives(persons, search.list_partners(rows))


# Rows of both records, and what is known of the pairs without others.
_Weighed = tuple[np.ndarray, np.ndarray, PairRules]


class _PairSearch:
    """Finds candidates and weighs them; those that nothing could make likely are left out."""

    def __init__(self, persons: PersonColumns, known: KnownNames, model: Model) -> None:
        self._persons, self._model = persons, model
        self._words = model.pair_words(persons, known)
        self._candidates = CandidateSearch(persons, known)

    def __enter__(self) -> _PairSearch:
        return self

    def __exit__(self, *_: object) -> None:
        self._candidates.close()

    def find_all(self) -> _Weighed:
        return self._weigh(*self._candidates.find_all())

    def find_touching(self, rows: np.ndarray) -> _Weighed:
        return self._weigh(*self._candidates.find_touching(rows))

    def list_partners(self, rows: np.ndarray) -> np.ndarray:
        """The rows and all that make a pair with one of them."""
        a, b, _ = self.find_touching(rows)
        return np.unique(np.concatenate([rows, a, b]))

    def _weigh(self, a: np.ndarray, b: np.ndarray) -> _Weighed:
        levels = compare_pairs(self._words, self._persons, a, b)
        weight = weigh_pairs(self._model, self._persons, levels, a, b)
        worth = np.flatnonzero(weight >= REVIEW - _RELATIVE)
        rules = PairRules(levels.take(worth), np.zeros_like(worth), weight[worth])
        return a[worth], b[worth], rules


def _add_relatives(persons: PersonColumns, rows: np.ndarray) -> np.ndarray:
    """The rows and all who are relatives of one of them."""
    return list_relatives(find_homes(persons), rows)


def _judge(persons: PersonColumns, a: np.ndarray, b: np.ndarray, alone: PairRules) -> JudgedPairs:
    across = persons.source[a] != persons.source[b]
    double = ~across & alone.sound & (alone.weight >= WITHIN_SOURCE)
    rules = _add_support(persons, alone, a, b, across)
    # What one side's relatives excuse is excused in the pair itself, not in its rivals.
    strict = replace(rules, relatives=np.where(rules.of_both, rules.relatives, Relatives.NONE))
    rivals = np.where(across & ~strict.contradicted, rules.weight, NEVER)
    contested = find_contested(persons, a, b, rules.weight, rivals, double & alone.verbatim)
    band = _find_bands(rules, across, contested)
    band[double] = Band.WITHIN_SOURCE
    return JudgedPairs(a, b, rules.levels, rules.weight, rules.relatives, contested, band)


def _add_support(
    persons: PersonColumns, alone: PairRules, a: np.ndarray, b: np.ndarray, across: np.ndarray
) -> PairRules:
    """The rules once relatives that are linked without help have added their weight."""
    linked = across & alone.sound & (alone.weight >= LIKELY)
    relatives = LinkedRelatives(persons, a, b).find_levels(linked)
    rules = replace(alone, relatives=relatives)
    helped = rules.of_both & (alone.levels.given != NameLevel.DIFFERENT)
    return replace(rules, weight=alone.weight + np.where(helped, _RELATIVE, 0.0))


def _find_bands(rules: PairRules, across: np.ndarray, contested: np.ndarray) -> np.ndarray:
    bar = np.where(rules.contradicted, REVIEW_CONTRADICTED, REVIEW)
    review = across & ~rules.hopeless & (rules.weight >= bar)
    band = np.where(review, Band.REVIEW, Band.NONE).astype(np.int8)
    band[across & rules.sound & ~contested & (rules.weight >= LIKELY)] = Band.AUTOMATIC
    return band
