"""Spells a person's name and birthday as different systems do."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Final

from examples.names import Spellings
from examples.people import Person

WAYS: Final = ("same", "transliteration", "swapped", "typo", "birthday")
WAY_WEIGHTS: Final = (35, 38, 9, 9, 9)


def spell_person(rng: Random, person: Person, how: str, *, ansi: bool) -> tuple[str, str, date]:
    """Last name, first name and birthday in one system; `ansi` for one that only knows cp1252.

    `how` is one of `WAYS`.
    """
    last, first, born = person.last[0], person.first[0], person.born
    if how == "transliteration":
        last, first = _draw_other(rng, person.last), _draw_other(rng, person.first)
    elif how == "swapped":
        last, first = first, last
    elif how == "typo":
        last = _mistype_name(rng, last)
    elif how == "birthday":
        born = born.replace(month=1, day=1)
    return (_to_ansi(last), _to_ansi(first), born) if ansi else (last, first, born)


def _draw_other(rng: Random, spellings: Spellings) -> str:
    return rng.choice(spellings[1:] or spellings)


def _mistype_name(rng: Random, name: str) -> str:
    """Swaps two letters or doubles one."""
    at = rng.randrange(1, len(name) - 1)
    before, letter, after = name[:at], name[at], name[at + 1 :]
    if rng.random() < 0.5:
        return before + after[0] + letter + after[1:]
    return before + letter * 2 + after


def _to_ansi(name: str) -> str:
    return name.translate(str.maketrans("ışŞğĞİ", "isSgGI"))
