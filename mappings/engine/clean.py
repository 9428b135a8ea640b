"""Normalises text that only looks different: Unicode form, odd blanks, invisible characters.

DIN 91379 demands NFC; copied text carries soft hyphens, zero-width and direction marks that no
reader sees.
"""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

# Joiners are part of Persian words.
_KEEP = {"\u200c", "\u200d", "\n"}
# The second part separates lines or values: FileMaker writes line breaks as vertical tabs.
_BLANKS = dict.fromkeys(
    map(ord, "\u00a0\u2007\u202f\u2009\u200a\u3000\t\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"), " "
)
_SPACES = re.compile(r" {2,}")


def clean_text(text: str) -> str:
    """The text in NFC without invisible or control characters, with single blanks.

    Line breaks stay: they may separate values.
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS)
    kept = "".join(filter(_is_kept, text))
    # Last, because a sign that was dropped may have been between a letter and its accent.
    return _SPACES.sub(" ", unicodedata.normalize("NFC", kept)).strip()


def _is_kept(sign: str) -> bool:
    return sign in _KEEP or unicodedata.category(sign) not in ("Cf", "Cc")


def clean_line(text: str) -> str:
    """Like ``clean_text``, on one line."""
    return " ".join(clean_text(text).split())


def clean_column(column: pa.StringArray) -> pa.StringArray:
    """A whole column through ``clean_line``."""
    # Values of printable ASCII without blanks are clean already.
    odd = pc.match_substring_regex(column, r"[^\x21-\x7e]")
    if not pc.any(odd).as_py():
        return column
    cleaned = pa.array([clean_line(v) for v in column.filter(odd).to_pylist()], pa.string())
    return pc.replace_with_mask(column, odd, cleaned)


def fold_text(text: str) -> str:
    """The form in which labels are compared: cleaned, on one line, without regard to capitals.

    ß equals ss; dotted and dotless i stay apart.
    """
    return clean_line(text).replace("İ", "i").casefold()
