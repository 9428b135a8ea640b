"""What a letter or group of letters may sound like in names that offices transcribe by ear.

A grapheme is one to four letters that stand together for one sound. A consonant may stand for
several classes of sounds, because offices transcribe by German, English, French, Turkish and
Ukrainian habits. The costs were set by hand and checked on lists of real spellings
(benchmarks/names.py); 1 is the cost of an unrelated consonant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

# "-" is the class of a letter that may be silent.
_CONSONANTS = {
    "dsch": "J", "dsh": "J", "tsch": "C", "dzh": "J", "shch": "CH", "sch": "H", "szcz": "CH",
    "tch": "C", "sh": "H", "ch": "XCH", "kh": "XK", "gh": "G-", "zh": "JZ", "th": "TS", "dh": "DS",
    "dj": "J", "tj": "C", "ph": "F", "ts": "SC", "tz": "SC", "ck": "K", "qu": "K", "ks": "SK",
    "b": "B", "c": "KSJC", "d": "D", "f": "F", "g": "GJ", "h": "X-", "j": "JY", "k": "K",
    "l": "L", "m": "M", "n": "N", "p": "P", "q": "KG", "r": "R", "s": "S", "t": "T",
    "v": "WF", "w": "W", "x": "XSH", "y": "Y", "z": "SZJ",
    "cz": "C", "sz": "HS",
}  # fmt: skip
_VOWELS = {
    "aa": "a", "ah": "a", "ee": "i", "ie": "i", "ii": "i", "oo": "u", "ou": "u", "uu": "u",
    "ai": "ei", "ay": "ei", "ei": "ei", "ey": "ei", "au": "au", "aw": "au", "ow": "au",
    "a": "a", "e": "e", "i": "i", "o": "o", "u": "u", "ae": "e", "oe": "o", "ue": "u",
    "eu": "u", "ew": "u", "iy": "i", "yy": "i", "ij": "i", "yi": "i", "ia": "ia", "ya": "ia",
    "ja": "ia", "yu": "iu", "ju": "iu", "iu": "iu", "io": "u",
}  # fmt: skip
# Between the sounds of vowels; what is not listed costs _OTHER_VOWEL.
_VOWEL_COSTS = {
    "a e": 0.12, "e i": 0.15, "o u": 0.10, "a o": 0.25, "e ei": 0.12, "i ei": 0.18, "a ei": 0.22,
    "o au": 0.12, "u au": 0.15, "a au": 0.22, "a ia": 0.15, "i ia": 0.25, "e ia": 0.25,
    "u iu": 0.10, "i iu": 0.25, "o iu": 0.2, "a i": 0.3, "e o": 0.35, "e u": 0.35, "ei ia": 0.3,
}  # fmt: skip
_OTHER_VOWEL = 0.4
# Between classes of consonants; what is not listed costs 1.
_CLASS_COSTS = {
    "K G": 0.4, "K X": 0.4, "J Z": 0.3, "D T": 0.4, "W F": 0.35, "B P": 0.35, "C J": 0.4,
    "C H": 0.35, "H S": 0.5, "S Z": 0.05, "J Y": 0.3, "G X": 0.45, "J H": 0.5, "C S": 0.5,
    "D S": 0.5, "T S": 0.6, "B W": 0.4, "G J": 0.4, "F P": 0.4, "M N": 0.7, "J S": 0.55,
    "Z D": 0.5, "C T": 0.6, "L R": 0.9,
}  # fmt: skip
# Before a vowel the second letter is a consonant: A-wa, Ma-ya.
_GLIDES = frozenset({"aw", "ow", "ew", "ay", "ey", "iy", "ij"})
# At the beginning the first letter is one: Ja-mal, Yu-suf.
_SEMIVOWELS = frozenset({"ja", "ju", "ya", "yu", "yi", "iy", "ij"})
# Before another letter h is spoken, and written ch elsewhere: Ah-med.
_FINAL = frozenset({"ah"})
_OPEN = "aeiou"
_SHARED_CLASS = 0.08
_VOWEL_FOR_CONSONANT = {"Y": 0.15, "W": 0.2, "-": 0.5}
_FIRST, _MIDDLE, _LAST = range(3)
_PLACES = 3
_FILLING = 9


@dataclass(frozen=True)
class Costs:
    """The costs of aligning graphemes, by their code; code 0 fills up what is shorter.

    ``swap`` (codes x codes) holds what it costs to read one for the other, ``leave_out`` (codes)
    what it costs to have none, ``weight`` (codes) how much a grapheme counts in the length, and
    ``sign`` (codes) which grapheme it is, wherever it stands.
    """

    swap: np.ndarray
    leave_out: np.ndarray
    weight: np.ndarray
    sign: np.ndarray


@lru_cache(maxsize=200_000)
def encode_name(token: str) -> tuple[int, ...]:
    """The codes of a token's graphemes, longest first, without repeated letters."""
    found = [_NUMBERS.get(part, _UNKNOWN) for part in _GRAPHEME.findall(token)]
    kept = [g for i, g in enumerate(found) if i == 0 or g != found[i - 1] or g == _UNKNOWN]
    places = [_FIRST, *[_MIDDLE] * (len(kept) - 2), _LAST]
    return tuple(_code_at(g, place) for g, place in zip(kept, places, strict=False))


