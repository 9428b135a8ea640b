"""Under which keys two spellings of a name meet: their consonants, as coarsely as they are heard."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product

# The longest first; alternatives where offices differ; "" is silent.
_SOUNDS: dict[str, tuple[str, ...]] = {
    "dsch": ("J",), "tsch": ("J",), "shch": ("J",), "sch": ("J",), "sh": ("J",), "tch": ("J",),
    "cz": ("J",), "sz": ("J", "S"), "zh": ("J",),
    "dzh": ("J",), "ch": ("J", "K"), "kh": ("K", ""), "gh": ("K", ""), "th": ("T", "S"),
    "dh": ("T", "S"), "dj": ("J",), "ph": ("W",), "ts": ("S",), "tz": ("S",), "ck": ("K",),
    "b": ("B",), "c": ("K", "S", "J"), "d": ("T",), "f": ("W",), "g": ("K", "J"), "h": ("", "K"),
    "j": ("J", ""), "k": ("K",), "l": ("L",), "m": ("M",), "n": ("N",), "p": ("B",), "q": ("K",),
    "r": ("R",), "s": ("S",), "t": ("T",), "v": ("W",), "w": ("W", ""), "x": ("KS", "K", "S"),
    "z": ("S",),
}  # fmt: skip
_SOUND = re.compile("|".join(_SOUNDS))
_REPEATED = re.compile(r"(.)\1+")
_MOST_KEYS = 6
_LONGEST = 5


@lru_cache(maxsize=200_000)
def list_keys(word: str) -> tuple[str, ...]:
    """Up to six keys of a word; two spellings of one name share one of them as a rule.

    A word of few consonants keeps its first vowel.
    """
    keys: dict[str, None] = {}
    # What each consonant, or group of letters for one, may sound like.
    for choice in product(*(_SOUNDS[part] for part in _SOUND.findall(word))):
        keys.setdefault(_REPEATED.sub(r"\1", "".join(choice))[:_LONGEST])
        if len(keys) >= _MOST_KEYS:
            break
    return tuple(key or word[:2] for key in keys)
