"""The search form of a name: capitals, accents, hyphens and blanks do not count; another transliteration stays another name."""

from __future__ import annotations

import unicodedata

# Letters that stand for others in passports and registers (ICAO 9303); what is not here loses its accent only.
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
    """The name as it is compared; empty where nothing but signs is left ("-", "N. N." gives "nn")."""
    if not name:
        return ""
    text = unicodedata.normalize("NFC", name).replace("İ", "i").casefold().translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", text) if c.isalnum())
