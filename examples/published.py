"""The published reports that `--like` can reproduce; published.yaml has their totals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final, Literal, NamedTuple

from examples import fitted_life
from examples.district import Carrier, sole_carrier
from examples.expected_figures import Period
from examples.life import Life
from examples.yaml_data import read_data

_FITS: Final = {
    "topics_and_referrals": fitted_life.by_topics_and_referrals,
    "kind_and_housing": fitted_life.by_kind_and_housing,
}


class PublishedPeriod(NamedTuple):
    """The totals of a period, both days included."""

    first: date
    last: date
    figures: dict[str, int]


@dataclass(frozen=True, slots=True)
class Report:
    """One published report, and the system whose delivery of a day comes to its totals."""

    system: str
    mapping: str
    fitted_by: Literal["topics_and_referrals", "kind_and_housing"]
    delivered: date
    periods: tuple[PublishedPeriod, ...]

    @property
    def figures(self) -> dict[Period, dict[str, int]]:
        """The totals by period."""
        return {(first, last): figures for first, last, figures in self.periods}

    @property
    def carrier(self) -> Carrier:
        """The carrier that counsels in the whole district."""
        return sole_carrier(self.system, self.mapping)

    def make_life(self, rng: Random) -> Life:
        """A life of the district that comes to exactly the published totals."""
        return _FITS[self.fitted_by](rng, self.carrier, self.figures, self.delivered)


REPORTS: Final[dict[str, Report]] = read_data("published", dict[str, Report])
