"""How many cases, conversations, plans, goals and consents the people of the district have; not how exports spell them.

Shares follow what published reports and surveys say: families about 18 % of the conversations, `Anderes Thema` first.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from examples import consents, written_names
from examples.district import BY_SOURCE, MUNICIPALITIES, Carrier
from examples.keys import Keys
from examples.labels import CHANNELS, MARITAL, REFERRALS, RESIDENCE, TOPICS
from examples.life import Case, Conversation, Goal, Life, Plan
from examples.people import Household
from examples.phrases import NOTES, NOTES_WITH_TRAPS, SKILLS

START: Final = date(2021, 10, 1)
SOURCE_SHARES: Final = {"enaio": 36, "jobkraftwerk": 30, "tau": 18, "workbook": 16}
TOPIC_WEIGHTS: Final = dict(zip(TOPICS, (81, 39, 41, 70, 66, 73, 20, 100, 265), strict=True))
REFERRAL_WEIGHTS: Final = dict(zip(REFERRALS, (41, 19, 16, 12, 107), strict=True))


class Course:
    """Lets the households meet the carriers until the last of the delivery days."""

    def __init__(self, rng: random.Random, days: Sequence[date]) -> None:
        self.rng, self.keys, self.life = rng, Keys(), Life()
        self.groups: list[list[Case]] = []
        self.last = days[-1]
        self.before = days[-2] if len(days) > 1 else days[-1] - timedelta(days=180)

    def draw_day(self, first: date, last: date) -> date:
        """A day between both, `first` where there is none."""
        return first + timedelta(days=self.rng.randrange(max(1, (last - first).days + 1)))

    def run(self, households: Sequence[Household], twice: float = 0.13) -> Life:
        """The life of all households; a share of those who live alone is also known to a second carrier."""
        for home in households:
            source = self.rng.choices(list(SOURCE_SHARES), list(SOURCE_SHARES.values()))[0]
            begin = self._draw_begin(home[0].entered)
            cases = self.open_cases(home, BY_SOURCE[source], begin, tuple("same" for _ in home))
            if len(home) == 1 and home[0].adult_on(begin) and self.rng.random() < twice * 2:
                self._meet_again(cases[0])
            self._change_lives(home, cases)
        for cases in self.groups:
            self._counsel_group(cases)
        self._delete_some()
        return self.life

    def open_cases(
        self, home: Household, carrier: Carrier, begin: date, spelled: Sequence[str]
    ) -> list[Case]:
        """Cases of one household at one carrier: one place, one counsellor, one beginning, one end."""
        rng = self.rng
        place = MUNICIPALITIES[rng.choice(carrier.municipalities)]
        counsellor = rng.choice(carrier.staff_for(place.team))
        end = begin + timedelta(days=rng.randrange(120, 800)) if rng.random() < 0.16 else None
        cases = []
        for person, how in zip(home, spelled, strict=True):
            last, first, born = written_names.spell_person(
                rng, person, how, ansi=carrier.source == "tau"
            )
            skills = {name: rng.choice(values) for name, values in SKILLS.items()}
            cases.append(
                Case(
                    self.keys.next(carrier.source, "case", place.ags),
                    begin,
                    carrier.source,
                    person,
                    place.ags,
                    begin,
                    end,
                    last,
                    first,
                    born,
                    [(begin, counsellor.name)],
                    counsellor.team,
                    rng.random() < 0.4,
                    skills,
                )
            )
        self.life.cases += cases
        self.groups.append(cases)
        return cases

    def _draw_begin(self, entered: date) -> date:
        earliest = max(START, entered + timedelta(days=20))
        if earliest >= self.before or self.rng.random() < 0.14:
            return self.draw_day(
                max(earliest, self.before + timedelta(days=1)), self.last - timedelta(days=10)
            )
        return self.draw_day(earliest, self.before - timedelta(days=15))

    def _meet_again(self, case: Case) -> None:
        others = [source for source in SOURCE_SHARES if source != case.source]
        carrier = BY_SOURCE[self.rng.choice(others)]
        begin = self.draw_day(case.begin + timedelta(days=60), self.last - timedelta(days=20))
        if begin > self.last - timedelta(days=20):
            return
        how = self.rng.choices(written_names.WAYS, written_names.WAY_WEIGHTS)[0]
        again = self.open_cases([case.person], carrier, begin, (how,))[0]
        if self.rng.random() < 0.6:
            case.end = begin - timedelta(days=self.rng.randrange(1, 30))
        self.life.same_person.append(
            (f"{case.source}:{case.key}", f"{again.source}:{again.key}", how)
        )

    def _change_lives(self, home: Household, cases: Sequence[Case]) -> None:
        rng, day = self.rng, self.draw_day(self.before + timedelta(days=1), self.last)
        person = rng.choice(home)
        name, values = rng.choice((("residence", list(RESIDENCE)), ("marital", list(MARITAL))))
        if rng.random() < 0.1 and cases[0].begin < self.before and person.adult_on(day):
            person.changes.append(
                (day, name, rng.choice([v for v in values if v != getattr(person, name)]))
            )
        if rng.random() < 0.05 and cases[0].begin < self.before:
            staff = [
                c.name for c in BY_SOURCE[cases[0].source].staff if c.name != cases[0].staff[0][1]
            ]
            new = rng.choice(staff)
            for case in cases:
                case.staff.append((day, new))

    def _delete_some(self) -> None:
        """Deletes a few cases with all that hangs on them, and a few conversations, before the last delivery."""
        rng, life = self.rng, self.life
        alone = [
            cases[0] for cases in self.groups if len(cases) == 1 and cases[0].known < self.before
        ]
        chosen = rng.sample(alone, min(4, len(alone)))
        deleted = {
            id(case): self.draw_day(self.before + timedelta(days=1), self.last) for case in chosen
        }
        for case in life.cases:
            case.gone = deleted.get(id(case))
        for talk in life.conversations:
            talk.gone = deleted.get(id(talk.cases[0]))
        for plan in life.plans:
            plan.gone = deleted.get(id(plan.cases[0]))
        for case, goal in life.goals:
            goal.gone = deleted.get(id(case))
        for consent in life.consents:
            consent.gone = deleted.get(id(consent.case))
        earlier = [
            talk for talk in life.conversations if talk.known < self.before and not talk.gone
        ]
        for talk in rng.sample(earlier, min(12, len(earlier))):
            talk.gone = self.draw_day(self.before + timedelta(days=1), self.last)

    def _counsel_group(self, cases: list[Case]) -> None:
        first = cases[0]
        end = min(first.end or self.last, self.last)
        mean = (5.6 + 3.6 * len(cases)) * (0.35 + (end - first.begin).days / 500)
        for number in range(max(1, int(self.rng.gammavariate(2.2, mean / 2.2)))):
            day = first.begin if number == 0 else self.draw_day(first.begin, end)
            self.life.conversations.append(self._hold_conversation(cases, day, number == 0))
        if first.source in ("enaio", "jobkraftwerk"):
            self._conclude_plans(cases)
        elif first.source == "tau" and self.rng.random() < 0.4:
            begin = self.draw_day(first.begin, end)
            self.life.goals += [
                (first, goal)
                for goal in self._set_goals("tau", begin, begin, self.rng.randint(1, 3))
            ]
        consents.grant_consents(self.rng, self.life, self.keys, cases, self.before, self.last)

    def _hold_conversation(self, cases: list[Case], day: date, opening: bool) -> Conversation:
        rng, source = self.rng, cases[0].source
        day = max(cases[0].begin, day - timedelta(days=max(0, day.weekday() - 4)))
        family = len(cases) > 1 and rng.random() < 0.29
        adults = [case for case in cases if case.person.adult_on(day)]
        named = tuple(cases) if family and source != "tau" else (rng.choice(adults or cases),)
        if not family and rng.random() < 0.15:
            named = (rng.choice(cases),)
        staff = named[0].staff_on(day)
        if rng.random() < 0.05:
            staff = rng.choice(BY_SOURCE[source].staff).name
        delay = rng.choices(
            (rng.randrange(4), rng.randrange(4, 22), rng.randrange(40, 250)), (85, 12, 3)
        )[0]
        talk = Conversation(
            self.keys.next(source, "conversation", cases[0].municipality),
            day + timedelta(days=delay),
            named,
            day,
            "Familie" if family else "Einzelperson",
            self._conversation_kind(source, opening),
            self._draw_topics(),
            self._draw_referrals(1 if source in ("tau", "workbook") else 2),
            rng.choice(list(CHANNELS)),
            rng.choice((15, 20, 30, 45, 60, 75, 90)) if rng.random() < 0.97 else None,
            staff,
            rng.random() < 0.3,
            self._draw_note(day + timedelta(days=delay)),
        )
        if rng.random() < 0.02 and talk.known <= self.before:
            talk.corrected = (
                self.draw_day(self.before + timedelta(days=1), self.last),
                self._draw_topics(),
            )
        return talk

    def _conversation_kind(self, source: str, opening: bool) -> str:
        if source != "enaio":
            return ""
        if opening:
            return "Clearinggespräch"
        return "Beratung" if self.rng.random() < 0.87 else "Zielvereinbarungsgespräch"

    def _draw_note(self, known: date) -> str:
        """Mostly nothing; what spreadsheets and parsers stumble over comes with the last delivery only."""
        if self.rng.random() > 0.25:
            return ""
        return self.rng.choice(
            NOTES_WITH_TRAPS if known > self.before and self.rng.random() < 0.15 else NOTES
        )

    def _draw_topics(self) -> tuple[str, ...]:
        count = self.rng.choices((0, 1, 2, 3), (4, 40, 38, 18))[0]
        drawn = self.rng.choices(list(TOPIC_WEIGHTS), list(TOPIC_WEIGHTS.values()), k=count)
        return tuple(dict.fromkeys(drawn))

    def _draw_referrals(self, most: int) -> tuple[str, ...]:
        count = min(most, self.rng.choices((0, 1, 2), (60, 33, 7))[0])
        drawn = self.rng.choices(list(REFERRAL_WEIGHTS), list(REFERRAL_WEIGHTS.values()), k=count)
        return tuple(dict.fromkeys(drawn))

    def _conclude_plans(self, cases: list[Case]) -> None:
        together = len(cases) > 1 and self.rng.random() < 0.5
        for planned in (
            [tuple(cases)]
            if together
            else [(case,) for case in cases if case.person.adult_on(case.begin)]
        ):
            if self.rng.random() > 0.62:
                continue
            source, begin = planned[0].source, planned[0].begin
            concluded = self.draw_day(begin + timedelta(days=14), begin + timedelta(days=300))
            known = concluded if source == "jobkraftwerk" else concluded - timedelta(days=10)
            goals = self._set_goals(source, known, concluded, self.rng.choice((0, 1, 2, 2, 3, 4)))
            self.life.plans.append(
                Plan(self.keys.next(source, "plan"), known, planned, concluded, goals)
            )

    def _set_goals(self, source: str, known: date, begin: date, count: int) -> list[Goal]:
        rng, goals = self.rng, []
        for area in rng.sample(list(TOPICS), count):
            outcome = rng.choices(("erreicht", "abgebrochen", ""), (55, 8, 37))[0]
            due = begin + timedelta(days=rng.randrange(60, 400)) if rng.random() < 0.85 else None
            day = begin + timedelta(days=int(rng.triangular(30, 420, 90))) if outcome else None
            goals.append(
                Goal(self.keys.next(source, "goal"), known, area, begin, due, outcome, day)
            )
        return goals
