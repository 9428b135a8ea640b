"""The clock by which the ledger dates what it records."""

from __future__ import annotations

from datetime import UTC, datetime


def read_clock() -> datetime:
    """The time now in UTC, without a zone as the columns have it."""
    return datetime.now(UTC).replace(tzinfo=None)
