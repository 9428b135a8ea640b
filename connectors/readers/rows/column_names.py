"""Recognises rows that name, number or describe the columns instead of holding data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from connectors.readers.rows.header import Header, normalize_name, spellings_of

HeaderKind = Literal["header", "block", "part_header"]

_HAS_DIGIT = re.compile("[0-9]").search
_NUMBER = re.compile(r"(?P<before>\W*)0?(?P<number>[1-9]\d?)(?P<after>\W*)")
# How a day is described: TT.MM.JJJJ, dd/mm/yyyy, JJJJ-MM-TT.
_DAY_FORM = re.compile(r"(?:tt|dd)\W?mm\W?(?:jj|yy)+|(?:jj|yy)+\W?mm\W?(?:tt|dd)", re.IGNORECASE)
# Fewer plain numbers in a row may be data: a key, a person and a count.
_LEAST_NUMBERS = 4


class ColumnNames:
    """The names of the columns of one table, as they may stand in a row below its header."""

    def __init__(self, header: Header) -> None:
        self._is_named = header.row > 0
        self._forms = tuple(map(header_form, header.raw))
        self._names = header.names
        self._key = header.key
        self._spellings = spellings_of(header.wanted) if header.wanted else {}
        self._known = set(self._spellings.values()).intersection(header.names)

    def judge_row(self, cells: Sequence[str]) -> HeaderKind | None:
        """Whether a row is the header again, another one, or a part or description of it."""
        if not (self._is_named or self._spellings):
            return None
        forms = tuple(map(header_form, cells))
        if forms == self._forms:
            return "header"
        filled = [place for place, form in enumerate(forms) if form]
        own = [place for place in filled if self._is_own(place, forms[place])]
        if self._names_most(forms):
            # Whether it lacks columns or has others, the block itself finds.
            return "part_header" if len(own) == len(filled) else "block"
        if self._is_header(forms, filled, own):
            return self._judge_places(forms, len(own))
        return "part_header" if numbers_columns(cells) or _describes_days(cells) else None

    def _is_own(self, place: int, form: str) -> bool:
        """Whether a cell names the column in which it stands."""
        if place >= len(self._names):
            return False
        return form == self._forms[place] or self._spellings.get(form) == self._names[place]

    def _is_header(self, forms: Sequence[str], filled: Sequence[int], own: Sequence[int]) -> bool:
        """Whether all filled cells name columns, or the key does, which is no key then."""
        texts = {forms[place] for place in filled}
        if len(texts) < len(filled):
            return False
        if len(filled) > 1 and all(map(self._is_name, texts)):
            return True
        if not self._key or len(forms) != len(self._names) or not set(self._key).issubset(own):
            return False
        others = len(filled) - len(self._key)
        return len(own) > len(self._key) or (others > 1 and not any(map(_HAS_DIGIT, texts)))

    def _judge_places(self, forms: Sequence[str], own: int) -> HeaderKind | None:
        """Names in their own columns change nothing; in others, what follows is in another order.

        Without a mapping nobody knows which columns there may be, so such a row is shown as it is.
        """
        named = sum(form != "" and self._is_name(form) for form in forms)
        if named == own:
            return "part_header"
        return "block" if self._spellings else None

    def _is_name(self, form: str) -> bool:
        return form in self._spellings or form in self._forms

    def _names_most(self, forms: Sequence[str]) -> bool:
        """Whether most cells are names of columns, and most of the known columns are named."""
        filled = [form for form in forms if form]
        named = {self._spellings.get(form) for form in filled} - {None}
        return len(named) >= 2 and len(named) * 2 >= max(len(filled), len(self._known))


def header_form(text: str) -> str:
    """A cell in the form in which names of columns are compared, also after a byte order mark."""
    return normalize_name(text.strip('\ufeff" '))


def numbers_columns(cells: Sequence[str]) -> bool:
    """Whether a row numbers the columns: 1, 2, 3 …, (1), (2) … or A, B, C …"""
    filled = [(place, cell.strip()) for place, cell in enumerate(cells, 1) if cell.strip()]
    if len(filled) >= _LEAST_NUMBERS and all(text == _letter_of(place) for place, text in filled):
        return True
    least = _LEAST_NUMBERS
    for place, text in filled:
        match = _NUMBER.fullmatch(text)
        if match is None or int(match["number"]) != place:
            return False
        if match["before"] or match["after"]:
            least = 2
    return len(filled) >= least


def _letter_of(place: int) -> str:
    """The letter of a column in a spreadsheet, of the first 26."""
    return chr(ord("A") + place - 1)


def _describes_days(cells: Sequence[str]) -> bool:
    """Whether a row says how a day is written, and has no number."""
    text = "\n".join(cells)
    return _DAY_FORM.search(text) is not None and _HAS_DIGIT(text) is None
