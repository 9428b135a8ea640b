"""The outcome of reading one value: a typed value, or none with the rule that was broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """``value`` is None where there is no usable one; ``rule``, if any, is the one broken."""

    value: Any
    rule: str | None = None


NOTHING = Outcome(None)
ReadText = Callable[[str], Outcome]
