"""Totals that two districts published, and the reports `--like` can reproduce.

Only these totals are real. Everything else in the simulated data (people, places, the other
figures) is invented.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from examples import fitted_life
from examples.district import Carrier, sole_carrier
from examples.expected_figures import Period
from examples.life import Life

ALB_DONAU_PERIOD: Final = (date(2018, 2, 1), date(2021, 2, 28))
ALB_DONAU: Final = {
    ALB_DONAU_PERIOD: {
        "conversations": 43_240,
        "conversations_by_setting:einzelperson": 35_354,
        "conversations_by_setting:familie": 7_886,
        "plans_concluded": 1_326,
        "topics:kinder": 9_987,
        "topics:gesundheit": 7_310,
        "topics:anderes": 26_451,
        "referrals:jobcenter": 4_057,
        "referrals:auslaenderbehoerde": 1_859,
        "referrals:vereine": 1_613,
        "referrals:gesundheit": 1_204,
        "referrals:andere": 10_661,
        "clients_by_nationality:SYR": 734,
        "clients_by_nationality:AFG": 236,
        "clients_by_nationality:IRQ": 191,
    }
}
TUEBINGEN_UNTIL_JUNE: Final = (date(2017, 1, 1), date(2018, 6, 30))
TUEBINGEN_JULY: Final = (date(2018, 7, 1), date(2018, 7, 31))
TUEBINGEN: Final = {
    TUEBINGEN_UNTIL_JUNE: {"conversations_by_kind:clearing": 501, "plans_concluded": 130},
    TUEBINGEN_JULY: {
        "clients": 2_258,
        "clients_by_housing:vorlaeufig": 436,
        "clients_by_housing:anschluss": 1_028,
        "clients_by_housing:privat": 794,
    },
}


@dataclass(frozen=True, slots=True)
class Report:
    """One published report: its source, its figures by period, and the delivery behind them."""

    source: str
    figures: dict[Period, dict[str, int]]
    delivered: date
    carrier: Carrier
    fit: Callable[[Random, Carrier, dict[Period, dict[str, int]], date], Life]

    def make_life(self, rng: Random) -> Life:
        """A life of the district that comes to exactly the published figures."""
        return self.fit(rng, self.carrier, self.figures, self.delivered)


REPORTS: Final = {
    "alb-donau": Report(
        "Alb-Donau-Kreis, Bilanz des Integrationsmanagements vom 01.02.2018 bis 28.02.2021 "
        "(veröffentlicht 2021); "
        "Gespräche mit Familien sind die Differenz von 43.240 und 35.354",
        ALB_DONAU,
        date(2021, 3, 31),
        sole_carrier("jobkraftwerk", "jobkraftwerk"),
        fitted_life.by_topics_and_referrals,
    ),
    "tuebingen": Report(
        "Landkreis Tübingen, Sachstand des Integrationsmanagements 2018; "
        "der Personenbestand trägt dort das unmögliche Datum 31.06.2018, hier der 31.07.2018",
        TUEBINGEN,
        date(2018, 7, 31),
        sole_carrier("enaio", "enaio_export"),
        fitted_life.by_kind_and_housing,
    ),
}
