"""Simulates the counselling of a district: cases, conversations, plans, goals and consents.

Shares follow published reports and surveys: families have about 18 % of the conversations,
`Anderes Thema` is the most frequent topic.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import Final, TypeVar

from examples import consents, written_names
from examples.cases import MINUTES, CaseWork
from examples.chance import draw_weighted
from examples.district import BY_SOURCE, MUNICIPALITIES, Carrier
from examples.labels import LISTS, REFERRALS, TOPICS
from examples.life import Case, Conversation, Goal, Life, Plan, Recorded
from examples.people import Household
from examples.phrases import NOTES, NOTES_WITH_TRAPS, SKILLS

START: Final = date(2021, 10, 1)
SOURCE_SHARES: Final = {"enaio": 36, "jobkraftwerk": 30, "tau": 18, "workbook": 16}
TOPIC_WEIGHTS: Final = dict(zip(TOPICS, (81, 39, 41, 70, 66, 73, 20, 100, 265), strict=True))
REFERRAL_WEIGHTS: Final = dict(zip(REFERRALS, (41, 19, 16, 12, 107), strict=True))
CHANGING: Final = ("residence", "marital")
R = TypeVar("R", bound=Recorded)


class Course(CaseWork):
    """Lets the households meet the carriers until the last of the delivery days."""

    def __init__(self, rng: Random, days: Sequence[date]) -> None:
        super().__init__(rng)
        self.groups: list[list[Case]] = []
        self.last = days[-1]
        self.before = days[-2] if len(days) > 1 else self.last - timedelta(days=180)

    def _draw_late_day(self) -> date:
        """A day between the last two deliveries."""
        return self.draw_day(self.before + timedelta(days=1), self.last)

    def run(self, households: Sequence[Household], twice: float = 0.13) -> Life:
        """The life of all households; the share `twice` also has a case at a second carrier."""
        for home in households:
            self._begin_counselling(home, twice)
        for cases in self.groups:
            self._counsel_group(cases)
        self._delete_cases()
        self._delete_conversations()
        return self.life

    def _begin_counselling(self, home: Household, twice: float) -> None:
        carrier = BY_SOURCE[draw_weighted(self.rng, SOURCE_SHARES)]
        person, *others = home
        begin = self._draw_begin(person.entered)
        cases = self.open_cases(home, carrier, begin, "same")
        if not others and person.adult_on(begin) and self.rng.random() < twice * 2:
            self._meet_again(cases[0])
        self._change_lives(home, cases)

    def open_cases(self, home: Household, carrier: Carrier, begin: date, how: str) -> list[Case]:
        """Cases of a household at a carrier with one place, counsellor, begin and end."""
        rng = self.rng
        place = MUNICIPALITIES[rng.choice(carrier.municipalities)]
        staff = rng.choice(carrier.staff_for(place.team))
        end = begin + timedelta(days=rng.randrange(120, 800)) if rng.random() < 0.16 else None
        cases = []
        for person in home:
            case = self.open_case(person, how, carrier.source, place.ags, begin, staff)
            self._add_details(case, end)
            cases.append(case)
        self.life.cases += cases
        self.groups.append(cases)
        return cases

    def _add_details(self, case: Case, end: date | None) -> None:
        case.end = end
        case.skills = {name: self.rng.choice(values) for name, values in SKILLS.items()}
        case.course = self.rng.random() < 0.4

    def _draw_begin(self, entered: date) -> date:
        before = self.before
        earliest = max(START, entered + timedelta(days=20))
        if earliest < before and self.rng.random() >= 0.14:
            return self.draw_day(earliest, before - timedelta(days=15))
        earliest = max(earliest, before + timedelta(days=1))
        return self.draw_day(earliest, self.last - timedelta(days=10))

    def _meet_again(self, case: Case) -> None:
        rng, latest = self.rng, self.last - timedelta(days=20)
        carrier = BY_SOURCE[rng.choice([name for name in SOURCE_SHARES if name != case.source])]
        begin = self.draw_day(case.begin + timedelta(days=60), latest)
        if begin > latest:
            return
        how = rng.choices(written_names.WAYS, written_names.WAY_WEIGHTS)[0]
        again = self.open_cases([case.person], carrier, begin, how)[0]
        if rng.random() < 0.6:
            case.end = begin - timedelta(days=rng.randrange(1, 30))
        self.life.same_person.append((case.record, again.record, how))

    def _change_lives(self, home: Household, cases: Sequence[Case]) -> None:
        """Changes an attribute of some persons and the counsellor of some households."""
        rng, day = self.rng, self._draw_late_day()
        person = rng.choice(home)
        name = rng.choice(CHANGING)
        early = cases[0].begin < self.before
        if rng.random() < 0.1 and early and person.adult_on(day):
            others = [value for value in LISTS[name] if value != getattr(person, name)]
            person.changes.append((day, name, rng.choice(others)))
        if rng.random() < 0.05 and early:
            self._change_staff(cases, day)

    def _change_staff(self, cases: Sequence[Case], day: date) -> None:
        names = [person.name for person in BY_SOURCE[cases[0].source].staff]
        names.remove(cases[0].staff[0][1])
        new = self.rng.choice(names)
        for case in cases:
            case.staff.append((day, new))

    def _delete_cases(self) -> None:
        """Deletes a few cases with all their records before the last delivery."""
        alone = [cases[0] for cases in self.groups if len(cases) == 1]
        deleted = {id(case): self._draw_late_day() for case in self._draw_early(alone, 4)}
        for case, record in self.life.iterate_records():
            record.gone = deleted.get(id(case))

    def _delete_conversations(self) -> None:
        kept = [talk for talk in self.life.conversations if not talk.gone]
        for talk in self._draw_early(kept, 12):
            talk.gone = self._draw_late_day()

    def _draw_early(self, records: Sequence[R], most: int) -> list[R]:
        """A few of the records that the delivery before the last one has."""
        early = [record for record in records if record.known < self.before]
        return self.rng.sample(early, min(most, len(early)))

    def _counsel_group(self, cases: list[Case]) -> None:
        first = cases[0]
        end = min(first.end or self.last, self.last)
        mean = (5.6 + 3.6 * len(cases)) * (0.35 + (end - first.begin).days / 500)
        count = int(self.rng.gammavariate(2.2, mean / 2.2))
        self._hold_conversation(cases, first.begin, opening=True)
        for _ in range(1, count):
            self._hold_conversation(cases, self.draw_day(first.begin, end), opening=False)
        if first.source in ("enaio", "jobkraftwerk"):
            self._conclude_plans(cases)
        elif first.source == "tau" and self.rng.random() < 0.4:
            self._agree_on_goals(first, end)
        consents.grant_consents(self.rng, self.life, self.keys, cases, self.before, self.last)

    def _agree_on_goals(self, case: Case, end: date) -> None:
        """Adds goals without a plan."""
        begin = self.draw_day(case.begin, end)
        goals = self._set_goals(case.source, begin, begin, self.rng.randint(1, 3))
        self.life.goals += ((case, goal) for goal in goals)

    def _hold_conversation(self, cases: list[Case], day: date, opening: bool) -> None:
        rng, source = self.rng, cases[0].source
        day = max(cases[0].begin, day - timedelta(days=max(0, day.weekday() - 4)))
        family = len(cases) > 1 and rng.random() < 0.29
        named = self._draw_participants(cases, day, family)
        staff = self._draw_staff(named[0], day)
        known = day + timedelta(days=self._draw_delay())
        talk = Conversation(
            self.keys.next(source, "conversation", cases[0].municipality),
            known,
            named,
            day,
            "Familie" if family else "Einzelperson",
            self._conversation_kind(source, opening),
            self._draw_topics(),
            self._draw_referrals(1 if source in ("tau", "workbook") else 2),
            rng.choice(list(LISTS["channel"])),
            rng.choice(MINUTES) if rng.random() < 0.97 else None,
            staff,
            rng.random() < 0.3,
            self._draw_note(known),
        )
        self._correct_topics(talk)
        self.life.conversations.append(talk)

    def _correct_topics(self, talk: Conversation) -> None:
        """Changes the topics of a few earlier conversations before the last delivery."""
        if self.rng.random() < 0.02 and talk.known <= self.before:
            talk.corrected = (self._draw_late_day(), self._draw_topics())

    def _draw_participants(self, cases: list[Case], day: date, family: bool) -> tuple[Case, ...]:
        """TAU Office names one person even for a family; others mostly name adults."""
        rng = self.rng
        if family and cases[0].source != "tau":
            return tuple(cases)
        adults = [case for case in cases if case.person.adult_on(day)]
        named = rng.choice(adults or cases)
        return (rng.choice(cases) if not family and rng.random() < 0.15 else named,)

    def _draw_staff(self, case: Case, day: date) -> str:
        if self.rng.random() < 0.05:
            return self.rng.choice(BY_SOURCE[case.source].staff).name
        return case.staff_on(day)

    def _draw_delay(self) -> int:
        """Days until a conversation is recorded, seldom months."""
        rng = self.rng
        days = (rng.randrange(4), rng.randrange(4, 22), rng.randrange(40, 250))
        return rng.choices(days, (85, 12, 3))[0]

    def _conversation_kind(self, source: str, opening: bool) -> str:
        if source != "enaio":
            return ""
        if opening:
            return "Clearinggespräch"
        return "Beratung" if self.rng.random() < 0.87 else "Zielvereinbarungsgespräch"

    def _draw_note(self, known: date) -> str:
        """Mostly nothing; traps for spreadsheets and parsers only with the last delivery."""
        if self.rng.random() > 0.25:
            return ""
        trapped = known > self.before and self.rng.random() < 0.15
        return self.rng.choice(NOTES_WITH_TRAPS if trapped else NOTES)

    def _draw_topics(self) -> tuple[str, ...]:
        count = self.rng.choices((0, 1, 2, 3), (4, 40, 38, 18))[0]
        return self._draw_several(TOPIC_WEIGHTS, count)

    def _draw_referrals(self, most: int) -> tuple[str, ...]:
        count = self.rng.choices((0, 1, 2), (60, 33, 7))[0]
        return self._draw_several(REFERRAL_WEIGHTS, min(most, count))

    def _draw_several(self, weights: dict[str, int], count: int) -> tuple[str, ...]:
        drawn = self.rng.choices(list(weights), list(weights.values()), k=count)
        return tuple(dict.fromkeys(drawn))

    def _conclude_plans(self, cases: list[Case]) -> None:
        for planned in self._draw_planned(cases):
            if self.rng.random() <= 0.62:
                self._conclude_plan(planned)

    def _draw_planned(self, cases: list[Case]) -> list[tuple[Case, ...]]:
        """Who gets a plan: the family together, or each adult."""
        if len(cases) > 1 and self.rng.random() < 0.5:
            return [tuple(cases)]
        return [(case,) for case in cases if case.person.adult_on(case.begin)]

    def _conclude_plan(self, cases: tuple[Case, ...]) -> None:
        source, begin = cases[0].source, cases[0].begin
        concluded = self.draw_day(begin + timedelta(days=14), begin + timedelta(days=300))
        known = concluded if source == "jobkraftwerk" else concluded - timedelta(days=10)
        goals = self._set_goals(source, known, concluded, self.rng.choice((0, 1, 2, 2, 3, 4)))
        self.life.plans.append(Plan(self.keys.next(source, "plan"), known, cases, concluded, goals))

    def _set_goals(self, source: str, known: date, begin: date, count: int) -> list[Goal]:
        areas = self.rng.sample(list(TOPICS), count)
        return [self._set_goal(source, known, area, begin) for area in areas]

    def _set_goal(self, source: str, known: date, area: str, begin: date) -> Goal:
        rng = self.rng
        outcome = rng.choices(("erreicht", "abgebrochen", ""), (55, 8, 37))[0]
        due = begin + timedelta(days=rng.randrange(60, 400)) if rng.random() < 0.85 else None
        day = begin + timedelta(days=int(rng.triangular(30, 420, 90))) if outcome else None
        return Goal(self.keys.next(source, "goal"), known, area, begin, due, outcome, day)
