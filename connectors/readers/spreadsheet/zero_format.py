"""Computes how many digits a number format of Excel fills up with leading zeros."""

from __future__ import annotations

import re

# What a format shows or leaves free beside the digits: quoted and escaped text, a character's
# width, filling, currency with language, colours. Conditions and time spans in brackets are not
# among them.
_COLOURS = r"(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d{1,2})"
_BESIDE = re.compile(
    rf'"[^"]*"|[\\_*].|\[\$[^\]]*\]|\[{_COLOURS}\]|[ ()+-]', re.IGNORECASE | re.DOTALL
)
_SECTION = re.compile(r'(?:"[^"]*"|[\\_*].|\[[^\]]*\]|[^;"\\_*\[])*(?=;|\Z)', re.DOTALL)
_ZEROS = re.compile(r"0{2,15}")
_LONGEST = 255  # Excel's own limit


def zeros_of(code: str) -> int:
    """The number of digits a whole number of zero or more is shown with.

    5 for ``00000`` and for ``"D-"00000;@``; 0 if numbers are not filled up.
    """
    first = _SECTION.match(code[:_LONGEST])
    digits = _BESIDE.sub("", first.group()) if first else ""
    return len(digits) if _ZEROS.fullmatch(digits) else 0
