"""How an office writes a name: other spellings, words left out or moved, slips of the keyboard."""

from __future__ import annotations

from random import Random
from typing import Final

from examples.hard.names import ORIGINS, respell_name
from examples.hard.people import Human, SpelledName
from examples.hard.phenomena import Phenomena

NO_NAMES: Final = ("FNU", "NN", "unbekannt", "-")
_PREFIXES: Final = ("Abdul", "Abdel", "Abdal", "Abd", "Al", "El", "Gebre", "Ghebre", "Mohammad")
_TRIBES: Final = ("Ahmadzai", "Stanekzai", "Kandahari", "Hotak", "Kakar", "Shinwari", "Mohmand")
_TITLED: Final = ("arabic", "persian")
_LETTERS: Final = "abcdefghiklmnorstuyz"
_LONGEST_FIRST, _LONGEST_LAST = 20, 12

# First and last name.
Written = tuple[str, str]


def write_names(rng: Random, human: Human, phenomena: Phenomena) -> Written:
    """First and last name as one system has them."""
    given, family = _choose_words(rng, human, phenomena)
    first = _space_words(rng, " ".join(given), phenomena)
    last = _drop_prefix(rng, _space_words(rng, family, phenomena), phenomena)
    first = _mistype(rng, _add_title(rng, first, human, phenomena), phenomena)
    last = _mistype(rng, last, phenomena)
    return _put_down(rng, *_lose_name(rng, first, last, phenomena), phenomena)


def _drop_prefix(rng: Random, name: str, phenomena: Phenomena) -> str:
    long = name.startswith("Al") and len(name) > 5
    dropped = long and rng.random() < phenomena.prefix_dropped
    return name[2:].lstrip("- ").capitalize() if dropped else name


def _add_title(rng: Random, name: str, human: Human, phenomena: Phenomena) -> str:
    titled = human.sex == "m" and human.origin in _TITLED
    return f"Sayed {name}" if titled and rng.random() < phenomena.title else name


def _choose_words(rng: Random, human: Human, phenomena: Phenomena) -> tuple[list[str], str]:
    """Given names and the family name, or what is taken for it."""
    given = [_spell_again(rng, name, phenomena.respelled_given) for name in human.given]
    family = _choose_family(rng, human, phenomena)
    if len(given) > 1:
        given, family = _place_second(rng, given, family, phenomena)
    if rng.random() < phenomena.fathers_name:
        given, family = _take_fathers_name(human, given, family)
    return given, family


def _choose_family(rng: Random, human: Human, phenomena: Phenomena) -> str:
    """The family name, another one by marriage, or the name of a tribe."""
    if human.sex == "w" and rng.random() < phenomena.married:
        return ORIGINS[human.origin].last.draw_name(rng)[0][0]
    if human.origin == "persian" and rng.random() < phenomena.tribal_name:
        return rng.choice(_TRIBES)
    return _spell_again(rng, human.family, phenomena.respelled_family)


def _spell_again(rng: Random, spelled: SpelledName, share: float) -> str:
    name, spelling = spelled
    return respell_name(rng, name, spelling) if rng.random() < share else spelling


def _place_second(
    rng: Random, given: list[str], family: str, phenomena: Phenomena
) -> tuple[list[str], str]:
    """The second given name dropped, or moved to the family name."""
    if rng.random() < phenomena.middle_dropped:
        return given[:1], family
    moved = rng.random() < phenomena.middle_moved
    return (given[:1], f"{given[1]} {family}") if moved else (given, family)


def _take_fathers_name(human: Human, given: list[str], family: str) -> tuple[list[str], str]:
    if human.father is not None:
        return given, human.father.given[0][1]
    return (given[:1], given[1]) if len(given) > 1 else (given, family)


def _lose_name(rng: Random, first: str, last: str, phenomena: Phenomena) -> Written:
    """One name only, twice or beside a word for none."""
    if rng.random() < phenomena.one_name:
        none = rng.choice(NO_NAMES)
        return rng.choice(((first, none), (none, first)))
    return (first, first) if rng.random() < phenomena.doubled_name else (first, last)


def _put_down(rng: Random, first: str, last: str, phenomena: Phenomena) -> Written:
    if rng.random() < phenomena.swapped:
        first, last = last, first
    if rng.random() < phenomena.upper_case:
        last = last.upper()
    if rng.random() < phenomena.cut_short:
        first, last = first[:_LONGEST_FIRST], last[:_LONGEST_LAST]
    return first, last


def _space_words(rng: Random, name: str, phenomena: Phenomena) -> str:
    """ "Abdulrahman" as "Abdul Rahman", "Al-Hassan" as "Al Hassan" or "AlHassan"."""
    if rng.random() >= phenomena.spacing:
        return name
    for prefix in _PREFIXES:
        rest = name.removeprefix(prefix)
        if rest != name and len(rest) > 3 and rest[0].isalpha():
            return f"{prefix}{rng.choice('- ')}{rest.capitalize()}"
    return name.replace("-", rng.choice(("", " ", "-")), 1)


def _mistype(rng: Random, name: str, phenomena: Phenomena) -> str:
    slips = rng.random() < phenomena.typing_error and len(name) > 3
    return rng.choice(_SLIPS)(rng, name, rng.randrange(1, len(name) - 1)) if slips else name


def _exchange_letters(_: Random, name: str, at: int) -> str:
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def _double_letter(_: Random, name: str, at: int) -> str:
    return name[:at] + name[at] + name[at:]


def _leave_out_letter(_: Random, name: str, at: int) -> str:
    return name[:at] + name[at + 1 :]


def _write_other_letter(rng: Random, name: str, at: int) -> str:
    return name[:at] + rng.choice(_LETTERS) + name[at + 1 :]


_SLIPS: Final = (_exchange_letters, _double_letter, _leave_out_letter, _write_other_letter)
