"""What reading one value can give: a typed value, or none with the rule that says why."""

from __future__ import annotations

from typing import Any, NamedTuple


class Outcome(NamedTuple):
    """``value`` is None where nothing (usable) was there; ``rule`` names what was wrong, None where all is well."""

    value: Any
    rule: str | None = None


NOTHING = Outcome(None)
