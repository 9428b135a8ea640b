"""Judges pairs of records: one person without asking anybody, to be reviewed, or nothing.

A weight alone never suffices: look-alikes of one name and one stand-in birthday reach any weight.
A pair is linked automatically only if something besides the names corroborates it, nothing
contradicts it and no other record competes for the same place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum
from functools import cached_property

import numpy as np

from warehouse.identity.candidates import CandidateSearch
from warehouse.identity.competition import NEVER, find_contested
from warehouse.identity.family_numbers import mark_family_numbers
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
# The share of all records from which on it costs less to judge all.
_MANY = 0.1


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
    that another record of the same source fits about as well, ``two_humans`` that they cannot be
    one person, not even by way of a third record.
    """

    a: np.ndarray
    b: np.ndarray
    levels: Levels
    weight: np.ndarray
    relatives: np.ndarray
    contested: np.ndarray
    two_humans: np.ndarray
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
    others: judge_touched.
    """
    search = _PairSearch(persons, known, model)
    if touching is None:
        return _judge(persons, *search.find_all())
    return _judge_touching(persons, search, touching)


def judge_touched(
    persons: PersonColumns,
    known: KnownNames,
    model: Model,
    touched: np.ndarray,
    paired: np.ndarray,
) -> tuple[np.ndarray, JudgedPairs]:
    """The rows whose pairs may be judged anew because some are new or changed, and their pairs.

    ``touched`` are these rows and their relatives until then; ``paired`` those of them, and of
    their partners, that made a pair. Where many are touched, all are judged at once.
    """
    search = _PairSearch(persons, known, model)
    if len(touched) > len(persons) * _MANY:
        return np.arange(len(persons)), _judge(persons, *search.find_all())
    rows = search.list_affected(np.union1d(touched, paired), paired)
    return rows, _judge_touching(persons, search, rows)


def _judge_touching(
    persons: PersonColumns, search: _PairSearch, touching: np.ndarray
) -> JudgedPairs:
    """The pairs of some rows, judged among their competitors and the relatives of either."""
    competitors = search.list_partners(touching)
    around = search.add_bearers(search.add_relatives(competitors))
    judged = _judge(persons, *search.find_touching(around))
    return judged.take(np.isin(judged.a, touching) | np.isin(judged.b, touching))


# Rows of both records, in their order, and how they agree.
_Compared = tuple[np.ndarray, np.ndarray, Levels]
# Rows of both records, and what is known of the pairs without others.
_Weighed = tuple[np.ndarray, np.ndarray, PairRules]


class _PairSearch:
    """Finds candidates and weighs them; those that nothing could make likely are left out."""

    def __init__(self, persons: PersonColumns, known: KnownNames, model: Model) -> None:
        self._persons, self._model = persons, model
        self._words = model.pair_words(persons, known)
        self._candidates = CandidateSearch(persons, known)
        self._searched = np.array([], np.int64)
        self._found = self._compare(self._searched, self._searched)

    def find_all(self) -> _Weighed:
        return self._weigh(self._compare(*self._candidates.find_all()))

    def find_touching(self, rows: np.ndarray) -> _Weighed:
        """The pairs that have one of the rows; all rows that were asked for before are among them.

        Only pairs that were not found before are compared.
        """
        fresh = np.setdiff1d(rows, self._searched)
        a, b = self._candidates.find_touching(fresh)
        new = ~(np.isin(a, self._searched) | np.isin(b, self._searched))
        self._found = _merge_pairs(self._found, self._compare(a[new], b[new]))
        self._searched = np.union1d(self._searched, fresh)
        return self._weigh(self._found)

    def list_partners(self, rows: np.ndarray) -> np.ndarray:
        """The rows and all that make a pair with one of them."""
        a, b, _ = self.find_touching(rows)
        return np.unique(np.concatenate([rows, a, b]))

    def list_affected(self, rows: np.ndarray, paired: np.ndarray) -> np.ndarray:
        """The rows, their partners, and the relatives of those who are or were linked."""
        a, b, rules = self.find_touching(rows)
        linked = _find_linked(self._persons, a, b, rules)
        families = self.add_relatives(np.concatenate([paired, a[linked], b[linked]]))
        return np.unique(np.concatenate([rows, a, b, families]))

    def add_relatives(self, rows: np.ndarray) -> np.ndarray:
        """The rows and all who are relatives of one of them."""
        return list_relatives(self._homes, rows)

    def add_bearers(self, rows: np.ndarray) -> np.ndarray:
        """The rows and all who carry one number with one of them."""
        return list_relatives(self._persons.number[:, None], rows)

    @cached_property
    def _homes(self) -> np.ndarray:
        return find_homes(self._persons)

    def _compare(self, a: np.ndarray, b: np.ndarray) -> _Compared:
        return a, b, compare_pairs(self._words, self._persons, a, b)

    def _weigh(self, compared: _Compared) -> _Weighed:
        a, b, levels = compared
        levels = mark_family_numbers(levels, self._persons, a, b)
        weight = weigh_pairs(self._model, self._persons, levels, a, b)
        worth = np.flatnonzero(weight >= REVIEW - _RELATIVE)
        rules = PairRules(levels.take(worth), np.zeros_like(worth), weight[worth])
        return a[worth], b[worth], rules


def _merge_pairs(one: _Compared, other: _Compared) -> _Compared:
    a, b = (np.concatenate(rows) for rows in zip(one[:2], other[:2], strict=True))
    order = np.lexsort((b, a))
    return a[order], b[order], one[2].join(other[2]).take(order)


def _find_linked(
    persons: PersonColumns, a: np.ndarray, b: np.ndarray, alone: PairRules
) -> np.ndarray:
    """Whether pairs are likely without help: these help relatives."""
    across = persons.source[a] != persons.source[b]
    return np.asarray(across & alone.sound & (alone.weight >= LIKELY))


def _judge(persons: PersonColumns, a: np.ndarray, b: np.ndarray, alone: PairRules) -> JudgedPairs:
    across = persons.source[a] != persons.source[b]
    double = ~across & alone.sound & (alone.weight >= WITHIN_SOURCE)
    rules = _add_support(persons, alone, a, b)
    # What one side's relatives excuse is excused in the pair itself, not in its rivals.
    strict = replace(rules, relatives=np.where(rules.of_both, rules.relatives, Relatives.NONE))
    rivals = np.where(across & ~strict.contradicted, rules.weight, NEVER)
    contested = find_contested(persons, a, b, rules.weight, rivals, double & alone.verbatim)
    band = _find_bands(rules, across, contested)
    band[double] = Band.WITHIN_SOURCE
    told = (rules.levels, rules.weight, rules.relatives, contested, rules.two_humans)
    return JudgedPairs(a, b, *told, band)


def _add_support(
    persons: PersonColumns, alone: PairRules, a: np.ndarray, b: np.ndarray
) -> PairRules:
    """The rules once relatives that are linked without help have added their weight."""
    linked = _find_linked(persons, a, b, alone)
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
