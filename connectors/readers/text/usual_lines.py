"""Finds lines that lost or gained signs, by what nearly all lines of a file have in common."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from connectors.readers.text.fixed_field import Field
from connectors.readers.text.fixed_line import Widths

# What stands out of a line: its length, or by the place of a field what is wrong there.
Sign = tuple[str, int]
_LENGTH: Sign = ("length", -1)
_GAP_TO_THE_END = re.compile(r"\S {2,}\S+\Z")
# As many lines must be right for another to be wrong, and one in so many may be.
_LEAST, _FEW = 2, 10


@dataclass(frozen=True)
class UsualLines:
    """Which signs of a shifted line stand out in this file, because nearly no line has them."""

    widths: Widths
    telling: frozenset[Sign]

    @classmethod
    def learn(cls, lines: Iterable[str], widths: Widths) -> UsualLines:
        """What is usual among the first lines of a file."""
        seen = list(lines)
        wrong = Counter(sign for line in seen for sign in _list_wrong(line, widths))
        right = Counter(sign for line in seen for sign in _list_right(line, widths))
        most = max(1, len(seen) // _FEW)
        signs = (sign for sign, found in right.items() if found >= _LEAST and wrong[sign] <= most)
        return cls(widths, frozenset(signs))

    def is_shifted(self, line: str) -> bool:
        """Whether parts of a line are not where they are in the others."""
        return bool(self.telling) and not self.telling.isdisjoint(_list_wrong(line, self.widths))

    def is_cut(self, line: str) -> bool:
        """Whether a last line without an end is shorter than the others, all of which are filled."""
        return _LENGTH in self.telling and len(line) < self.widths.longest


def _list_wrong(line: str, widths: Widths) -> Iterator[Sign]:
    """What this line would have wrong, if others had it right."""
    # A line may have lost its blanks at the end, but not some of them.
    if len(line) != widths.longest and line[-1:].isspace():
        yield _LENGTH
    parts = [*widths.cut(line), (None, "")]
    for place, ((field, part), (_, following)) in enumerate(pairwise(parts)):
        if field is None or not part.strip():
            continue
        if field.kind == "N":
            yield from _list_wrong_digits(part, place)
        elif field.kind == "D" and _has_wrong_blanks(part, field.form):
            yield "day", place
        elif field.kind == "C" and following[:1].strip() and _GAP_TO_THE_END.search(part):
            # Two parts that hang together are one that was cut.
            yield "gap", place


def _list_wrong_digits(part: str, place: int) -> Iterator[Sign]:
    if " " in part:
        yield "blank", place
    if not Field("", "N", len(part)).looks_right(part):
        yield "letter", place


def _has_wrong_blanks(day: str, form: str) -> bool:
    """Whether a day has blanks, and not only in place of the zero before a month or a day."""
    if " " not in day:
        return False
    for place, (letter, sign) in enumerate(zip(form, day, strict=False)):
        is_part = letter in "JMT"
        may_be_blank = letter in "MT" and form[place : place + 2] == letter * 2
        if (sign == " " and not may_be_blank) if is_part else sign != letter:
            return True
    return False


def _list_right(line: str, widths: Widths) -> Iterator[Sign]:
    """What this line has right, so that another might have it wrong."""
    if len(line) == widths.longest and line.endswith(" "):
        yield _LENGTH
    for place, (field, part) in enumerate(widths.cut(line)):
        if not part.strip():
            continue
        if field.kind == "C":
            yield "gap", place
        elif field.kind == "D" and " " not in part:
            yield "day", place
        elif field.kind == "N" and field.looks_right(part):
            yield "letter", place
            if len(part) > 1 and part[0] == "0" and part.isdecimal():
                yield "blank", place
