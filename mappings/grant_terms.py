"""Rates, deadlines and limits of the funding as data, each with its validity and source."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field

from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "rules" / "grants.yaml"
Known = Literal["F", "D", "A"]


class VzaeRate(BaseModel, extra="forbid"):
    """EUR per full-time equivalent and year, valid from–to."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")
    amount: Decimal = Field(gt=0)
    known: Known
    source: str


class Months(BaseModel, extra="forbid"):
    """A number of months with its source."""

    value: int = Field(ge=0)
    known: Known
    source: str


class Limit(BaseModel, extra="forbid"):
    """A limit in full-time equivalents."""

    value: Decimal
    known: Known
    source: str


class Deadlines(BaseModel, extra="forbid"):
    """How long there is time, in months."""

    evidence_months: Months
    training_begun_months: Months
    training_finished_months: Months


class GrantTerms(BaseModel, extra="forbid"):
    """All of them. ``trained_classes``: qualifications that need no Nachqualifizierung."""

    rates: list[VzaeRate]
    deadlines: Deadlines
    smallest_post: Limit
    own_post_from_2025: Limit
    trained_classes: list[str]
    new_rules_from: date

    def rate_on(self, day: date) -> VzaeRate | None:
        """The rate of a day; None: not known."""
        return next((r for r in self.rates if r.first <= day <= r.last), None)

    def needs_training(self, qualification: str | None) -> bool | None:
        """Whether the class needs a Nachqualifizierung; None: no class is recorded."""
        if not qualification:
            return None
        return qualification.strip().casefold()[:1] not in self.trained_classes


class _RatesFile(BaseModel, extra="forbid"):
    rates: list[VzaeRate]


@cache
def _load_shipped() -> GrantTerms:
    return read_model(FILE, GrantTerms)


def load_terms(own_rates: Path | None = None) -> GrantTerms:
    """The terms; the rates of the district's own file go before the shipped ones."""
    shipped = _load_shipped()
    if own_rates is None:
        return shipped
    rates: Sequence[VzaeRate] = read_model(own_rates, _RatesFile).rates
    return shipped.model_copy(update={"rates": [*rates, *shipped.rates]})


def add_months(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month (31.01. and one: 28.02.)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def end_after_months(last: date, months: int) -> date:
    """The last day of a deadline of so many months after a last day.

    A period that ends with a month has deadlines that end with a month.
    """
    return add_months(last + timedelta(days=1), months) - timedelta(days=1)


def month_end(day: date) -> date:
    """The last day of the month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])
