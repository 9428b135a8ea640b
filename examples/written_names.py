"""How one person's name and birthday come to stand differently in two systems; the lists are in names.py."""

from __future__ import annotations

import random
from datetime import date
from typing import Final

from examples.people import Person

WAYS: Final = ("same", "transliteration", "swapped", "typo", "birthday")
WAY_WEIGHTS: Final = (35, 38, 9, 9, 9)


def spell_person(
    rng: random.Random, person: Person, how: str, *, ansi: bool
) -> tuple[str, str, date]:
    """Last name, first name and birthday as one system holds them; `ansi` for a system that only knows cp1252."""
    last, first, born = person.last[0], person.first[0], person.born
    if how == "transliteration":
        last, first = (
            rng.choice(person.last[1:] or person.last),
            rng.choice(person.first[1:] or person.first),
        )
    elif how == "swapped":
        last, first = first, last
    elif how == "typo":
        last = _mistype_name(rng, last)
    elif how == "birthday":
        born = date(born.year, 1, 1)
    if ansi:
        last, first = _to_ansi(last), _to_ansi(first)
    return last, first, born


def _mistype_name(rng: random.Random, name: str) -> str:
    at = rng.randrange(1, len(name) - 1)
    return (
        name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        if rng.random() < 0.5
        else name[:at] + name[at:][:1] + name[at:]
    )


def _to_ansi(name: str) -> str:
    return name.translate(str.maketrans("ışŞğĞİ", "isSgGI"))
