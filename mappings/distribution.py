"""How the money of each year is shared: formula, rate, rounding, key date and window as data."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from mappings.yaml_file import read_model

FILE = Path(__file__).parent / "rules" / "distribution.yaml"
Known = Literal["F", "D", "A"]
KNOWN_LABELS: dict[Known, str] = {"F": "belegt", "D": "abgeleitet", "A": "Annahme"}


class UnknownYear(Exception):
    """Nothing is known of the year; its text names those that are."""


class Window(BaseModel, extra="forbid"):
    """The days that count, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _is_in_order(self) -> Window:
        if self.last < self.first:
            raise ValueError("ends before it begins")
        return self


class DistributionYear(BaseModel, extra="forbid"):
    """One year of calculation (Berechnungsjahr).

    ``formula`` rate: rate × persons, rounded half up to ``unit``; share: budget by persons, the
    remainder in units by largest remainder. What is not known is not there.
    """

    year: str
    known: Known
    formula: Literal["rate", "share"]
    rate: Decimal | None = Field(None, gt=0)
    unit: Decimal = Decimal("0.01")
    rule: str
    stichtag: date | None = None
    window: Window | None = None
    source: str

    @model_validator(mode="after")
    def _fits_its_formula(self) -> DistributionYear:
        if self.unit not in (Decimal("1"), Decimal("0.01")):
            raise ValueError("unit is 1 (whole euros) or 0.01 (cents)")
        if self.formula == "share" and self.rate is not None:
            raise ValueError("a share of the budget has no rate")
        return self


class _YearsFile(BaseModel, extra="forbid"):
    years: list[DistributionYear]


def load_years(own: Path | None = None) -> Sequence[DistributionYear]:
    """The years that come with the hub; the district's ``own`` file goes before them."""
    files = (FILE, own) if own else (FILE,)
    years = {year.year: year for file in files for year in read_model(file, _YearsFile).years}
    return [years[name] for name in sorted(years)]


def find_year(name: str, own: Path | None = None) -> DistributionYear:
    """The year of this name; UnknownYear names those that are known."""
    years = {year.year: year for year in load_years(own)}
    if name not in years:
        raise UnknownYear(f"nothing is known of the year {name}; known: {', '.join(years)}")
    return years[name]
