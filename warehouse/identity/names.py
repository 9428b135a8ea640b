"""Brings names into a search form that ignores case, accents, hyphens and blanks.

Another transliteration stays another name.
"""

from __future__ import annotations

import unicodedata

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


def search_form(name: str | None) -> str:
    """The name as it is compared: letters and digits only ("N. N." gives "nn", "-" gives "")."""
    text = unicodedata.normalize("NFC", name or "").replace("İ", "i").casefold().translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())
