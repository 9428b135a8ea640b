"""How alike two spellings of a name are, for many pairs at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from warehouse.identity.graphemes import Costs, alignment_costs, encode_name

_PAIRS_AT_ONCE = 65_536
# Two neighbouring letters exchanged by a slip of the fingers.
_EXCHANGED = np.float32(0.6)
_IMPOSSIBLE = np.float32(99)
_LEAST_WEIGHT = 0.5


@dataclass(frozen=True)
class TokenCodes:
    """The graphemes of tokens (tokens x position), filled up with 0, and how many each has."""

    table: np.ndarray
    lengths: np.ndarray

    def choose(self, tokens: np.ndarray) -> np.ndarray:
        """The graphemes of some tokens (position x token)."""
        longest = int(self.lengths[tokens].max(initial=1))
        return self.table[tokens, :longest].T.copy()


def encode_tokens(tokens: Sequence[str]) -> TokenCodes:
    """The graphemes of all tokens."""
    codes = [encode_name(token) for token in tokens]
    lengths = np.fromiter(map(len, codes), dtype=np.int64, count=len(codes))
    table = np.zeros((len(codes), int(lengths.max(initial=1))), dtype=np.uint16)
    for row, code in enumerate(codes):
        table[row, : len(code)] = code
    return TokenCodes(table, lengths)


def compare_tokens(codes: TokenCodes, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """How alike pairs of tokens are, from 0 to 1 (float32); ``left`` and ``right`` index tokens."""
    alike = np.empty(len(left), dtype=np.float32)
    for some in _split_by_length(codes.lengths[left], codes.lengths[right]):
        alike[some] = _align(codes.choose(left[some]), codes.choose(right[some]))
    return alike


def _split_by_length(one: np.ndarray, other: np.ndarray) -> Iterator[np.ndarray]:
    """The places of all pairs in portions of about the same lengths."""
    order = np.lexsort((other, one))
    for start in range(0, len(order), _PAIRS_AT_ONCE):
        yield order[start : start + _PAIRS_AT_ONCE]


def _align(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """1 less the cheapest alignment by the mean weight; arrays of position x pair."""
    costs = alignment_costs()
    aligned = _Alignment(costs, one, other)
    for letter in range(len(one)):
        aligned.add_letter(letter)
    weight = (costs.weight[one].sum(axis=0) + costs.weight[other].sum(axis=0)) / 2
    return np.asarray(1 - aligned.before[-1] / np.maximum(weight, _LEAST_WEIGHT))


class _Alignment:
    """The cheapest costs of aligning a growing part of ``one`` with every part of ``other``."""

    def __init__(self, costs: Costs, one: np.ndarray, other: np.ndarray) -> None:
        self._costs, self._one, self._other = costs, one, other
        self._signs = costs.sign[one], costs.sign[other]
        self._left_out = costs.leave_out[other]
        self.before = np.zeros((len(other) + 1, one.shape[1]), dtype=np.float32)
        np.cumsum(self._left_out, axis=0, out=self.before[1:])
        self._earlier = self.before

    def add_letter(self, at: int) -> None:
        """Aligns one more letter of ``one``."""
        gap = self._costs.leave_out[self._one[at]]
        row = np.empty_like(self.before)
        row[0] = self.before[0] + gap
        for facing in range(len(self._other)):
            cheapest = self._swap(at, facing)
            np.minimum(cheapest, self.before[facing + 1] + gap, out=cheapest)
            np.minimum(cheapest, row[facing] + self._left_out[facing], out=cheapest)
            if at and facing:
                self._exchange(at, facing, cheapest)
            row[facing + 1] = cheapest
        self._earlier, self.before = self.before, row

    def _swap(self, at: int, facing: int) -> np.ndarray:
        """The costs of reading one letter for the one that faces it."""
        swap = self._costs.swap
        places = self._one[at].astype(np.int32) * len(swap) + self._other[facing]
        return np.asarray(self.before[facing] + swap.ravel().take(places))

    def _exchange(self, at: int, facing: int, cheapest: np.ndarray) -> None:
        """Lowers the costs where two neighbours stand the other way round."""
        one, other = self._signs
        exchanged = (one[at] == other[facing - 1]) & (one[at - 1] == other[facing])
        if exchanged.any():
            turned = np.where(exchanged, self._earlier[facing - 1] + _EXCHANGED, _IMPOSSIBLE)
            np.minimum(cheapest, turned, out=cheapest)
