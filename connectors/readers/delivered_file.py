"""A delivered file as the readers take it: where it is, its name for people, how large it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from connectors.tables.limits import USUAL_LIMITS, Limits
from connectors.tables.text_table import CannotRead, TextTable, UnreadableTable

Tables = Iterator[TextTable | UnreadableTable]

# What is wrong with the header of one table leaves the other tables of its file readable.
HEADER_RULES = ("column_missing", "duplicate_header", "header_row_missing")


@dataclass(frozen=True)
class DeliveredFile:
    """One file of a delivery; ``shown`` is its name below the delivery."""

    path: Path
    shown: str
    limits: Limits = USUAL_LIMITS

    @property
    def stem(self) -> str:
        """The name without folder and ending, which is the title of a table without its own."""
        return Path(self.shown).stem

    def check_whole(self, message: str) -> None:
        """Raises CannotRead ``too_large`` for a file too large to be held in memory at once."""
        if self.path.stat().st_size > self.limits.whole_bytes:
            raise CannotRead("too_large", message)

    def try_table(self, name: str, read: Callable[[], TextTable]) -> TextTable | UnreadableTable:
        """The table, or its refusal if the header is at fault; raises CannotRead for the file."""
        try:
            return read()
        except CannotRead as error:
            if error.rule not in HEADER_RULES:
                raise
            return UnreadableTable(self.shown, name, None, error)
