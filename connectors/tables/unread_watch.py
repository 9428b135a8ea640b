"""What a reader must not leave unread without a word, though no mapping asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class UnreadWatch:
    """Judges what nothing reads; only whoever makes it knows the words.

    ``names``: whether a column of this name matters; ``says``: whether the cells of a row do.
    ``hint`` is a pattern that matches a cell of every such row, whatever the case, and of others.
    """

    names: Callable[[str], bool]
    says: Callable[[Sequence[str]], bool]
    hint: str
