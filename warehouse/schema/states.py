"""The states and severities that columns of the warehouse hold, as enumerations."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much a finding costs: the row (or table, or file), one value, or nothing. Worst first."""

    REJECTED = "rejected"
    SET_ASIDE = "set_aside"
    NOTICE = "notice"


class DeliveryScope(StrEnum):
    """Whether a delivery holds all that its source knows, or only what changed."""

    FULL = "full"
    PARTIAL = "partial"


class DeliveryState(StrEnum):
    """What became of a delivery. The ledger keeps the first four, the others are seen in a folder."""

    LOADED = "loaded"
    INCOMPLETE = "incomplete"
    HELD = "held"
    FAILED = "failed"
    KNOWN = "known"
    GROWING = "growing"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"
    NEVER = "never"

    @property
    def is_red(self) -> bool:
        """Whether someone has to do something before all of the delivery is in the warehouse."""
        return self in _RED


_RED = {
    DeliveryState.INCOMPLETE,
    DeliveryState.HELD,
    DeliveryState.FAILED,
    DeliveryState.EMPTY,
    DeliveryState.UNREACHABLE,
}
