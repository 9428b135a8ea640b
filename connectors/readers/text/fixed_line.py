"""Cuts lines at the widths of their fields."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import dropwhile

from connectors.readers.text.fixed_field import Field

# What is left of files that were appended to each other or made for a printer; DOS ends texts with
# the last one.
_MARKS = "\ufeff\f\x1a"


@dataclass
class Widths:
    """Cuts lines at fixed widths, and watches whether the widths count bytes of UTF-8.

    ``padded``: a line was filled up with blanks to its full length; ``short``: one with letters of
    several bytes has that length in bytes alone.
    """

    fields: Sequence[Field]
    padded: bool = False
    short: bool = False

    def __post_init__(self) -> None:
        self.longest = sum(field.width for field in self.fields)
        # Blanks at the line's end may have been lost, so the last text fields may be missing.
        needed = dropwhile(lambda field: field.kind == "C", reversed(self.fields))
        self.shortest = sum(field.width for field in needed)

    def bare_line(self, line: str) -> str:
        """A line without its end, and without marks around it that are no part of its fields.

        They are part of a line that has its full length, in blanks, with them.
        """
        line = line.rstrip("\r\n")
        if len(line) == self.longest and line.endswith(" "):
            return line
        line = line.strip(_MARKS)
        whole, _, rest = line.partition("\x1a")
        return line if rest.strip() else whole

    def fit(self, line: str | bytes) -> bool:
        """Whether a line has a length that these fields may have."""
        return len(line.rstrip()) <= self.longest and len(line) >= self.shortest

    def cut(self, line: str) -> Iterator[tuple[Field, str]]:
        """Each field with its part of a line."""
        at = 0
        for field in self.fields:
            yield field, line[at : at + field.width]
            at += field.width

    def counts_bytes(self, line: str) -> bool:
        """Whether this line, with those before it, says that the widths count bytes.

        It does where the parts fit their fields only so, or where all lines are filled up to one
        length in bytes and none to one in characters.
        """
        if line.isascii():
            self.padded |= len(line) == self.longest and line.endswith(" ")
            return self.padded and self.short
        encoded = line.encode()
        # Each byte as a sign of its own.
        as_bytes = encoded.decode("latin-1")
        if not self.fit(as_bytes):
            return False
        self.short |= len(encoded) == self.longest > len(line)
        is_clear = self._are_clear(as_bytes) and not (self.fit(line) and self._are_clear(line))
        return is_clear or (self.padded and self.short)

    def _are_clear(self, line: str) -> bool:
        """Whether each part looks like its field: no text behind a gap, numbers and days in digits."""
        return all(field.looks_right(part) for field, part in self.cut(line))

    def compose(self, line: str) -> str:
        """A line with one sign for a letter and its accent, unless it was cut without.

        The length that the fields have together decides, then whether each looks like one.
        """
        if line.isascii() or unicodedata.is_normalized("NFC", line):
            return line
        lines = unicodedata.normalize("NFC", line), line
        fitting = [one for one in lines if self.fit(one) and self._are_clear(one)]
        full = [one for one in fitting if len(one) == self.longest]
        return next(iter((*full, *fitting, *lines)))
