"""Which pairs of records are worth comparing: those that agree in two things rare together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np

from warehouse.identity.birth_days import (
    day_of,
    exchange_day_and_month,
    is_stand_in,
    month_of,
    year_of,
)
from warehouse.identity.known_names import KnownNames, find_pairs
from warehouse.identity.name_keys import list_keys
from warehouse.identity.nationalities import list_confused
from warehouse.identity.person_columns import PersonColumns
from warehouse.identity.word_pairs import pack_pairs

# More than there are days in the calendar, and how many of them lie before 1970.
_DAYS, _EARLIER = 1 << 22, 1 << 20
# So many pairs are in memory at once before most of them are left out.
_AT_ONCE = 4_000_000

# Whether pairs of rows are worth comparing.
_Fits = Callable[[np.ndarray, np.ndarray], np.ndarray]


class CandidateSearch:
    """Finds pairs of rows, the smaller row first."""

    def __init__(self, persons: PersonColumns, known: KnownNames) -> None:
        self._count = len(persons)
        self._blocks = list(_list_blocks(persons, known))

    def find_all(self) -> tuple[np.ndarray, np.ndarray]:
        """All pairs worth comparing."""
        return self._find_pairs(np.ones(self._count, bool))

    def find_touching(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Those of all pairs that have one of these rows."""
        wanted = np.zeros(self._count, bool)
        wanted[rows] = True
        return self._find_pairs(wanted)

    def _find_pairs(self, wanted: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        found = [np.array([], np.int64)]
        for block in self._blocks:
            for one, other in block.meet(wanted):
                found.append(np.minimum(one, other) * self._count + np.maximum(one, other))
        return np.divmod(_sort_distinct(np.concatenate(found)), max(self._count, 1))


@dataclass(frozen=True)
class _Entries:
    """Rows under codes, each once, in the order of the codes and then of the rows."""

    codes: np.ndarray
    rows: np.ndarray

    @classmethod
    def sort(cls, codes: np.ndarray, rows: np.ndarray, count: int) -> Self:
        """The entries of rows below ``count``."""
        return cls(*np.divmod(_sort_distinct(codes.astype(np.int64) * count + rows), max(count, 1)))

    def choose(self, wanted: np.ndarray) -> _Entries:
        """The entries of some rows, given for each row whether it is one."""
        chosen = wanted[self.rows]
        return _Entries(self.codes[chosen], self.rows[chosen])


@dataclass(frozen=True)
class _Block:
    """Rows meet where one's code of ``looking`` is the other's of ``met``, if they fit.

    Whoever looks for a row is found by it, too.
    """

    looking: _Entries
    met: _Entries
    fits: _Fits

    def meet(self, wanted: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The pairs of each wanted row with others, in portions; of two wanted rows once."""
        ours = self.looking.choose(wanted)
        starts = np.searchsorted(self.met.codes, ours.codes, "left")
        counts = np.searchsorted(self.met.codes, ours.codes, "right") - starts
        for some in _split_evenly(counts):
            one = np.repeat(ours.rows[some], counts[some])
            other = self.met.rows[_expand(starts[some], counts[some])]
            new = (one < other) | ~wanted[other]
            one, other = one[new], other[new]
            fits = self.fits(one, other)
            yield one[fits], other[fits]


def _sort_distinct(values: np.ndarray) -> np.ndarray:
    """The values in their order, each once; for millions of them faster than numpy's unique."""
    ordered = np.sort(values)
    first = np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)]
    return np.asarray(ordered[first])


def _split_evenly(counts: np.ndarray) -> Iterator[slice]:
    """Slices whose counts make up about as much as is worked on at once."""
    portions = np.cumsum(counts) // _AT_ONCE
    bounds = [0, *(np.flatnonzero(np.diff(portions)) + 1).tolist(), len(counts)]
    for start, end in pairwise(bounds):
        yield slice(start, end)


def _expand(starts: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """The numbers from each start on, as many as counted."""
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.repeat(starts, counts) + within)


def _list_blocks(persons: PersonColumns, known: KnownNames) -> Iterator[_Block]:
    """Pairs of one source have to be close: a number, or the birthday and a name."""
    count, fits = len(persons), _Fitting(persons)
    keys = _WordKeys(persons.words, known)
    numbered = np.flatnonzero(persons.number >= 0)
    numbers = _Entries.sort(persons.number[numbered], numbered, count)
    yield _Block(numbers, numbers, fits.meet_by_number)
    names = _list_name_keys(persons, keys)
    born = _add_days(*names, persons.born, count)
    yield _Block(born, born, fits.meet_by_birthday)
    exchanged = _add_days(*names, exchange_day_and_month(persons.born), count)
    yield _Block(exchanged, born, fits.meet_by_number)
    rows, pairs = _list_key_pairs(persons, keys)
    both = _Entries.sort(pairs, rows, count)
    yield _Block(both, both, fits.meet_by_names)
    entered = _add_days(*names, persons.entered, count)
    yield _Block(entered, entered, fits.meet_by_entry)


