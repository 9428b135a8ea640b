"""The states and severities that columns of the warehouse hold, as enumerations."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """How much a finding costs: the row (or table, or file), one value, or nothing. Worst first."""

    REJECTED = "rejected"
    SET_ASIDE = "set_aside"
    NOTICE = "notice"
