"""Tells why something in the ledger cannot come to a state from the one it is in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any


def explain_wrong_step(
    name: str, state: str, wanted: StrEnum, following: Mapping[Any, Collection[StrEnum]]
) -> str | None:
    """A sentence with the possible states; None where ``wanted`` may follow ``state``."""
    if wanted in following[state]:
        return None
    possible = ", ".join(sorted(following[state])) or "nothing"
    return f"{name} is {state}, after which it cannot be {wanted}; possible: {possible}"
