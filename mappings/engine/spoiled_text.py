"""Finds texts that a wrong encoding or a program has spoiled: MÃ¼ller, M%FCller, #NV, 1,23457E+12.

What they said before cannot be known: two names or two keys may look the same now.
"""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mappings.engine.stand_in_keys import ERROR_VALUES

MISREAD = "text_misread"
ROUNDED = "number_rounded"
STAND_IN = "text_stand_in"

_LETTER = "[A-Za-zÀ-ÖØ-öø-ɏ]"
_SMALL = "[a-zß-öø-ÿ]"
# What the second and later bytes of a character in UTF-8 look like in cp1252 and Latin-1.
_LATER = "\u0080-\u00ba\u00bc-\u00bf€‚ƒ„†‡ˆ‰Š‹ŒŽ‘•˜™š›œžŸ"
# The same, as what may close a word of capitals: "Ä“".
_CLOSING = "…’“”–—»"
# Umlauts of a Macintosh, of DOS and of Windows read as one another, and what no word has within.
_NO_LETTER = "[†‡ˆ‰™„”§¤¥¢£©®¬¦±³¹÷¸˜ƒ√∂∏∆∫≤≥∞‹›½¼¾¶¨ªº]"
_BOXES = "[\u2500-\u25a2\u25ad-\u25af\u25fb-\u25fe\ue000-\uf8ff]"
_END = "(?:$|[^A-Za-zÀ-ÖØ-öø-ɏ])"
_BEGIN = "(?:^|[^A-Za-zÀ-ÖØ-öø-ɏ])"
# Letters of other scripts and languages, read as those of Western Europe.
_FOREIGN = (
    # Cyrillic, Greek, Hebrew and Arabic: no Latin word has so many such letters in a row.
    "[À-ÖØ-öø-ÿ]{4}",
    # Turkish ş ğ ı İ, where Icelandic has no such word: Aktaþ, Köroðlu, Yýlmaz, Gülþen, Ýnce.
    f"þ(?:[bcdfghklmnpqstxz]|{_END})|oðl|[Yy]ý|{_BEGIN}Ý[bhiklnpsz]",
    f"[þÞð]{_LETTER}*[çÇüÜcqwz]|[çÇüÜcCqQwWzZ]{_LETTER}*[þð]",
    f"[ýÝÐ]{_LETTER}*[çÇüÜ]|[çÇüÜ]{_LETTER}*[ýÝÐ]",
    # Central European ć č š ł ń ś ż ř: Petroviæ, Žižkoviè, £ukasz, Kamiñski, Jaœ, Ró¿a, Jiøí.
    f"iæ{_END}|[šžŠŽ]{_LETTER}*[èÈæÆøØ]|[èÈæÆøØ]{_LETTER}*[šžŠŽ]",
    f"£[a-zà-ÿ]|ñ[bcdfgkstz]|[aeiouy]œ|¯{_LETTER}|{_LETTER}¿{_LETTER}|ø[íáéýú]",
)
_HEX = "[0-9A-Fa-f]"
_UMLAUT = "(?:C4|D6|DC|DF|E4|F6|FC|c4|d6|dc|df|e4|f6|fc)"
# How programs write a letter beyond ASCII where none is allowed.
_ESCAPED = (
    f"%(?:[Cc][2-9A-Fa-f]|[Dd][01])%[89ABab]{_HEX}|%u{_HEX}{{4}}|[A-Za-z]%20[A-Za-z]",
    f"[A-Za-z]%{_UMLAUT}|%(?:C4|D6|DC|c4|d6|dc)[a-z]",
    "=[CD][0-9A-F]=[89AB][0-9A-F]|=(?:C4|D6|DC)[a-z]",
    "[a-z]=(?:C4|D6|DC|DF|E4|F6|FC|E7|E9)(?:[a-z \n]|$)|[A-Z]=(?:C4|D6|DC|E4|F6|FC)[a-z]",
    rf"\\u{_HEX}{{4}}|\\x[89A-Fa-f]{_HEX}|\\'[0-9a-f]{{2}}",
    r"\+A[I-Za-f][AEIMQUYcgkosw048]-",
    f"&#(?:[0-9]{{2,5}}|[xX]{_HEX}{{2,4}});|&(?:szlig|amp|quot|nbsp|lt|gt);",
    "&[A-Za-z]{1,2}(?:uml|acute|grave|circ|cedil|tilde|caron|ring|slash|lig);",
)
_ESCAPES = "?%=\\+&"
_SPOILED = "|".join(
    (
        *_FOREIGN,
        *_ESCAPED,
        f"[ÂÃ][{_LATER}{_CLOSING}]|[ÄÅ][{_LATER}]",
        f"(?:[ÎÏÐÑØÙÚÛ][{_LATER}{_CLOSING}]){{2}}",
        "â[€‚„]|á[º»].|ï»¿|ï¿½|ðŸ",
        "[\u0080-\u0084\u0086-\u009f]",
        f"{_LETTER}{_NO_LETTER}+{_LETTER}",
        f"[†‡‰™ƒ]{_SMALL}",
        f"{_LETTER}[ŠŽ]{_SMALL}|{_SMALL}Ÿ|Ÿ{_SMALL}",
        f"{_LETTER}{_BOXES}|{_BOXES}{_LETTER}",
        rf"(?:{_LETTER}|^|[ -])\?{{1,2}}{_SMALL}",
    )
)
_MISREAD = re.compile(_SPOILED)
# What programs write where there is no value, or none that they can show.
_NO_VALUE = (
    rf"^(?i:{ERROR_VALUES}|#{{2,}}|\?{{2,}}|n/a|\\N|\[object Object\]"
    r"|[<(\[](?:null|leer|nil|none|blank|empty)[>)\]])$"
)
_STAND_IN = re.compile(_NO_VALUE)
# A whole number of 17 digits, or of 16 beyond 2**53, with a decimal point has been rounded, too.
_LONG_DIGITS = 16
_BEYOND = r"(?:[1-9][0-9]{16,}|9(?:007|00[89]|0[1-9][0-9]|[1-9][0-9]{2})[0-9]{12})[.,]0+"
_POWER = rf"(?:[0-9](?:[.,][0-9]+[Ee][+-]?|[Ee]\+)[0-9]{{1,3}}|{_BEYOND})"
_WHOLE_ROUNDED = f"^[+-]?{_POWER}$"
_ROUNDED = re.compile(rf"(?<![0-9A-Za-z.,]){_POWER}(?![0-9A-Za-z])")

Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def judge_spoiled(text: str) -> str | None:
    """The rule that a text breaks, if it is spoiled."""
    if _STAND_IN.match(text) and not text.endswith("\n"):
        return STAND_IN
    if _may_be_misread(text) and _MISREAD.search(text):
        return MISREAD
    return ROUNDED if _ROUNDED.fullmatch(text.lstrip("+-")) else None


