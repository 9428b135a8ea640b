"""Counsels the persons of a hard district, so that its four systems can export them."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Final

from examples.course import SOURCE_SHARES, Course
from examples.district import BY_SOURCE, Counsellor
from examples.hard.look_alikes import plant_look_alikes
from examples.hard.people import Human, make_humans
from examples.hard.phenomena import Phenomena
from examples.hard.records import write_record
from examples.labels import LISTS
from examples.life import Case, Life
from examples.people import Household, Person, make_household
from examples.quirks import Raw

SEXES: Final = {label.code: text for text, label in LISTS["sex"].items()}
# Those that labels.yaml does not have, as the systems' users write them.
_OTHERS: Final = {
    "SDN": Raw("Sudan"),
    "ETH": Raw("Äthiopien"),
    "SEN": Raw("Senegal"),
    "PAK": Raw("Pakistan"),
    "RUS": Raw("Russland"),
    "ungeklaert": Raw("ungeklärt"),
}
NATIONALITIES: Final[Mapping[str, str]] = {
    **{label.code: text for text, label in LISTS["nationality"].items()},
    **_OTHERS,
}
# Of the nationality's people the other simulation knows nothing; it only gives them a language.
_LIKE: Final = {"SDN": "SYR"}
_CODE_PAGE: Final = "cp1252"


def counsel_humans(rng: Random, persons: int, days: Sequence[date], phenomena: Phenomena) -> Life:
    """The life of a hard district of so many persons until the last day of delivery."""
    humans = make_humans(rng, persons)
    plant_look_alikes(rng, humans, phenomena.look_alikes)
    _let_enter_before(humans, days[0])
    course = _HardCourse(rng, days, humans, phenomena)
    homes = list(_make_homes(rng, humans))
    life = course.run(homes, phenomena.two_systems)
    life.same_person[:] = _pair_records(life.cases)
    return life


def _let_enter_before(humans: Sequence[Human], day: date) -> None:
    for human in humans:
        # Nobody is counselled on the day of arrival, and some have to be there before the first.
        human.entered = min(human.entered, day - timedelta(days=60))


def _make_homes(rng: Random, humans: Sequence[Human]) -> Iterator[Household]:
    for home in _group_by_household(humans):
        yield _make_home(rng, home)


def _group_by_household(humans: Sequence[Human]) -> Iterable[list[Human]]:
    members: dict[int, list[Human]] = defaultdict(list)
    for human in humans:
        members[human.household].append(human)
    return members.values()


def _make_home(rng: Random, home: Sequence[Human]) -> Household:
    first = home[0]
    known = NATIONALITIES[_LIKE.get(first.nationality, first.nationality)]
    drawn = make_household(rng, 0, len(home), known, first.entered)
    return [_describe_human(*pair) for pair in zip(drawn, home, strict=True)]


def _describe_human(person: Person, human: Human) -> Person:
    """The person with what the hard district says of them."""
    return replace(
        person,
        number=human.number,
        born=human.born,
        sex=SEXES[human.sex],
        nationality=NATIONALITIES[human.nationality],
        entered=human.entered,
    )


def _pair_records(cases: Sequence[Case]) -> Iterator[tuple[str, str, str]]:
    """The pairs of records of one human being, and whether they are of one system."""
    for mine in _group_by_person(cases):
        yield from (_describe_pair(*pair) for pair in combinations(mine, 2))


def _group_by_person(cases: Sequence[Case]) -> Iterable[list[Case]]:
    records: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        records[case.person.number].append(case)
    return records.values()


def _describe_pair(one: Case, other: Case) -> tuple[str, str, str]:
    return one.record, other.record, "within" if one.source == other.source else "across"


class _HardCourse(Course):
    """Every system writes down the person in its own way."""

    def __init__(
        self, rng: Random, days: Sequence[date], humans: Sequence[Human], phenomena: Phenomena
    ) -> None:
        super().__init__(rng, days)
        self._humans, self._phenomena = humans, phenomena

    def open_case(
        self, person: Person, how: str, source: str, ags: str, begin: date, staff: Counsellor
    ) -> Case:
        """A case with the person as this system has them."""
        case = super().open_case(person, "same", source, ags, begin, staff)
        written = write_record(self.rng, self._humans[person.number], source, self._phenomena)
        names = (written.last_name or "", written.first_name or "")
        last, first = map(_to_code_page, names) if source == "tau" else names
        case.written = {
            "last": last,
            "first": first,
            "born": written.birth_date,
            "sex": SEXES[written.sex] if written.sex else "",
            "nationality": NATIONALITIES[written.nationality] if written.nationality else "",
            "entered": written.entry_date,
        }
        return case

    def _begin_counselling(self, home: Household, twice: float) -> None:
        super()._begin_counselling(home, twice)
        cases = self.groups[-1]
        if len(home) > 1 and self.rng.random() < twice:
            self._move_home(home, cases[0])
        for case in cases:
            if self.rng.random() < self._phenomena.twice_in_one_system:
                self._open_twice(case)

    def _move_home(self, home: Household, case: Case) -> None:
        """The whole household comes to another carrier."""
        others = [source for source in SOURCE_SHARES if source != case.source]
        begin = self.draw_day(case.begin, self.last - timedelta(days=20))
        self.open_cases(home, BY_SOURCE[self.rng.choice(others)], begin, "same")

    def _open_twice(self, case: Case) -> None:
        begin = self.draw_day(case.begin, self.last - timedelta(days=20))
        self.open_cases([case.person], BY_SOURCE[case.source], begin, "same")


def _to_code_page(text: str) -> str:
    """The text with letters that the system does not have as the plain ones."""
    return "".join(_plain_letter(letter) for letter in text)


def _plain_letter(letter: str) -> str:
    try:
        letter.encode(_CODE_PAGE)
    except UnicodeEncodeError:
        return unicodedata.normalize("NFD", letter).encode(_CODE_PAGE, "ignore").decode(_CODE_PAGE)
    return letter
