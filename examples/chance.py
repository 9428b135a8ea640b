"""Draws by weights from a random number generator."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


def draw_weighted(rng: Random, weights: Mapping[T, int]) -> T:
    """Draws one of the keys with the probability its value gives it."""
    return rng.choices(list(weights), list(weights.values()))[0]
