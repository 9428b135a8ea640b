"""Fits simulated lives to given totals exactly; the published totals are in published.py.

Exactly the required number of events is made inside a period and others outside it, so that a hub
that counts the wrong days cannot reach the totals by chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.cases import MINUTES, CaseWork
from examples.chance import draw_weighted
from examples.district import MUNICIPALITIES, Carrier
from examples.expected_figures import Period
from examples.labels import LISTS, REFERRALS, TOPICS, Labels
from examples.life import Case, Conversation, Goal, Life, Plan
from examples.people import Household, Person, make_household
from examples.phrases import SKILLS

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
HOUSEHOLD_SIZES: Final = {1: 60, 2: 8, 3: 11, 4: 13, 5: 8}
ORIGINS: Final = ("Syrien", "Syrien", "Afghanistan", "Irak", "Gambia", "Nigeria", "Türkei")
ONE_DAY: Final = timedelta(days=1)
TOPIC_NAMES: Final = list(TOPICS)


def by_topics_and_referrals(rng: Random, carrier: Carrier, totals: Totals, delivered: date) -> Life:
    """Fits conversations by setting, topic and referral, plans and clients by nationality.

    Only the first period of `totals` is fitted.
    """
    fitted = FittedLife(rng, carrier, delivered)
    (period, wanted), *_ = totals.items()
    _settle_nationalities(fitted, period, wanted)
    _hold_labelled_conversations(fitted, period, wanted)
    fitted.add_plans(wanted["plans_concluded"], period)
    first, last = period
    _add_uncounted(fitted, (first - 500 * ONE_DAY, first - ONE_DAY), 140)
    _add_uncounted(fitted, (last + ONE_DAY, delivered), 310)
    rng.shuffle(fitted.life.conversations)
    return fitted.life


def _settle_nationalities(fitted: FittedLife, period: Period, wanted: Mapping[str, int]) -> None:
    first, last = period
    stock = {
        label: wanted.get(f"clients_by_nationality:{code}", 0)
        for label, (code, _) in LISTS["nationality"].items()
    }
    begin = (first - 500 * ONE_DAY, last - 40 * ONE_DAY)
    for nationality, count in {**stock, **OTHER_NATIONALITIES}.items():
        fitted.settle_persons(nationality, count, begin)
    fitted.settle_persons("Syrien", 9, (last + ONE_DAY, fitted.delivered - 2 * ONE_DAY))


def _hold_labelled_conversations(
    fitted: FittedLife, period: Period, wanted: Mapping[str, int]
) -> None:
    count, together = wanted["conversations"], wanted["conversations_by_setting:familie"]
    topics = fitted.spread_labels(TOPICS, {**FREE_TOPICS, **_by_code(wanted, "topics")}, count)
    referrals = fitted.spread_labels(REFERRALS, _by_code(wanted, "referrals"), count)
    for number in range(count):
        fitted.add_conversation(period, "", number < together, topics[number], referrals[number])


def _add_uncounted(fitted: FittedLife, period: Period, count: int) -> None:
    """Adds conversations and plans to a period outside the report."""
    for _ in range(count):
        topic = fitted.rng.choice(TOPIC_NAMES)
        fitted.add_conversation(period, "", False, (topic,), ())
    fitted.add_plans(count // 10, period)


def _by_code(wanted: Mapping[str, int], indicator: str) -> dict[str, int]:
    return {
        name.partition(":")[2]: count
        for name, count in wanted.items()
        if name.startswith(f"{indicator}:")
    }


def by_kind_and_housing(rng: Random, carrier: Carrier, totals: Totals, delivered: date) -> Life:
    """Fits clearing conversations and plans until one day, and clients by housing on a later one.

    `totals` has the two periods in this order.
    """
    fitted = FittedLife(rng, carrier, delivered)
    (until, early), (stock_period, stock) = totals.items()
    start = delivered - 330 * ONE_DAY
    _fill_housing(fitted, start, stock)
    _settle_ended_cases(fitted, start)
    period, later = (start, until[1]), (stock_period[0], delivered)
    clearing = early["conversations_by_kind:clearing"]
    _hold_conversations(fitted, period, {"Clearinggespräch": clearing, "Beratung": 560})
    _hold_conversations(fitted, later, {"Clearinggespräch": 52, "Beratung": 590})
    fitted.add_plans(early["plans_concluded"], period)
    fitted.add_plans(18, later)
    fitted.add_plans(21, (delivered + 5 * ONE_DAY, delivered + 9 * ONE_DAY))
    rng.shuffle(fitted.life.conversations)
    return fitted.life


def _fill_housing(fitted: FittedLife, start: date, stock: Mapping[str, int]) -> None:
    begin = (start, fitted.delivered - 3 * ONE_DAY)
    for label, (code, _) in LISTS["housing"].items():
        wanted = stock[f"clients_by_housing:{code}"]
        while (missing := wanted - fitted.count_housed(label)) > 0:
            nationality = fitted.rng.choice(ORIGINS)
            count = min(missing, fitted.rng.randint(1, 5))
            fitted.settle_persons(nationality, count, begin, label)


def _settle_ended_cases(fitted: FittedLife, start: date) -> None:
    """Adds cases that are no longer open on the day of the stock."""
    begin = (start, fitted.delivered - 80 * ONE_DAY)
    for _ in range(70):
        housing = fitted.rng.choice(list(LISTS["housing"]))
        case = fitted.settle_persons("Irak", 1, begin, housing)[0]
        case.end = case.begin + timedelta(days=fitted.rng.randrange(20, 70))


def _hold_conversations(fitted: FittedLife, period: Period, counts: Mapping[str, int]) -> None:
    """Adds so many conversations of each kind, with topics and referrals left to chance."""
    rng = fitted.rng
    for kind, count in counts.items():
        for _ in range(count):
            topics = tuple(rng.sample(TOPIC_NAMES, rng.randint(1, 2)))
            referrals = (rng.choice(list(REFERRALS)),) if rng.random() < 0.4 else ()
            fitted.add_conversation(period, kind, rng.random() < 0.09, topics, referrals)


class FittedLife(CaseWork):
    """Adds single records to a life at one carrier, each on a day within its cases."""

    def __init__(self, rng: Random, carrier: Carrier, delivered: date) -> None:
        super().__init__(rng)
        self.carrier, self.delivered = carrier, delivered
        self._families: list[list[Case]] = []
        self._by_begin: dict[tuple[date, bool], list[list[Case]]] = {}

    def count_housed(self, label: str) -> int:
        """The number of cases whose person has this housing."""
        return sum(case.person.homes[0][1] == label for case in self.life.cases)

    def settle_persons(
        self, nationality: str, count: int, begin: Period, housing: str | None = None
    ) -> list[Case]:
        """Adds exactly `count` persons in households of up to five, counselled from one day on."""
        made: list[Case] = []
        while len(made) < count:
            size = min(count - len(made), draw_weighted(self.rng, HOUSEHOLD_SIZES))
            made += self._settle_household(nationality, size, self.draw_day(*begin), housing)
        self._by_begin.clear()
        return made

    def _settle_household(
        self, nationality: str, size: int, day: date, housing: str | None
    ) -> list[Case]:
        entered = day - timedelta(days=self.rng.randrange(200, 1200))
        home = make_household(self.rng, len(self.life.cases), size, nationality, entered)
        family = self._open_cases(home, day)
        for person in home:
            person.nationality = nationality
            if housing:
                _house_person(person, housing)
        return family

    def _open_cases(self, home: Household, day: date) -> list[Case]:
        rng, carrier = self.rng, self.carrier
        ags = rng.choice(carrier.municipalities)
        staff = rng.choice(carrier.staff_for(MUNICIPALITIES[ags].team))
        family = [self.open_case(one, "same", carrier.source, ags, day, staff) for one in home]
        for case in family:
            case.skills = dict.fromkeys(SKILLS, "")
        self._families.append(family)
        self.life.cases += family
        return family

    def spread_labels(
        self, labels: Labels, wanted: Mapping[str, int], over: int
    ) -> list[tuple[str, ...]]:
        """Gives each of `over` things its labels, each label to exactly as many as wanted."""
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
        """Adds a conversation in the period, with a family or with one person."""
        rng, cases = self.rng, self._pick_group(period[1], family)
        day = self._draw_counselled_day(period, cases[0])
        self.life.conversations.append(
            Conversation(
                self.keys.next(self.carrier.source, "conversation"),
                day,
                tuple(cases) if family else (rng.choice(cases),),
                day,
                "Familie" if family else "Einzelperson",
                kind,
                topics,
                referrals,
                rng.choice(list(LISTS["channel"])),
                rng.choice(MINUTES),
                cases[0].staff[0][1],
                False,
                "",
            )
        )

    def add_plans(self, count: int, period: Period) -> None:
        """Adds plans concluded in the period, still open where it begins after the delivery."""
        for _ in range(count):
            self._add_plan(period)

    def _add_plan(self, period: Period) -> None:
        cases = self._pick_group(min(period[1], self.delivered), False)
        day = self.draw_day(max(period[0], cases[0].begin), period[1])
        known = min(day, self.delivered)
        areas = self.rng.sample(TOPIC_NAMES, self.rng.randint(0, 3))
        goals = [self._make_goal(area, day, known) for area in areas]
        key = self.keys.next(self.carrier.source, "plan")
        self.life.plans.append(Plan(key, known, (self.rng.choice(cases),), day, goals))

    def _make_goal(self, area: str, day: date, known: date) -> Goal:
        outcome = self.rng.choice(("erreicht", "", ""))
        ended = day + timedelta(days=self.rng.randrange(20, 300)) if outcome else None
        key = self.keys.next(self.carrier.source, "goal")
        return Goal(key, known, area, day, day + timedelta(days=180), outcome, ended)

    def _pick_group(self, before: date, family: bool) -> Sequence[Case]:
        """A group of cases opened together until that day, of several persons for a family."""
        key, groups = (before, family), self._by_begin
        if key not in groups:
            groups[key] = self._find_groups(*key)
        return self.rng.choice(groups[key])

    def _find_groups(self, before: date, family: bool) -> list[list[Case]]:
        known = [cases for cases in self._families if cases[0].begin <= before]
        return [cases for cases in known if len(cases) > 1] if family else known

    def _draw_counselled_day(self, period: Period, case: Case) -> date:
        first, last = max(period[0], case.begin), period[1]
        if case.end and case.end >= first:
            last = min(last, case.end)
        return self.draw_day(first, last)


def _house_person(person: Person, housing: str) -> None:
    person.homes = ((person.entered, housing),)
    assigned = person.entered + timedelta(days=120)
    person.assigned = None if housing == "vorläufige Unterbringung" else assigned
