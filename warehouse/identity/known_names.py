"""What is known of names beyond their spelling: which are related, and which only sound alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product

from warehouse.identity.comparable_names import shorten_word


@dataclass(frozen=True)
class KnownNames:
    """Words of names by group: one group of ``related`` is one name; ``distinct`` pairs are not."""

    related: frozenset[tuple[str, str]]
    distinct: frozenset[tuple[str, str]]

    @cached_property
    def digest(self) -> str:
        """What tells these names from others, as pairs are compared by them."""
        pairs = repr((sorted(self.related), sorted(self.distinct)))
        return hashlib.sha256(pairs.encode()).hexdigest()[:12]

    @classmethod
    def of(cls, related: Iterable[str], distinct: Iterable[str]) -> KnownNames:
        """Reads lines of words; sides of a line of ``distinct`` are parted by strokes."""
        together = {pair for line in related for pair in combinations(_read_words(line), 2)}
        apart = {pair for line in distinct for pair in _pair_sides(line)}
        together = set(map(_order_pair, together))
        return cls(frozenset(together), frozenset(set(map(_order_pair, apart)) - together))


def find_pairs(
    words: Sequence[str], pairs: frozenset[tuple[str, str]]
) -> frozenset[tuple[int, int]]:
    """The pairs that occur, as codes of the words, the smaller first."""
    codes = {word: code for code, word in enumerate(words)}
    found = ((codes[a], codes[b]) for a, b in pairs if a in codes and b in codes)
    return frozenset((min(pair), max(pair)) for pair in found)


def _pair_sides(line: str) -> Iterator[tuple[str, str]]:
    """Every word of one side with every word of another."""
    sides = [_read_words(side) for side in line.split("|")]
    for one, other in combinations(sides, 2):
        yield from product(one, other)


def _order_pair(pair: tuple[str, str]) -> tuple[str, str]:
    return min(pair), max(pair)


def _read_words(text: str) -> list[str]:
    return [shorten_word(word) for word in text.split()]