def _code_at(grapheme: int, place: int) -> int:
    return 1 + _PLACES * grapheme + place


_GRAPHEMES = [*_CONSONANTS, *_VOWELS]
_NUMBERS = {g: n for n, g in enumerate(_GRAPHEMES)}
_UNKNOWN = len(_GRAPHEMES)


def _match_grapheme(part: str) -> str:
    """A pattern of a part where it is one grapheme, not a consonant and a vowel."""
    begins = "(?<!^)" if part in _SEMIVOWELS else ""
    glides = f"(?![{_OPEN}])" if part in _GLIDES else ""
    return begins + part + glides + ("(?!.)" if part in _FINAL else "")


# The longest first; what is none of them stands alone.
_LONGEST_FIRST = sorted(_GRAPHEMES, key=len, reverse=True)
_GRAPHEME = re.compile("|".join([*map(_match_grapheme, _LONGEST_FIRST), "."]), re.DOTALL)
_NAMES = [*_GRAPHEMES, "?"]
_COUNT = 1 + _PLACES * len(_NAMES)


@cache
def alignment_costs() -> Costs:
    """The costs of all graphemes at the beginning, in the middle and at the end of a token."""
    places = [(name, place) for name in _NAMES for place in range(_PLACES)]
    leave_out = [0.0, *(_gap(name, place) for name, place in places)]
    weight = [0.0, *(0.5 if name in _VOWELS else 1.0 for name, _ in places)]
    sign = (np.arange(_COUNT, dtype=np.int16) + _PLACES - 1) // _PLACES
    return Costs(_list_swaps(), _as_floats(leave_out), _as_floats(weight), sign)


def _as_floats(values: list[float]) -> np.ndarray:
    return np.array(values, dtype=np.float32)


def _list_swaps() -> np.ndarray:
    """The costs of reading one grapheme for another; nothing faces what only fills up."""
    swap = np.full((_COUNT, _COUNT), _FILLING, dtype=np.float32)
    costs = [[_swap_cost(one, other) for other in _NAMES] for one in _NAMES]
    swap[1:, 1:] = np.kron(costs, np.ones((_PLACES, _PLACES)))
    swap[0, 0] = 0
    return swap


def _gap(grapheme: str, place: int) -> float:
    if grapheme in _VOWELS:
        return 0.45 if place == _FIRST else 0.3
    if grapheme == "h":
        return 0.15 if place == _LAST else 0.35
    if grapheme in ("w", "j", "y"):
        return 0.5
    return 0.6 if "-" in _CONSONANTS.get(grapheme, "") else 1.0


def _swap_cost(one: str, other: str) -> float:
    if one == other:
        return 1.0 if one == "?" else 0.0
    if one in _VOWELS and other in _VOWELS:
        return _between(_VOWELS[one], _VOWELS[other], _VOWEL_COSTS, _OTHER_VOWEL, 0.03)
    if one in _VOWELS or other in _VOWELS:
        consonant = _CONSONANTS.get(other if one in _VOWELS else one, "")
        return min((_VOWEL_FOR_CONSONANT.get(c, 1.0) for c in consonant), default=1.0)
    return _swap_consonants(_CONSONANTS.get(one, ""), _CONSONANTS.get(other, ""))


def _swap_consonants(one: str, other: str) -> float:
    """The cheapest of all that both may sound like; nobody hears a silent letter for another."""
    pairs = [(a, b) for a in one for b in other if a == b or "-" not in (a, b)]
    costs = (_between(a, b, _CLASS_COSTS, 1.0, _SHARED_CLASS) for a, b in pairs)
    return min(costs, default=1.0)


def _between(a: str, b: str, costs: dict[str, float], other: float, same: float) -> float:
    if a == b:
        return same
    return costs.get(f"{a} {b}", costs.get(f"{b} {a}", other))