def holds_rounded(text: str) -> bool:
    """Whether one of several numbers in a text is rounded, as in powers of ten."""
    return _ROUNDED.search(text) is not None


def find_misread(texts: pa.StringArray) -> Mask | None:
    """Which texts have letters that a wrong encoding put there; None where no text has."""
    odd = pc.invert(pc.string_is_ascii(texts))
    if _ESCAPE[_bytes_of(texts)].any():
        odd = pc.or_(odd, pc.match_substring_regex(texts, f"[{re.escape(_ESCAPES)}]"))
    if not pc.any(odd).as_py():
        return None
    found = np.zeros(len(texts), dtype=bool)
    at = np.flatnonzero(odd.to_numpy(zero_copy_only=False))
    found[at] = _matches(texts.take(pa.array(at)), _SPOILED)
    return found if found.any() else None


def find_stand_ins(texts: pa.StringArray) -> Mask | None:
    """Which texts only say that there is no value; None where no text does."""
    if not _NO_NAME[_bytes_of(texts)].any():
        return None
    found = _matches(texts, _NO_VALUE)
    return found if found.any() else None


def find_rounded(texts: pa.StringArray) -> Mask | None:
    """Which texts are rounded numbers, as in powers of ten; None where no text is one."""
    text = _bytes_of(texts)
    if not (_may_hold_powers(text) or _may_hold_long(text)):
        return None
    found = _matches(texts, _WHOLE_ROUNDED)
    return found if found.any() else None


def _may_be_misread(text: str) -> bool:
    return not text.isascii() or not _ESCAPE_SIGNS.isdisjoint(text)


def _matches(texts: pa.StringArray, pattern: str) -> Mask:
    found: Mask = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def _may_hold_powers(text: Bytes) -> bool:
    """Whether a digit is followed by E and by a digit or a sign, somewhere."""
    at = np.flatnonzero((text[1:-1] | 0x20) == ord("e"))
    return bool((_DIGIT[text[at]] & _AFTER_E[text[at + 2]]).any())


def _may_hold_long(text: Bytes) -> bool:
    """Whether a point or comma follows as many digits as a rounded number has, somewhere."""
    at = np.flatnonzero(_POINT[text])
    at = at[at >= _LONG_DIGITS]
    for back in range(1, _LONG_DIGITS + 1):
        at = at[_DIGIT[text[at - back]]]
    return bool(len(at))


def _bytes_of(texts: pa.StringArray) -> Bytes:
    """The bytes of all texts of a column, one after the other, and perhaps some beside them."""
    buffer = texts.buffers()[2]
    return np.frombuffer(b"" if buffer is None else buffer, np.uint8)


def _byte_class(signs: str) -> Mask:
    found = np.zeros(0x100, dtype=bool)
    found[[ord(sign) for sign in signs]] = True
    return found


_ESCAPE_SIGNS = frozenset(_ESCAPES)
_ESCAPE, _NO_NAME = _byte_class(_ESCAPES), _byte_class("#?:/\\<([")
_DIGIT, _AFTER_E = _byte_class("0123456789"), _byte_class("0123456789+-")
_POINT = _byte_class(".,")
