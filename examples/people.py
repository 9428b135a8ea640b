"""Makes the persons and households of the simulated district with their true attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.chance import draw_weighted
from examples.labels import LISTS
from examples.names import ORIGIN, Origin, Spellings

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
SIZES: Final = {1: 58, 2: 9, 3: 11, 4: 12, 5: 7, 6: 3}
COUPLE: Final = ("männlich", "weiblich")
GERMAN_LEVELS: Final = ("A1", "A2", "A2", "B1", "B1", "B2", "C1")
FIRST_HOMES: Final = {"vorläufige Unterbringung": 98, "": 2}
MOVES: Final = {"stays": 8, "follow_up": 62, "private": 30}
BORN_FIRST_OF_JANUARY: Final = 0.2
NO_VALUE: Final = 0.02
YOUNGEST_PARENT: Final = timedelta(days=19 * 366)
OLDEST_CHILD: Final = timedelta(days=17 * 365)


@dataclass(slots=True)
class Person:
    """One human being; attributes are '' where unknown, homes and changes are in order of time."""

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
        """Whether the person is 18 on that day, to the precision of an average year."""
        return (day - self.born).days >= 18 * 365.25

    def home_on(self, day: date) -> str:
        """The housing label on that day, '' where it is unknown."""
        return next((label for since, label in reversed(self.homes) if since <= day), "")

    def known_on(self, day: date, name: str) -> str:
        """The attribute `marital` or `residence` on that day, with the changes until then."""
        value: str = getattr(self, name)
        for since, changed, new in self.changes:
            if changed == name and since <= day:
                value = new
        return value


Household = list[Person]


def make_households(rng: Random, persons: int, last_day: date) -> list[Household]:
    """Households of together exactly `persons` people who entered Germany well before the day."""
    made: list[Household] = []
    count = 0
    while count < persons:
        size = min(persons - count, draw_weighted(rng, SIZES))
        nationality = draw_weighted(rng, SHARES)
        entered = last_day - timedelta(days=int(rng.triangular(120, 3600, 1200)))
        made.append(make_household(rng, count, size, nationality, entered))
        count += size
    return made


def make_household(
    rng: Random, number: int, size: int, nationality: str, entered: date
) -> Household:
    """One adult, a couple, or parents with children; numbered from `number`."""
    origin = ORIGIN[nationality]
    surname = rng.choice(origin.last)
    homes, assigned = _draw_homes(rng, entered)
    parents = _draw_parents(rng, size)
    members: Household = []
    for place in range(size):
        grown = place < parents
        sex = _draw_sex(rng, origin, size)
        if grown and parents == 2:
            sex = COUPLE[place]
        born = _draw_birth(rng, entered, grown, members, size)
        members.append(
            Person(
                number + place,
                surname,
                _draw_first_name(rng, origin, sex, members),
                born,
                _or_unknown(rng, sex, 0.007),
                _or_unknown(rng, nationality),
                _or_unknown(rng, _draw_marital(rng, grown, parents, size)),
                _or_unknown(rng, rng.choice(list(LISTS["residence"]))),
                origin.language,
                rng.choice(GERMAN_LEVELS),
                entered,
                assigned,
                homes,
            )
        )
    return members


def _draw_parents(rng: Random, size: int) -> int:
    """One adult who lives alone or, in small families, with the children; else two."""
    return 1 if size == 1 or (size < 4 and rng.random() < 0.45) else 2


def _draw_sex(rng: Random, origin: Origin, size: int) -> str:
    if size > 1:
        return rng.choice(COUPLE)
    men = origin.share_of_men
    return rng.choices(COUPLE, (men, 1 - men))[0]


def _draw_first_name(rng: Random, origin: Origin, sex: str, members: Sequence[Person]) -> Spellings:
    used = [member.first for member in members]
    names = origin.men if sex == "männlich" else origin.women
    return rng.choice([name for name in names if name not in used] or names)


def _draw_birth(
    rng: Random, entered: date, grown: bool, members: Sequence[Person], size: int
) -> date:
    if not grown:
        return _draw_child_birth(rng, entered, members[0])
    youngest = 18.2 if size == 1 else 24
    born = date(entered.year, 1, 1) - timedelta(days=int(rng.triangular(youngest, 62, 28) * 365.25))
    return date(born.year, 1, 1) if rng.random() < BORN_FIRST_OF_JANUARY else born


def _draw_child_birth(rng: Random, entered: date, parent: Person) -> date:
    oldest = max(parent.born + YOUNGEST_PARENT, entered - OLDEST_CHILD)
    return oldest + timedelta(days=rng.randrange((entered - oldest).days))


def _draw_marital(rng: Random, grown: bool, parents: int, size: int) -> str:
    if not grown:
        return "ledig"
    if parents == 2:
        return "verheiratet"
    return rng.choices(list(LISTS["marital"]), (78, 10, 8, 4) if size == 1 else (25, 25, 35, 15))[0]


def _draw_homes(rng: Random, entered: date) -> tuple[tuple[tuple[date, str], ...], date | None]:
    """The homes in order of time, and the day of assignment to the Anschlussunterbringung."""
    first = (entered, draw_weighted(rng, FIRST_HOMES))
    kind = draw_weighted(rng, MOVES)
    if kind == "stays":
        return (first,), None
    assigned = entered + timedelta(days=rng.randrange(150, 900))
    moves = [first, (assigned, "Anschlussunterbringung")]
    if kind == "private":
        moves.append((assigned + timedelta(days=rng.randrange(60, 700)), "Privatunterkunft"))
    return tuple(moves), assigned


def _or_unknown(rng: Random, value: str, share: float = NO_VALUE) -> str:
    return "" if rng.random() < share else value


def look_alike(rng: Random, homes: Sequence[Household], pairs: int = 3) -> None:
    """Gives strangers of one origin the same name and the same 1 January as their birthday."""
    alone: dict[str, list[Person]] = {}
    for person, *others in homes:
        if not others:
            alone.setdefault(f"{person.language} {person.sex}", []).append(person)
    crowded = [people for people in alone.values() if len(people) > 1]
    for people in rng.sample(crowded, min(pairs, len(crowded))):
        _make_alike(*rng.sample(people, 2))


def _make_alike(one: Person, other: Person) -> None:
    other.last, other.first = one.last, one.first
    one.born = other.born = date(one.born.year, 1, 1)
