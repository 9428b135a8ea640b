"""The persons of a hard district, as they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.hard.names import ORIGINS, Name, Pool, spell_name

# A name with the spelling in its bearer's papers.
SpelledName = tuple[Name, str]


@dataclass(frozen=True)
class Nation:
    """``share`` of the district, ``origin`` of the names, share born on an ``unknown_day``."""

    share: int
    origin: str
    unknown_day: float


NATIONS: Final = {
    "SYR": Nation(30, "arabic", 0.16),
    "AFG": Nation(17, "persian", 0.23),
    "IRQ": Nation(9, "arabic", 0.12),
    "UKR": Nation(14, "ukrainian", 0.003),
    "TUR": Nation(7, "turkish", 0.01),
    "IRN": Nation(5, "persian", 0.01),
    "ERI": Nation(5, "tigrinya", 0.22),
    "SOM": Nation(3, "somali", 0.3),
    "GMB": Nation(4, "west_african", 0.1),
    "NGA": Nation(3, "west_african", 0.05),
    "SDN": Nation(2, "sudanese", 0.25),
    "staatenlos": Nation(1, "arabic", 0.1),
}
_SIZES: Final = {1: 45, 2: 11, 3: 13, 4: 15, 5: 10, 6: 6}
# How many have a second given name; in Arabic and Persian it is often the father's.
_SECOND_GIVEN: Final = {"arabic": 0.2, "persian": 0.3, "sudanese": 0.5, "somali": 0.5}
_FEW_SECOND_GIVEN = 0.05
# Parents pass their given name on as the name of their children.
_FATHERS_NAME: Final = ("tigrinya", "somali", "sudanese")
_OWN_NAME_OF_WIVES = 0.7
_LONE_PARENT = 0.4
_MEN_ALONE = 0.66
_NUMBERED = 0.93
MUNICIPALITIES: Final = 30
_NEWEST = date(2025, 6, 1)


@dataclass
class Human:
    """One human being. ``day_known``: False where the birthday is a stand-in everywhere.

    ``double``: another human being that is meant to be mistaken for this one.
    """

    number: int
    household: int
    given: list[SpelledName]
    family: SpelledName
    sex: str
    nationality: str
    born: date
    day_known: bool
    entered: date
    official_number: str | None
    municipality: int
    is_parent: bool = True
    father: Human | None = None
    double: int | None = None

    @property
    def origin(self) -> str:
        """Where the names come from."""
        return NATIONS[self.nationality].origin


def make_humans(rng: Random, count: int) -> list[Human]:
    """Households of together ``count`` persons."""
    humans: list[Human] = []
    for household in range(count):
        _add_household(rng, humans, household, count)
    return humans


def _add_household(rng: Random, humans: list[Human], household: int, most: int) -> None:
    """Adds its members, as long as there are not ``most`` humans."""
    size = rng.choices(list(_SIZES), list(_SIZES.values()))[0]
    home = _draw_home(rng, household)
    for place in range(min(size, most - len(humans))):
        humans.append(_make_member(rng, home, len(humans), size, place))


def draw_spelled(rng: Random, pool: Pool) -> SpelledName:
    """A name of the pool, spelled as in its bearer's papers."""
    name = pool.draw_name(rng)
    return name, spell_name(rng, name)


def draw_given(rng: Random, origin: str, sex: str) -> list[SpelledName]:
    """One given name or two."""
    pool = ORIGINS[origin].men if sex == "m" else ORIGINS[origin].women
    given = [draw_spelled(rng, pool)]
    if rng.random() < _SECOND_GIVEN.get(origin, _FEW_SECOND_GIVEN):
        fathers = pool if origin == "ukrainian" else ORIGINS[origin].men
        given.append(draw_spelled(rng, fathers))
    return given


@dataclass
class _Home:
    """A household in the making: what its members share, adults first."""

    number: int
    nationality: str
    family: SpelledName
    entered: date
    municipality: int
    members: list[Human] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return NATIONS[self.nationality].origin

    @property
    def father(self) -> Human | None:
        return next((m for m in self.members[:2] if m.sex == "m" and m.is_parent), None)


def _draw_home(rng: Random, number: int) -> _Home:
    nationality = _draw_nationality(rng)
    return _Home(
        number,
        nationality,
        family=draw_spelled(rng, ORIGINS[NATIONS[nationality].origin].last),
        entered=_draw_entry(rng),
        municipality=rng.randrange(MUNICIPALITIES),
    )


def _draw_entry(rng: Random) -> date:
    return date(2014, 1, 1) + timedelta(days=int(rng.triangular(0, 4000, 700)))


def _draw_nationality(rng: Random) -> str:
    shares = [nation.share for nation in NATIONS.values()]
    return rng.choices(list(NATIONS), shares)[0]


def _make_member(rng: Random, home: _Home, number: int, size: int, place: int) -> Human:
    """The next member of a household; the second of three may be a child, of four never."""
    grown = place == 0 or (place == 1 and (size > 3 or rng.random() >= _LONE_PARENT))
    sex = _draw_sex(rng, home, size, grown)
    born = _draw_birth(rng, home.entered, None if grown else home.members[0].born)
    day_known = rng.random() >= NATIONS[home.nationality].unknown_day
    human = Human(
        number=number,
        household=home.number,
        given=_draw_other_given(rng, home, sex),
        family=_draw_family(rng, home, grown),
        sex=sex,
        nationality=home.nationality,
        born=born if day_known else date(born.year, 1, 1),
        day_known=day_known,
        entered=home.entered,
        official_number=_draw_number(rng, home.entered),
        municipality=home.municipality,
        is_parent=grown,
        father=None if grown else home.father,
    )
    home.members.append(human)
    return human


def _draw_sex(rng: Random, home: _Home, size: int, grown: bool) -> str:
    if grown and home.members:
        return "w" if home.members[0].sex == "m" else "m"
    men = _MEN_ALONE if size == 1 else 0.5
    return "m" if rng.random() < men else "w"


def _draw_other_given(rng: Random, home: _Home, sex: str) -> list[SpelledName]:
    """Given names that nobody of the household has."""
    taken = [member.given[0][0] for member in home.members]
    given = draw_given(rng, home.origin, sex)
    while given[0][0] in taken:
        given = draw_given(rng, home.origin, sex)
    return given


def _draw_family(rng: Random, home: _Home, grown: bool) -> SpelledName:
    """The family's name, but the own one of many wives, and the father's given name in places."""
    if not grown and home.father:
        is_given = home.origin in _FATHERS_NAME
        return home.father.given[0] if is_given else home.father.family
    if grown and home.members and home.origin != "ukrainian":
        return _draw_own_name(rng, home)
    return home.family


def _draw_own_name(rng: Random, home: _Home) -> SpelledName:
    own = draw_spelled(rng, ORIGINS[home.origin].last)
    return own if rng.random() < _OWN_NAME_OF_WIVES else home.family


def _draw_birth(rng: Random, entered: date, parent: date | None) -> date:
    if parent is None:
        return entered - timedelta(days=int(rng.triangular(18, 64, 27) * 365.25))
    oldest = max(_add_days(parent, 18 * 366), _add_days(entered, -17 * 365))
    newest = max(_NEWEST, _add_days(oldest, 30))
    return _add_days(oldest, rng.randrange((newest - oldest).days))


def _add_days(day: date, days: int) -> date:
    return day + timedelta(days=days)


def _draw_number(rng: Random, entered: date) -> str | None:
    if rng.random() >= _NUMBERED:
        return None
    return f"{entered:%y%m%d}{rng.randrange(10**6):06d}"