def _add_days(rows: np.ndarray, keys: np.ndarray, days: np.ndarray, count: int) -> _Entries:
    """The entries of a key and the day of its row; who has none meets nobody."""
    known = ~np.isnat(days[rows])
    rows, keys = rows[known], keys[known]
    return _Entries.sort(keys * _DAYS + days[rows].astype(np.int64) + _EARLIER, rows, count)


class _Fitting:
    """Which pairs of rows that meet are worth comparing."""

    def __init__(self, persons: PersonColumns) -> None:
        self._persons = persons
        self._stand_in = is_stand_in(persons.born)
        self._year = year_of(persons.born)
        self._day = month_of(persons.born) * 100 + day_of(persons.born)
        # The last one is what an unknown nationality leads to.
        confused = list_confused(persons.nationalities)
        self._mistaken = np.pad(confused | np.eye(len(confused), dtype=bool), (0, 1))

    def meet_by_number(self, one: np.ndarray, _other: np.ndarray) -> np.ndarray:
        """By one number, or by a name and a birthday with day and month exchanged: always."""
        return np.ones(len(one), bool)

    def meet_by_birthday(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """By a name and a birthday; on a day that stands for an unknown one not two nationalities."""
        same = _are_same(self._persons.nationality, one, other)
        return np.asarray(~self._stand_in[one] | same)

    def meet_by_names(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """By both names: nearly the birthday, and one nationality.

        On one birthday nationalities that are confused fit, too.
        """
        born, nation = self._persons.born, self._persons.nationality
        mistaken = (born[one] == born[other]) & self._mistaken[nation[one], nation[other]]
        nations = _are_same(nation, one, other) | mistaken
        of_day = (self._day[one] == self._day[other]) & ~self._stand_in[one]
        near = self._are_near(one, other, of_day)
        return np.asarray(nations & near & self._are_of_two_sources(one, other))

    def meet_by_entry(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """By a name and a day of entry: one sex, and nearly the year of birth."""
        sexes = _are_same(self._persons.sex, one, other)
        near = self._are_near(one, other, np.zeros(len(one), bool))
        return np.asarray(sexes & near & self._are_of_two_sources(one, other))

    def _are_of_two_sources(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        return np.asarray(self._persons.source[one] != self._persons.source[other])

    def _are_near(self, one: np.ndarray, other: np.ndarray, excused: np.ndarray) -> np.ndarray:
        """Whether the years of birth are no more than one apart, or one is not known."""
        near = np.abs(self._year[one] - self._year[other]) <= 1
        unknown = np.isnat(self._persons.born)
        return np.asarray(near | excused | unknown[one] | unknown[other])


def _are_same(codes: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Whether codes are the same, or one is not known."""
    left, right = codes[one], codes[other]
    return np.asarray((left == right) | (left < 0) | (right < 0))


class _WordKeys:
    """The codes of the keys of all words: word w has those from starts[w] to starts[w + 1]."""

    def __init__(self, words: Sequence[str], known: KnownNames) -> None:
        codes: dict[str, int] = {}
        lists = [[codes.setdefault(k, len(codes)) for k in list_keys(w)] for w in words]
        # Nikolai is Mykola, though they share no sound: both have the first key of both.
        for one, other in find_pairs(words, known.related):
            lists[one], lists[other] = (
                [*lists[one], lists[other][0]],
                [*lists[other], lists[one][0]],
            )
        self.count = len(codes)
        self.starts = np.concatenate([[0], np.cumsum([len(k) for k in lists])]).astype(np.int64)
        self.keys = np.fromiter((k for ks in lists for k in ks), np.int64)

    def expand(self, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows and keys, one for each key of the word of each row."""
        rows = np.flatnonzero(words >= 0)
        start, end = self.starts[words[rows]], self.starts[words[rows] + 1]
        return np.repeat(rows, end - start), self.keys[_expand(start, end - start)]


def _list_name_keys(persons: PersonColumns, keys: _WordKeys) -> tuple[np.ndarray, np.ndarray]:
    """Rows and the keys of all words of their names."""
    columns = [words for table in (persons.given, persons.family) for words in _list_words(table)]
    rows, found = zip(*map(keys.expand, columns), strict=True)
    return np.concatenate(rows), np.concatenate(found)


def _list_words(names: np.ndarray) -> list[np.ndarray]:
    """The columns of words; all words as one only where that is another word than the first."""
    first, *further, whole = names.T
    return [first, *further, np.where(whole == first, -1, whole)]


def _list_key_pairs(persons: PersonColumns, keys: _WordKeys) -> tuple[np.ndarray, np.ndarray]:
    """Rows and each key of a given name with each of a family name, whichever comes first."""
    rows, one, other = map(np.concatenate, zip(*_pair_parts(persons, keys), strict=True))
    return rows, pack_pairs(one, other, keys.count)


def _pair_parts(
    persons: PersonColumns, keys: _WordKeys
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    first, second, _, whole = _list_words(persons.family)
    for given in persons.given.T[:2]:
        rows, one = keys.expand(given)
        for family in (first, second, whole):
            at, other = keys.expand(family[rows])
            yield rows[at], one[at], other
