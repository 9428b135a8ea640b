"""Tells nationalities that offices take for each other from those that are surely two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Codes of the common schema.
_CONFUSED = (
    "SYR staatenlos", "SYR PSE", "PSE staatenlos", "IRQ staatenlos", "LBN PSE", "AFG IRN",
    "AFG PAK", "ERI ETH", "ERI SDN", "GMB SEN", "GMB NGA", "IRQ SYR", "IRQ TUR", "SYR TUR",
    "SOM ETH", "UKR RUS", "SDN SSD", "SRB XKX", "ALB XKX",
)  # fmt: skip
_PAIRS = frozenset(frozenset(pair.split()) for pair in _CONFUSED)
_SAYS_NOTHING = ("ungeklaert", "ohne_angabe")


def known_nationality(code: str | None) -> str | None:
    """The nationality; None where it is not known."""
    return None if code in _SAYS_NOTHING else code


def are_other_nationalities(one: str | None, other: str | None) -> bool:
    """Whether both are known and nobody takes one for the other."""
    return None not in (one, other) and one != other and frozenset((one, other)) not in _PAIRS


def list_confused(nationalities: Sequence[str]) -> np.ndarray:
    """Whether two nationalities are often taken for each other, by their codes."""
    table = [
        [frozenset((one, other)) in _PAIRS for other in nationalities] for one in nationalities
    ]
    return np.array(table, bool).reshape(len(nationalities), len(nationalities))
