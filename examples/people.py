"""Who lives in the simulated district: persons in households, with what is true of them; no case work and no files."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from examples.labels import RESIDENCE
from examples.names import LANGUAGE, LAST, MEN, ORIGIN, WOMEN, Spellings

SHARES: Final = {
    "Syrien": 34,
    "Afghanistan": 16,
    "Irak": 9,
    "Ukraine": 13,
    "Türkei": 6,
    "Iran": 4,
    "Eritrea": 5,
    "Gambia": 4,
    "Nigeria": 3,
    "Kamerun": 2,
    "Somalia": 2,
    "Palästina": 1,
    "staatenlos": 1,
}
BORN_FIRST_OF_JANUARY: Final = 0.2
NO_VALUE: Final = 0.02


@dataclass(slots=True)
class Person:
    """One human being: spellings of the name, birth, attributes ('' where nobody knows), homes in order of time."""

    number: int
    last: Spellings
    first: Spellings
    born: date
    sex: str
    nationality: str
    marital: str
    residence: str
    language: str
    german: str
    entered: date
    assigned: date | None
    homes: tuple[tuple[date, str], ...]
    changes: list[tuple[date, str, str]] = field(default_factory=list)

    def adult_on(self, day: date) -> bool:
        """Whether the person is 18 or older on that day (by year and day, good enough for simulated consents)."""
        return (day - self.born).days >= 18 * 365.25

    def home_on(self, day: date) -> str:
        """The housing label on that day, '' where nobody knows."""
        return next((label for since, label in reversed(self.homes) if since <= day), "")

    def known_on(self, day: date, name: str) -> str:
        """The attribute `marital` or `residence` on that day, after what changed until then."""
        values = [new for since, changed, new in self.changes if changed == name and since <= day]
        return values[-1] if values else str(getattr(self, name))


Household = list[Person]


def make_households(rng: random.Random, persons: int, last_day: date) -> list[Household]:
    """Households of together exactly `persons` people who entered Germany well before `last_day`."""
    made: list[Household] = []
    count = 0
    while count < persons:
        size = min(persons - count, rng.choices((1, 2, 3, 4, 5, 6), (58, 9, 11, 12, 7, 3))[0])
        nationality = rng.choices(list(SHARES), list(SHARES.values()))[0]
        entered = last_day - timedelta(days=int(rng.triangular(120, 3600, 1200)))
        made.append(make_household(rng, count, size, nationality, entered))
        count += size
    return made


def make_household(
    rng: random.Random, number: int, size: int, nationality: str, entered: date
) -> Household:
    """One adult, a couple, or parents with children; numbered from `number`."""
    origin = ORIGIN[nationality]
    surname = rng.choice(LAST[origin])
    homes, assigned = _draw_homes(rng, entered)
    parents = 1 if size == 1 or (size < 4 and rng.random() < 0.45) else 2
    members: Household = []
    for place in range(size):
        grown = place < parents
        alone_male = 0.4 if origin == "ukrainian" else 0.72
        sex = (
            rng.choices(("männlich", "weiblich"), (alone_male, 1 - alone_male))[0]
            if size == 1
            else rng.choice(("männlich", "weiblich"))
        )
        if grown and parents == 2:
            sex = ("männlich", "weiblich")[place]
        born = _draw_birth(rng, entered, grown, members, size)
        members.append(
            Person(
                number + place,
                surname,
                _first_name(rng, origin, sex, members),
                born,
                _or_unknown(rng, sex, 0.007),
                _or_unknown(rng, nationality),
                _or_unknown(rng, _draw_marital(rng, grown, parents, size)),
                _or_unknown(rng, rng.choice(list(RESIDENCE))),
                LANGUAGE[origin],
                rng.choice(("A1", "A2", "A2", "B1", "B1", "B2", "C1")),
                entered,
                assigned,
                homes,
            )
        )
    return members


def _first_name(rng: random.Random, origin: str, sex: str, members: Sequence[Person]) -> Spellings:
    taken = {member.first for member in members}
    names = (MEN if sex == "männlich" else WOMEN)[origin]
    return rng.choice([name for name in names if name not in taken] or names)


def _draw_birth(
    rng: random.Random, entered: date, grown: bool, members: Sequence[Person], size: int
) -> date:
    if not grown:
        oldest = max(members[0].born + timedelta(days=19 * 366), entered - timedelta(days=17 * 365))
        return oldest + timedelta(days=rng.randrange((entered - oldest).days))
    youngest = 18.2 if size == 1 else 24
    born = date(entered.year, 1, 1) - timedelta(days=int(rng.triangular(youngest, 62, 28) * 365.25))
    return date(born.year, 1, 1) if rng.random() < BORN_FIRST_OF_JANUARY else born


def _draw_marital(rng: random.Random, grown: bool, parents: int, size: int) -> str:
    if not grown:
        return "ledig"
    if parents == 2:
        return "verheiratet"
    weights = (78, 10, 8, 4) if size == 1 else (25, 25, 35, 15)
    return rng.choices(("ledig", "verheiratet", "geschieden", "verwitwet"), weights)[0]


def _draw_homes(
    rng: random.Random, entered: date
) -> tuple[tuple[tuple[date, str], ...], date | None]:
    """Where they live since when, and the assignment to the Anschlussunterbringung, if there was one."""
    first = (entered, rng.choices(("vorläufige Unterbringung", ""), (98, 2))[0])
    kind = rng.choices(("stays", "follow_up", "private"), (8, 62, 30))[0]
    if kind == "stays":
        return (first,), None
    assigned = entered + timedelta(days=rng.randrange(150, 900))
    moves = [first, (assigned, "Anschlussunterbringung")]
    if kind == "private":
        moves.append((assigned + timedelta(days=rng.randrange(60, 700)), "Privatunterkunft"))
    return tuple(moves), assigned


def _or_unknown(rng: random.Random, value: str, share: float = NO_VALUE) -> str:
    return "" if rng.random() < share else value


def look_alike(rng: random.Random, homes: Sequence[Household], pairs: int = 3) -> None:
    """Gives strangers of one origin the same name and the same 1 January, as it happens in every district."""
    alone: dict[str, list[Person]] = {}
    for home in homes:
        if len(home) == 1:
            alone.setdefault(f"{home[0].language} {home[0].sex}", []).append(home[0])
    crowded = [people for people in alone.values() if len(people) > 1]
    for people in rng.sample(crowded, min(pairs, len(crowded))):
        one, other = rng.sample(people, 2)
        other.last, other.first = one.last, one.first
        one.born = other.born = date(one.born.year, 1, 1)
