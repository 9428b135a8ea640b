"""Under which keys two spellings of a name meet: their consonants, as coarsely as they are heard."""

from __future__ import annotations

from collections.abc import Iterator
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
_MOST_KEYS = 6
_LONGEST = 5


@lru_cache(maxsize=200_000)
def list_keys(word: str) -> tuple[str, ...]:
    """Up to six keys of a word; two spellings of one name share one of them as a rule.

    A word of few consonants keeps its first vowel.
    """
    keys: dict[str, None] = {}
    for choice in product(*_list_sounds(word)):
        keys.setdefault(_squeeze("".join(choice))[:_LONGEST])
        if len(keys) >= _MOST_KEYS:
            break
    return tuple(key or word[:2] for key in keys)


def _list_sounds(word: str) -> Iterator[tuple[str, ...]]:
    """What each consonant, or group of letters for one, may sound like."""
    at = 0
    while at < len(word):
        parts = (word[at : at + length] for length in (4, 3, 2, 1))
        part = next((part for part in parts if part in _SOUNDS), "")
        if part:
            yield _SOUNDS[part]
        at += len(part) or 1


def _squeeze(text: str) -> str:
    return "".join(c for i, c in enumerate(text) if i == 0 or c != text[i - 1])
