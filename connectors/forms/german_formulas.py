"""Rewrites what in a formula depends on the day, on names, or on the language of the program.

The calculator knows English formats only. German ones are translated; a formula of which we cannot
be sure is given a function that nobody knows, so that its value, and all that follows from it, are
known not to be computed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

# Texts and names of sheets within a formula, which are no functions and no names.
QUOTED = re.compile(r"""("(?:[^"]|"")*"|'(?:[^']|'')*')""")
_TODAY = re.compile(r"(?<![\w.])(?:TODAY|NOW)\(\s*\)", re.IGNORECASE)
_IN_LANGUAGE = re.compile(
    r"(?<![\w.])(?:VALUE|DATEVALUE|TIMEVALUE|FIXED|DOLLAR|CELL|INFO)\(", re.IGNORECASE
)
_TEXT = re.compile(r"(?<![\w.])TEXT\(", re.IGNORECASE)
_FORMATTED = re.compile(r'(?<![\w.])TEXT\(([^"]*?),\s*"([^"]*)"\s*\)', re.IGNORECASE)
_DAYS, _NUMBERS = re.compile(r"[TMJtmj./ -]+"), re.compile(r"[0#.,]+%?")
_TO_ENGLISH = str.maketrans("TtJj", "DdYy")
_SWAPPED = str.maketrans(".,", ",.")
_JOINED = re.compile(r"&|\b(?:CONCAT|CONCATENATE|TEXTJOIN)\(", re.IGNORECASE)
_ENGLISH_NUMBER = re.compile(r"(?<![\d.])\d+\.\d+(?![\d.])")
_UNKNOWN = "NOT.COMPUTED.HERE("


def rewrite_formula(formula: str, day: date, constants: Mapping[str, str]) -> str:
    """The formula as it can be computed; ``day`` is today, ``constants`` values of names."""
    translated = _FORMATTED.sub(_translate_format, formula)
    pieces = QUOTED.split(translated)
    for number in range(0, len(pieces), 2):
        piece = _TODAY.sub(f"DATE({day.year},{day.month},{day.day})", pieces[number])
        piece = _IN_LANGUAGE.sub(_UNKNOWN, _TEXT.sub(_UNKNOWN, piece))
        pieces[number] = _put_constants(piece.replace(_KNOWN_TEXT, "TEXT("), constants)
    return "".join(pieces)


def is_unsure(formula: str, value: object) -> bool:
    """Whether a value may be another one in German.

    A formula that we cannot compute may hide that with IFERROR; a text may hold a number written as
    in English.
    """
    if _UNKNOWN in rewrite_formula(formula, date.min, {}):
        return True
    joined = isinstance(value, str) and _JOINED.search(formula) is not None
    return joined and _ENGLISH_NUMBER.search(str(value)) is not None


# Stands for TEXT while unsure ones are looked for.
_KNOWN_TEXT = "KNOWN.FORMAT("


def _translate_format(found: re.Match[str]) -> str:
    """A German format in English; unchanged where it is none that we know."""
    value, form = found[1], found[2]
    if value.count("(") != value.count(")"):
        return found[0]
    if _NUMBERS.fullmatch(form):
        return f'{_KNOWN_TEXT}{value},"{form.translate(_SWAPPED)}")'
    if _DAYS.fullmatch(form):
        return f'{_KNOWN_TEXT}{value},"{form.translate(_TO_ENGLISH)}")'
    return found[0]


def _put_constants(piece: str, constants: Mapping[str, str]) -> str:
    if not constants:
        return piece
    words = "|".join(map(re.escape, constants))
    named = re.compile(rf"(?<![\w.!\[])(?:{words})(?![\w.(!\]])", re.IGNORECASE)
    return named.sub(lambda name: f"({constants[name[0].casefold()]})", piece)
