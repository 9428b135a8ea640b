"""How alike words of names are, by their sound and by what is known of names."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from warehouse.identity.known_names import KnownNames, find_pairs
from warehouse.identity.name_distance import compare_tokens, encode_tokens

# Two common words less alike than this are two names.
_ONE_NAME = 0.80
_RELATED, _DISTINCT = 0.9, 0.5
# The shorter word has at least so many letters, the longer one at least so many more.
_BEGINNING, _REST = 3, 3

# Borne before the name that somebody is called by.
_HONOUR = re.compile("m[ou]h?am+[aeiu]d|mohd")

# A column of words of each record, as codes (-1: none).
Column = np.ndarray


class WordPairs:
    """Compares words of pairs of records, each distinct pair of words once.

    ``common`` says of each word whether many bear it: a slip makes a word that hardly anybody
    bears, but two words that many bear are two names, however much they sound alike.
    """

    def __init__(self, words: Sequence[str], known: KnownNames, common: np.ndarray) -> None:
        self._words = words
        self._common = common
        # Another script has no table of sounds; what holds a number is no name that is sure.
        self._foreign = np.array([not word.isascii() for word in words], bool)
        self._numbered = np.array([any(map(str.isdigit, word)) for word in words], bool)
        self._initials = np.array([word[:_BEGINNING] for word in words], f"U{_BEGINNING}")
        self._honoured = np.array([bool(_HONOUR.match(word)) for word in words], bool)
        self._honours = np.array([bool(_HONOUR.fullmatch(word)) for word in words], bool)
        self._related = _pack_known(words, known.related)
        self._distinct = _pack_known(words, known.distinct)

    def find_best(self, columns: Sequence[tuple[Column, Column]]) -> np.ndarray:
        """The best likeness over pairs of columns (0 to 1); NaN where none has both words."""
        found, back = _find_distinct([self._pack(one, other) for one, other in columns])
        alike = np.full(len(found), np.nan, np.float32)
        known = found >= 0
        alike[known] = self._compare_words(*np.divmod(found[known], len(self._words)))
        return np.asarray(np.fmax.reduce(np.split(alike[back], len(columns))))

    def find_beginnings(self, one: Column, other: Column) -> np.ndarray:
        """1 where one word is a part of the other ("Gholamreza" and "Gholam", "Mohammadreza" and
        "Reza"), else 0."""
        found, back = _find_distinct([self._pack(one, other)])
        begin = np.zeros(len(found), np.float32)
        for at in self._find_possible(found).tolist():
            begin[at] = self._begins(*divmod(int(found[at]), len(self._words)))
        return np.asarray(begin[back])

    def _find_possible(self, packed: np.ndarray) -> np.ndarray:
        """Where both words begin alike, or one with "Mohammad": few of all need a closer look."""
        known = np.flatnonzero(packed >= 0)
        one, other = np.divmod(packed[known], max(len(self._words), 1))
        alike = self._initials[one] == self._initials[other]
        return np.asarray(known[alike | self._honoured[one] | self._honoured[other]])

    def list_called(self, names: np.ndarray) -> np.ndarray:
        """The second word of each name whose first is "Mohammad"; who bears both is called by it."""
        honoured = (names[:, 0] >= 0) & self._honours[names[:, 0]]
        return np.where(honoured, names[:, 1], -1)

    def _begins(self, one: int, other: int) -> bool:
        short, long = sorted((self._words[one], self._words[other]), key=len)
        long_enough = len(short) >= _BEGINNING and len(long) >= len(short) + _REST
        named = long.endswith(short) and _HONOUR.fullmatch(long.removesuffix(short))
        return long_enough and (long.startswith(short) or bool(named))

    def _pack(self, one: Column, other: Column) -> np.ndarray:
        """Both words as one number; -1 where one is missing."""
        known = (one >= 0) & (other >= 0)
        return np.where(known, pack_pairs(one, other, len(self._words)), -1)

    def _compare_words(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        # Of a whole district only the words of the pairs that are compared are read.
        needed, places = np.unique(np.concatenate([one, other]), return_inverse=True)
        codes = encode_tokens([self._words[word] for word in needed.tolist()])
        alike = self._correct(compare_tokens(codes, *np.split(places, 2)), one, other)
        foreign, mixed = self._foreign[one], self._foreign[one] != self._foreign[other]
        alike = np.where(foreign, np.where(one == other, 1.0, 0.0), alike)
        alike = np.where(self._numbered[one] | self._numbered[other], 0.0, alike)
        return np.where(mixed, np.nan, alike).astype(np.float32)

    def _correct(self, alike: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        packed = one * len(self._words) + other
        two_names = (alike < _ONE_NAME) & self._common[one] & self._common[other]
        two_names |= np.isin(packed, self._distinct)
        alike = np.where(two_names, np.minimum(alike, _DISTINCT), alike)
        return np.where(np.isin(packed, self._related), np.maximum(alike, _RELATED), alike)


def pack_pairs(one: np.ndarray, other: np.ndarray, count: int) -> np.ndarray:
    """Pairs of numbers below ``count`` as one number, whichever of both comes first."""
    low = np.minimum(one, other, dtype=np.int64)
    return np.asarray(low * count + np.maximum(one, other))


def _find_distinct(packed: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The distinct numbers of all arrays, and where each one of them is."""
    return np.unique(np.concatenate(packed), return_inverse=True)


def _pack_known(words: Sequence[str], pairs: frozenset[tuple[str, str]]) -> np.ndarray:
    count = len(words)
    return np.array([a * count + b for a, b in find_pairs(words, pairs)], np.int64)
