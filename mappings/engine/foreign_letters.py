"""Finds texts whose letters are those of a wrong encoding as likely as their own: Þahin, Doðan.

Names with such letters exist, in Icelandic or Czech; so these texts are kept and told.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.hashes import Mask

DOUBTFUL = "text_perhaps_misread"

_LETTERS = "[ÐðÞþÝýÈèÆæØøãì]"
_WORD = re.compile(r"[^\W\d_]+")
# Letters that a file in the encoding of Western Europe has beside those up to U+00FF.
_ALSO_WESTERN = frozenset("ŠšŽžŒœŸ")
# Turkish ş ğ ı İ, unless the word looks Icelandic or, with ý at its end, Czech.
_TURKISH = re.compile("[þÞðÐ]|ý(?=[a-zà-ÿ]*[^ýáéí]\\Z)|Ý(?=.)")
_ICELANDIC = re.compile("[áíóúæÁÍÓÚÆ]|[Gg]uð|[Þþ]or|[Ss]igurð|[Ff]rið|eið|steinn|sson")
_CENTRAL_EUROPEAN = re.compile(
    "[aeou]è.|[aeu]è$|^È[aeiou]|^Æ[aeiou]|[aiou]ø|ã[bcdfghjklmpqrtuvxz]|ì[bcdjkrstvxz]"
)
# May be a name and may be what a program writes for none.
_NOTHING = re.compile("NULL|null|NaN|nan|None|nil|undefined")


def is_doubtful(text: str) -> bool:
    """Whether a text has letters of a wrong encoding as likely as its own, or says "NULL"."""
    text = text.strip()
    return bool(_NOTHING.fullmatch(text)) or any(map(_doubts_word, _WORD.findall(text)))


def find_doubtful(texts: pa.StringArray) -> Mask | None:
    """Which texts are doubtful; None where no text is."""
    may_be = pc.match_substring_regex(texts, f"{_LETTERS}|^ *(?:{_NOTHING.pattern}) *$")
    if not pc.any(may_be).as_py():
        return None
    found: Mask = may_be.to_numpy(zero_copy_only=False).copy()
    at = np.flatnonzero(found)
    found[at] = list(map(is_doubtful, texts.take(pa.array(at)).to_pylist()))
    return found if found.any() else None


def _doubts_word(word: str) -> bool:
    if not all(letter <= "ÿ" or letter in _ALSO_WESTERN for letter in word):
        return False
    is_turkish = _TURKISH.search(word) and not _ICELANDIC.search(word)
    return bool(is_turkish or _CENTRAL_EUROPEAN.search(word))
