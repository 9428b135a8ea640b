"""Brings the parts of a name into the words that are compared between systems."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from warehouse.identity.names import word_form

# Parts of names that one office writes and another leaves out; they name nobody.
_PARTICLES = frozenset({
    "al", "el", "ul", "as", "ash", "ad", "ar", "an", "az", "at", "bin", "ben", "ibn", "bint", "bent",
    "von", "van", "de", "der", "den", "di", "da", "du", "la", "le", "e", "y", "oglu", "ogly", "zu",
    "zum",
})  # fmt: skip
_TITLES = frozenset({
    "sayed", "said", "sayyed", "syed", "seyed", "sayid", "sayyid", "hadschi", "haji", "hajji",
    "scheich", "sheikh", "mullah", "mola", "mir", "haj",
})  # fmt: skip
# The article in it is spoken like the letter that follows: Abdur-Rahman, Abdus-Salam.
_SERVANT = frozenset({
    "abd", "abdu", "abdul", "abdel", "abdal", "abdol", "abdur", "abder", "abdar", "abdus", "abdes",
    "abdun", "abden", "abdud", "abdut",
})  # fmt: skip
_FATHER = frozenset({"abu", "abou", "abo"})
# What begins like an article and is none: Alireza and Alimohammad, Alexander and Elisabeth.
_GOES_ON = "i(?:reza|akbar|asghar|hos|hus|jan|m[ou]ham|shah|dad|mard|[sz]ab|[sz]av)|e(?:x|ks)"
_JOINED_ARTICLE = re.compile(rf"^(?:al|el(?!ah))(?!{_GOES_ON})(?=.{{4}})(?!l)")
_PARTED = re.compile(rf"\b([ae]l) (?=i\b|{_GOES_ON})")
_JOINED_SERVANT = re.compile("c?abd(?:[aeiou]l{0,2})?")
_GOD = re.compile("[aou]?l{1,2}ah?")
_SERVANT_OF = "abd"
_MOST_WORDS = 3
_SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True)
class ComparableName:
    """The words of given and family name that tell somebody apart; either may be empty."""

    given: tuple[str, ...]
    family: tuple[str, ...]


def comparable_name(
    first: str | None, last: str | None, no_names: Collection[str]
) -> ComparableName:
    """The comparable words of a name; ``no_names`` are word forms that stand for none."""
    given, family = (_list_words(name, frozenset(no_names)) for name in (first, last))
    # A title that stands alone is a name.
    given = tuple(word for word in given if word not in _TITLES) or given
    return ComparableName(given[:_MOST_WORDS], family[:_MOST_WORDS])


def shorten_word(word: str) -> str:
    """The word without an article written as its beginning, and "abd" in one spelling."""
    servant = _JOINED_SERVANT.match(word)
    if servant and len(word) > servant.end():
        return _SERVANT_OF + word[servant.end() :]
    return _JOINED_ARTICLE.sub("", word, count=1)


# Each load of a run reads the names of all records again.
@lru_cache(maxsize=200_000)
def _list_words(name: str | None, no_names: frozenset[str]) -> tuple[str, ...]:
    text = _PARTED.sub(r"\1", word_form((name or "").replace(_SOFT_HYPHEN, "")))
    words = [] if text in no_names else [word for word in text.split() if word not in no_names]
    if len(words) > 1:
        words = [word for word in words if word not in _PARTICLES]
    return tuple(word for word in _join_words(words) if len(word) > 1)


def _join_words(words: Sequence[str]) -> Iterator[str]:
    """The words with "Abd al-Rahman" and "Abu Zaid" as one each."""
    at = 0
    while at < len(words):
        pair = words[at : at + 2]
        joined = _join_pair(*pair) if len(pair) == 2 else None
        yield joined or shorten_word(words[at])
        at += 2 if joined else 1


def _join_pair(one: str, other: str) -> str | None:
    """Two words that are one name; None if they are two."""
    if one in _FATHER:
        return f"abu{other}"
    if one not in _SERVANT:
        return None
    return shorten_word(_SERVANT_OF + "allah") if _GOD.fullmatch(other) else _SERVANT_OF + other
