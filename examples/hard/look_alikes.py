"""Other human beings who look alike: namesakes, cousins, brothers and sisters, twins, fathers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from random import Random
from typing import Final

from examples.hard.people import Human, SpelledName

# Given names of brothers and of sisters that sound alike.
_SOUND_ALIKE: Final = {
    "m": (("Hassan", "Hussein"), ("Ahmed", "Hamed"), ("Karim", "Kamil"), ("Salim", "Salem")),
    "w": (("Amina", "Amira"), ("Samira", "Samar"), ("Nadia", "Nadine"), ("Rana", "Rania")),
}
_TWINS = 0.5
# Given names of brothers and of sisters of which the first one is the same.
_SHARED: Final = {
    "m": (("Mohammad Hassan", "Mohammad Hussein"), ("Ali Reza", "Ali Naeem")),
    "w": (("Anna Maria", "Anna Sofia"), ("Fatima Zahra", "Fatima Amina")),
}


def plant_look_alikes(rng: Random, humans: list[Human], share: float) -> None:
    """Makes that share of the persons resemble another one of their nationality and sex."""
    groups = _group_humans(humans)
    for human in rng.sample(humans, int(len(humans) * share)):
        other = rng.choice(groups[human.nationality, human.sex])
        if _may_resemble(human, other):
            rng.choice(_KINDS)(rng, human, other)
            other.double, human.double = human.number, other.number


def _group_humans(humans: list[Human]) -> dict[tuple[str, str], list[Human]]:
    groups: dict[tuple[str, str], list[Human]] = defaultdict(list)
    for human in humans:
        groups[human.nationality, human.sex].append(human)
    return groups


def _may_resemble(human: Human, other: Human) -> bool:
    free = human.double is None and other.double is None
    return free and other.household != human.household


def _shift_years(born: date, years: int) -> date:
    """The first of that month some years later or earlier."""
    return date(born.year + years, born.month, 1)


def _move_in(human: Human, other: Human) -> None:
    """Makes both one family that came on one day."""
    other.family, other.entered = human.family, human.entered
    other.household = human.household


def _make_namesake(rng: Random, human: Human, other: Human) -> None:
    """One name, and one 1 January where the birthday is not known."""
    other.given, other.family = list(human.given), human.family
    if not human.day_known:
        other.born, other.day_known = human.born, False


def _make_cousin(rng: Random, human: Human, other: Human) -> None:
    """One name, born a few years apart."""
    other.given, other.family = list(human.given), human.family
    other.born = _shift_years(human.born, rng.choice((-2, 2, 3)))


def _make_father(rng: Random, human: Human, other: Human) -> None:
    """A son or daughter of one name, both born on a 1 January, of one household and entry."""
    _move_in(human, other)
    other.given = list(human.given)
    human.born = date(human.born.year, 1, 1)
    other.born = date(human.born.year + rng.randrange(18, 40), 1, 1)
    human.day_known = other.day_known = False


def _make_sibling(rng: Random, human: Human, other: Human) -> None:
    """A brother or sister whose name sounds alike, a year apart, of one household and entry."""
    _move_in(human, other)
    one, another = rng.choice(_SOUND_ALIKE[human.sex])
    human.given, other.given = [_name_once(one)], [_name_once(another)]
    other.born = _shift_years(human.born, rng.choice((-1, 1)))


def _make_namesake_sibling(rng: Random, human: Human, other: Human) -> None:
    """A brother or sister of one first given name and another further one, or such a twin."""
    _make_sibling(rng, human, other)
    one, another = rng.choice(_SHARED[human.sex])
    human.given, other.given = [_name_once(one)], [_name_once(another)]
    if rng.random() < _TWINS:
        other.born, other.day_known = human.born, human.day_known


def _name_once(spelling: str) -> SpelledName:
    return ((spelling, 1),), spelling


def _make_twin(rng: Random, human: Human, other: Human) -> None:
    """A twin: one birthday, family name, household and entry, another given name."""
    if other.given[0][0] == human.given[0][0]:
        _make_sibling(rng, human, other)
    _move_in(human, other)
    other.born, other.day_known = human.born, human.day_known


_KINDS: Final[tuple[Callable[[Random, Human, Human], None], ...]] = (
    _make_namesake,
    _make_cousin,
    _make_father,
    _make_sibling,
    _make_namesake_sibling,
    _make_twin,
)
