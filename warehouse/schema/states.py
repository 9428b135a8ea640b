"""Enumerations of the states and severities in columns of the warehouse."""

from __future__ import annotations

from enum import StrEnum

# Source and delivery of a load that brings nothing: what a person decided took effect with it.
NO_DELIVERY = ""


class Severity(StrEnum):
    """What a finding costs: the row (or table, or file), one value, or nothing; worst first."""

    REJECTED = "rejected"
    SET_ASIDE = "set_aside"
    NOTICE = "notice"


class DeliveryScope(StrEnum):
    """Whether a delivery contains all that its source knows, or only what changed."""

    FULL = "full"
    PARTIAL = "partial"


class DeliveryState(StrEnum):
    """The state of a delivery; the ledger has the first five, the others occur in a folder only."""

    LOADED = "loaded"
    INCOMPLETE = "incomplete"
    HELD = "held"
    FAILED = "failed"
    UNDONE = "undone"
    KNOWN = "known"
    GROWING = "growing"
    EMPTY = "empty"
    UNREACHABLE = "unreachable"
    NEVER = "never"

    @property
    def is_red(self) -> bool:
        """Whether someone has to act before all of the delivery is in the warehouse."""
        return self in _RED


_RED = {
    DeliveryState.INCOMPLETE,
    DeliveryState.HELD,
    DeliveryState.FAILED,
    DeliveryState.EMPTY,
    DeliveryState.UNREACHABLE,
}
