"""Places of cells (C12) and of ranges (C12:E14)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_PLACE = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class Place(NamedTuple):
    """Row and column, both from 1."""

    row: int
    column: int

    def __str__(self) -> str:
        return f"{column_letters(self.column)}{self.row}"


@dataclass(frozen=True)
class Range:
    """A rectangle of cells with its corners."""

    first: Place
    last: Place

    def __contains__(self, place: Place) -> bool:
        return (
            self.first.row <= place.row <= self.last.row
            and self.first.column <= place.column <= self.last.column
        )

    def __str__(self) -> str:
        return f"{self.first}:{self.last}"


def parse_place(text: str) -> Place | None:
    """The place that a text such as C12 names; None where it names none."""
    found = _PLACE.fullmatch(text.strip())
    if found is None:
        return None
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return Place(int(found[2]), column)


def parse_range(text: str) -> Range | None:
    """The range that a text such as C12:E14 or C12 names; None where it names none."""
    first, _, last = text.partition(":")
    corners = parse_place(first), parse_place(last or first)
    return None if None in corners else Range(*corners)  # type: ignore[arg-type]


def column_letters(column: int) -> str:
    """The letters of a column from 1: 1 is A, 27 is AA."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
