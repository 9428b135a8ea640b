"""How many digits a number format of Excel fills up with leading zeros. Which cell has which format is found elsewhere."""

from __future__ import annotations

import re

# What a format shows or leaves free beside the digits: quoted and escaped text, room of a character's width, filling,
# currency with language, colours. A condition or a span of time in brackets is none of them.
_COLOURS = r"(?:Black|Blue|Cyan|Green|Magenta|Red|White|Yellow|Color ?\d{1,2})"
_BESIDE = re.compile(
    rf'"[^"]*"|[\\_*].|\[\$[^\]]*\]|\[{_COLOURS}\]|[ ()+-]', re.IGNORECASE | re.DOTALL
)
_SECTION = re.compile(r'(?:"[^"]*"|[\\_*].|\[[^\]]*\]|[^;"\\_*\[])*(?=;|\Z)', re.DOTALL)
_ZEROS = re.compile(r"0{2,15}")
_LONGEST = 255  # Excel takes no longer format


def zeros_of(code: str) -> int:
    """The digits a whole number of zero or more is shown with: 5 for ``00000`` and ``"D-"00000;@``; 0 if it is not filled up."""
    first = _SECTION.match(code[:_LONGEST])
    digits = _BESIDE.sub("", first.group()) if first else ""
    return len(digits) if _ZEROS.fullmatch(digits) else 0
