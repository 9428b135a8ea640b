"""Lives of a district that come to given totals exactly; the totals themselves stand in published.py.

A total is never approached: exactly so many things are made inside the period, and others outside it, so that a hub
that counts the wrong days cannot come to it by chance.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from examples import written_names
from examples.district import MUNICIPALITIES, Carrier, Counsellor
from examples.expected_figures import Period
from examples.keys import Keys
from examples.labels import CHANNELS, HOUSING, NATIONALITIES, REFERRALS, TOPICS, Labels
from examples.life import Case, Conversation, Goal, Life, Plan
from examples.people import Person, make_household

Totals = dict[Period, dict[str, int]]
FREE_TOPICS: Final = {
    "sprache": 8_205,
    "schule": 3_871,
    "ausbildung_studium": 4_166,
    "arbeit": 7_093,
    "wohnen": 6_574,
    "teilhabe": 2_038,
}
OTHER_NATIONALITIES: Final = {
    "Gambia": 82,
    "Nigeria": 71,
    "Eritrea": 48,
    "Iran": 39,
    "Türkei": 27,
    "Kamerun": 24,
    "Somalia": 12,
}
MINUTES: Final = (15, 20, 30, 45, 60, 75, 90)


def by_topics_and_referrals(
    rng: random.Random, carrier: Carrier, totals: Totals, delivered: date
) -> Life:
    """Conversations with settings, topics and referrals, plans and clients by nationality, all of one period."""
    fitted = FittedLife(rng, carrier)
    ((first, last), wanted), *_ = totals.items()
    stock = {
        label: wanted.get(f"clients_by_nationality:{code}", 0)
        for label, (code, _) in NATIONALITIES.items()
    }
    for nationality, count in {**stock, **OTHER_NATIONALITIES}.items():
        fitted.settle_persons(
            nationality, count, (first - timedelta(days=500), last - timedelta(days=40))
        )
    fitted.settle_persons("Syrien", 9, (last + timedelta(days=1), delivered - timedelta(days=2)))
    count, together = wanted["conversations"], wanted["conversations_by_setting:familie"]
    topics = fitted.spread_labels(TOPICS, {**FREE_TOPICS, **_by_code(wanted, "topics")}, count)
    referrals = fitted.spread_labels(REFERRALS, _by_code(wanted, "referrals"), count)
    for number in range(count):
        fitted.add_conversation(
            (first, last), "", number < together, topics[number], referrals[number]
        )
    for _ in range(wanted["plans_concluded"]):
        fitted.add_plan((first, last), delivered)
    one_day = timedelta(days=1)
    for period, extra in (
        ((first - 500 * one_day, first - one_day), 140),
        ((last + one_day, delivered), 310),
    ):
        for _ in range(extra):
            fitted.add_conversation(period, "", False, (rng.choice(list(TOPICS)),), ())
        for _ in range(extra // 10):
            fitted.add_plan(period, delivered)
    rng.shuffle(fitted.life.conversations)
    return fitted.life


def _by_code(wanted: Mapping[str, int], indicator: str) -> dict[str, int]:
    return {
        name.partition(":")[2]: count
        for name, count in wanted.items()
        if name.startswith(f"{indicator}:")
    }


def by_kind_and_housing(
    rng: random.Random, carrier: Carrier, totals: Totals, delivered: date
) -> Life:
    """Clearing conversations and concluded plans until one day, and a stock of clients by housing on a later one."""
    fitted = FittedLife(rng, carrier)
    (until, early), (stock_period, stock) = totals.items()
    start = delivered - timedelta(days=330)
    for label, (code, _) in HOUSING.items():
        while (missing := stock[f"clients_by_housing:{code}"] - fitted.count_housed(label)) > 0:
            nationality = rng.choice(
                ("Syrien", "Syrien", "Afghanistan", "Irak", "Gambia", "Nigeria", "Türkei")
            )
            fitted.settle_persons(
                nationality,
                min(missing, rng.randint(1, 5)),
                (start, delivered - timedelta(days=3)),
                label,
            )
    for _ in range(70):
        case = fitted.settle_persons(
            "Irak", 1, (start, delivered - timedelta(days=80)), rng.choice(list(HOUSING))
        )[0]
        case.end = case.begin + timedelta(days=rng.randrange(20, 70))
    period = (start, until[1])
    later = (stock_period[0], delivered)
    talks = (
        (period, "Clearinggespräch", early["conversations_by_kind:clearing"]),
        (period, "Beratung", 560),
        (later, "Clearinggespräch", 52),
        (later, "Beratung", 590),
    )
    for days, kind, count in talks:
        for _ in range(count):
            topics = tuple(rng.sample(list(TOPICS), rng.randint(1, 2)))
            referrals = (rng.choice(list(REFERRALS)),) if rng.random() < 0.4 else ()
            fitted.add_conversation(days, kind, rng.random() < 0.09, topics, referrals)
    for _ in range(early["plans_concluded"]):
        fitted.add_plan(period, delivered)
    for _ in range(18):
        fitted.add_plan(later, delivered)
    for _ in range(21):
        fitted.add_plan((delivered + timedelta(days=5), delivered + timedelta(days=9)), delivered)
    rng.shuffle(fitted.life.conversations)
    return fitted.life


class FittedLife:
    """Adds single things to a life at one carrier, each on a day on which its people are counselled."""

    def __init__(self, rng: random.Random, carrier: Carrier) -> None:
        self.rng, self.carrier, self.keys, self.life = rng, carrier, Keys(), Life()
        self._families: list[list[Case]] = []
        self._by_begin: dict[tuple[date, bool], list[list[Case]]] = {}

    def count_housed(self, label: str) -> int:
        """How many cases live so."""
        return sum(case.person.homes[0][1] == label for case in self.life.cases)

    def settle_persons(
        self, nationality: str, count: int, begin: Period, housing: str | None = None
    ) -> list[Case]:
        """Exactly `count` persons of the nationality in households of up to five, each household from one day on."""
        made: list[Case] = []
        while len(made) < count:
            size = min(count - len(made), self.rng.choices((1, 2, 3, 4, 5), (60, 8, 11, 13, 8))[0])
            day = self._draw_day(begin)
            entered = day - timedelta(days=self.rng.randrange(200, 1200))
            home = make_household(self.rng, len(self.life.cases), size, nationality, entered)
            place = self.rng.choice(self.carrier.municipalities)
            staff = self.rng.choice(self.carrier.staff_for(MUNICIPALITIES[place].team))
            family = [self._open_case(person, place, day, staff) for person in home]
            for person in home:
                person.nationality = nationality
                if housing:
                    person.homes = ((entered, housing),)
                    person.assigned = (
                        None
                        if housing == "vorläufige Unterbringung"
                        else entered + timedelta(days=120)
                    )
            self._families.append(family)
            self.life.cases += family
            made += family
        self._by_begin.clear()
        return made

    def _open_case(self, person: Person, place: str, day: date, staff: Counsellor) -> Case:
        last, first, born = written_names.spell_person(self.rng, person, "same", ansi=False)
        key = self.keys.next(self.carrier.source, "case")
        skills = dict.fromkeys(("school", "job", "qualification", "skill", "aim"), "")
        return Case(
            key,
            day,
            self.carrier.source,
            person,
            place,
            day,
            None,
            last,
            first,
            born,
            [(day, staff.name)],
            staff.team,
            False,
            skills,
        )

    def spread_labels(
        self, labels: Labels, wanted: Mapping[str, int], over: int
    ) -> list[tuple[str, ...]]:
        """For each of `over` things the labels it has, so that every label is had by exactly as many as wanted."""
        chosen: list[list[str]] = [[] for _ in range(over)]
        for label, (code, _) in labels.items():
            for number in self.rng.sample(range(over), wanted.get(code, 0)):
                chosen[number].append(label)
        return [tuple(names) for names in chosen]

    def add_conversation(
        self,
        period: Period,
        kind: str,
        family: bool,
        topics: tuple[str, ...],
        referrals: tuple[str, ...],
    ) -> None:
        """One conversation in the period, of a family or of one person."""
        rng, cases = self.rng, self._pick_group(period[1], family)
        day = self._draw_day((max(period[0], cases[0].begin), period[1]), cases[0].end)
        named = tuple(cases) if family else (rng.choice(cases),)
        self.life.conversations.append(
            Conversation(
                self.keys.next(self.carrier.source, "conversation"),
                day,
                named,
                day,
                "Familie" if family else "Einzelperson",
                kind,
                topics,
                referrals,
                rng.choice(list(CHANNELS)),
                rng.choice(MINUTES),
                cases[0].staff[0][1],
                False,
                "",
            )
        )

    def add_plan(self, period: Period, delivered: date) -> None:
        """One plan concluded in the period (or still open, if that lies after the delivery), with up to three goals."""
        cases = self._pick_group(min(period[1], delivered), False)
        day = self._draw_day((max(period[0], cases[0].begin), period[1]))
        known = min(day, delivered)
        goals = []
        for area in self.rng.sample(list(TOPICS), self.rng.randint(0, 3)):
            outcome = self.rng.choice(("erreicht", "", ""))
            ended = day + timedelta(days=self.rng.randrange(20, 300)) if outcome else None
            key = self.keys.next(self.carrier.source, "goal")
            goals.append(Goal(key, known, area, day, day + timedelta(days=180), outcome, ended))
        key = self.keys.next(self.carrier.source, "plan")
        self.life.plans.append(Plan(key, known, (self.rng.choice(cases),), day, goals))

    def _pick_group(self, before: date, family: bool) -> Sequence[Case]:
        """Cases opened together, not after that day; of several persons for a family."""
        if (before, family) not in self._by_begin:
            self._by_begin[before, family] = [
                cases
                for cases in self._families
                if cases[0].begin <= before and (len(cases) > 1 or not family)
            ]
        return self.rng.choice(self._by_begin[before, family])

    def _draw_day(self, period: Period, end: date | None = None) -> date:
        last = min(period[1], end) if end and end >= period[0] else period[1]
        return period[0] + timedelta(days=self.rng.randrange((last - period[0]).days + 1))
