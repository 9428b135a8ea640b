"""Brings names into a search form that ignores case, Latin accents, hyphens and blanks.

Another transliteration stays another name, and so does a name that another sign tells apart: vowel
signs and marks of other scripts, digits and pictures are never left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

# How passports and registers transcribe letters (ICAO 9303); all others only lose their accent.
_LETTERS = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "ı": "i",
        "ł": "l",
        "ø": "oe",
        "đ": "d",
        "æ": "ae",
        "œ": "oe",
        "ð": "d",
        "þ": "th",
    }
)
# Blanks, hyphens and full stops part words; apostrophes stand within one.
_BETWEEN = re.compile(r"[\s.\-\u00ad\u2010-\u2015]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'`´\u2018\u2019\u02bb\u02bc\u02bf\u02be"))
_ACCENTS = range(0x300, 0x370)


def search_form(name: str | None) -> str:
    """The name as it is compared ("Al-Hassan" gives "alhassan", "N. N." gives "nn", "-" gives "")."""
    return "".join(_split_words(name or ""))


def word_form(name: str) -> str:
    """The search forms of the words of a name, with one blank between them."""
    return " ".join(_split_words(name))


def sure_name(name: str | None, no_names: Collection[str]) -> str | None:
    """The search form of a name that surely names somebody; None where it may not.

    Unsure are a name or a word that is one of ``no_names`` (word forms), an initial, a letter
    repeated, and any sign that is no letter.
    """
    words = _split_words(name or "")
    form = "".join(words)
    unsure = (
        len(set(form)) < 2
        or any(_count_letters(word) < 2 for word in words)
        or any(text in no_names for text in (" ".join(words), *words))
        or any(unicodedata.category(sign)[0] not in "LM" for sign in form)
    )
    return None if unsure else form


def _split_words(name: str) -> list[str]:
    text = unicodedata.normalize("NFKC", name).replace("İ", "i").casefold()
    parts = _BETWEEN.split(text.translate(_APOSTROPHES))
    return [word for part in parts if (word := _drop_accents(part.translate(_LETTERS)))]


def _drop_accents(word: str) -> str:
    """The word without the accents of its Latin letters; every other mark makes another letter."""
    if word.isascii():
        return word
    kept, on_latin = [], False
    for sign in unicodedata.normalize("NFD", word):
        if ord(sign) not in _ACCENTS:
            on_latin = unicodedata.name(sign, "").startswith("LATIN ")
        elif on_latin:
            continue
        kept.append(sign)
    return "".join(kept)


def _count_letters(word: str) -> int:
    return sum(unicodedata.category(sign)[0] == "L" for sign in word)
