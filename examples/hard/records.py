"""What each system knows of a human being: other spellings, days, numbers and gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from examples.hard.people import MUNICIPALITIES, Human
from examples.hard.phenomena import Phenomena
from examples.hard.written_names import write_names

SYSTEMS: Final = ("jobkraftwerk", "enaio", "tau", "excel")
_WITHOUT_HOUSEHOLDS: Final = "excel"
_CONFUSED: Final = {
    "SYR": ("staatenlos", "PSE", "ungeklaert"),
    "staatenlos": ("SYR", "PSE"),
    "AFG": ("IRN", "PAK"),
    "IRN": ("AFG",),
    "ERI": ("ETH", "SDN"),
    "GMB": ("SEN",),
    "IRQ": ("SYR", "TUR"),
    "SDN": ("ERI",),
    "SOM": ("ETH",),
    "UKR": ("RUS",),
    "TUR": ("IRQ",),
    "NGA": ("GMB",),
}
_SOLAR: Final = ("AFG", "IRN")
_SURE_DAYS: Final = ("UKR",)


@dataclass(frozen=True)
class HardRecord:
    """A person as one system has them; None is not delivered."""

    human: int
    source: str
    key: str
    last_name: str | None
    first_name: str | None
    birth_date: date | None
    sex: str | None
    nationality: str | None
    entry_date: date | None
    official_number: str | None
    household: str | None
    municipality: int


def record_humans(rng: Random, humans: list[Human], phenomena: Phenomena) -> list[HardRecord]:
    """The records of all systems in the order of their keys."""
    made: list[HardRecord] = []
    homes: dict[int, list[str]] = {}
    for human in humans:
        # A household moves as one; now and then somebody stays behind.
        if human.household not in homes or rng.random() < phenomena.moved_alone:
            homes[human.household] = _draw_systems(rng, phenomena)
        made += _record_human(rng, human, homes[human.household], phenomena)
    rng.shuffle(made)
    return sorted(_give_keys(made), key=lambda record: (record.source, record.key))


def _record_human(
    rng: Random, human: Human, systems: list[str], phenomena: Phenomena
) -> Iterator[HardRecord]:
    for system in systems:
        yield write_record(rng, human, system, phenomena)
        if rng.random() < phenomena.twice_in_one_system:
            yield write_record(rng, human, system, phenomena)


def _give_keys(records: list[HardRecord]) -> Iterator[HardRecord]:
    numbers: Counter[str] = Counter()
    for record in records:
        numbers[record.source] += 1
        yield replace(record, key=_make_key(record.source, numbers[record.source]))


def _make_key(source: str, number: int) -> str:
    return f"{source[0].upper()}-{number:06d}"


def _draw_systems(rng: Random, phenomena: Phenomena) -> list[str]:
    shares = (phenomena.two_systems, phenomena.three_systems, phenomena.four_systems)
    return rng.sample(SYSTEMS, *rng.choices((1, 2, 3, 4), (1 - sum(shares), *shares)))


def write_record(rng: Random, human: Human, system: str, phenomena: Phenomena) -> HardRecord:
    """A person as a system has them, without a key."""
    first, last = write_names(rng, human, phenomena)
    return HardRecord(
        human=human.number,
        source=system,
        key="",
        last_name=last,
        first_name=first,
        birth_date=_write_birth(rng, human, phenomena),
        sex=_write_sex(rng, human, phenomena),
        nationality=_write_nationality(rng, human, phenomena),
        entry_date=_write_entry(rng, human, phenomena),
        official_number=_write_number(rng, human, phenomena),
        household=_write_household(rng, human, system, phenomena),
        municipality=_write_municipality(rng, human, phenomena),
    )


def _write_household(rng: Random, human: Human, system: str, phenomena: Phenomena) -> str | None:
    if system == _WITHOUT_HOUSEHOLDS or rng.random() >= phenomena.households:
        return None
    return f"{system[0].upper()}-H{human.household:06d}"


def _write_municipality(rng: Random, human: Human, phenomena: Phenomena) -> int:
    moved = rng.random() < phenomena.other_municipality
    return rng.randrange(MUNICIPALITIES) if moved else human.municipality


def _write_sex(rng: Random, human: Human, phenomena: Phenomena) -> str | None:
    if rng.random() < phenomena.sex_missing:
        return None
    if rng.random() < phenomena.sex_wrong:
        return "w" if human.sex == "m" else "m"
    return human.sex


def _write_nationality(rng: Random, human: Human, phenomena: Phenomena) -> str | None:
    if rng.random() < phenomena.nationality_missing:
        return None
    if rng.random() < phenomena.nationality_confused:
        return rng.choice(_CONFUSED[human.nationality])
    return human.nationality


def _write_birth(rng: Random, human: Human, phenomena: Phenomena) -> date | None:
    if rng.random() < phenomena.birth_missing:
        return None
    if not human.day_known:
        return _write_unknown_day(rng, human.born, phenomena)
    if human.nationality not in _SURE_DAYS and rng.random() < phenomena.stand_in_birth:
        return date(human.born.year, 1, 1)
    return _write_known_day(rng, human, phenomena)


def _write_unknown_day(rng: Random, born: date, phenomena: Phenomena) -> date:
    if rng.random() >= phenomena.other_stand_in:
        return born
    month, day = rng.choice(((12, 31), (7, 1), (1, 1)))
    return date(born.year + rng.choice((-1, 0, 1)), month, day)


def _write_known_day(rng: Random, human: Human, phenomena: Phenomena) -> date:
    born = human.born
    if rng.random() < phenomena.birth_exchanged and born.day <= 12:
        return date(born.year, born.day, born.month)
    if human.nationality in _SOLAR and rng.random() < phenomena.solar_calendar:
        return born + timedelta(days=rng.choice((-1, 1, 79, -79)))
    wrong = rng.random() < phenomena.birth_part_wrong
    return rng.choice(_WRONG_PARTS)(rng, born) if wrong else born


def _mistake_year(rng: Random, born: date) -> date:
    year = born.year + rng.choice((-10, -1, 1, 2))
    return date(year, born.month, min(born.day, 28))


def _mistake_month(rng: Random, born: date) -> date:
    return date(born.year, rng.randrange(1, 13), min(born.day, 28))


def _mistake_day(rng: Random, born: date) -> date:
    return date(born.year, born.month, rng.randrange(1, 29))


_WRONG_PARTS: Final = (_mistake_year, _mistake_month, _mistake_day)


def _write_entry(rng: Random, human: Human, phenomena: Phenomena) -> date | None:
    """The entry into the country, or the arrival in the district some weeks or months later."""
    if rng.random() < phenomena.entry_missing:
        return None
    day = human.entered
    if rng.random() < phenomena.entry_of_district:
        day += timedelta(days=int(rng.triangular(10, 400, 60)))
    return day.replace(day=1) if rng.random() < phenomena.entry_month_only else day


def _write_number(rng: Random, human: Human, phenomena: Phenomena) -> str | None:
    if rng.random() >= phenomena.number_delivered:
        return None
    of_father = human.father and rng.random() < phenomena.number_of_father
    bearer = human.father if human.father and of_father else human
    number = bearer.official_number
    return _alter_number(rng, number, phenomena) if number else None


def _alter_number(rng: Random, number: str, phenomena: Phenomena) -> str:
    """The number, another one of the same day, or two of its digits exchanged."""
    if rng.random() < phenomena.number_second:
        return number[:6] + f"{rng.randrange(10**6):06d}"
    if rng.random() < phenomena.number_mistyped:
        return _exchange_digits(number, rng.randrange(7, 11))
    return number


def _exchange_digits(number: str, at: int) -> str:
    return number[:at] + number[at + 1] + number[at] + number[at + 2 :]
