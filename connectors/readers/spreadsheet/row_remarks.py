"""Collects what stands at the rows of a sheet beside its cells: notes, and lines through a row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

# What a row is said to be that is struck through.
STRUCK = "durchgestrichen"
# One struck cell is a value that was corrected, not a row.
_LEAST_STRUCK = 2


@dataclass
class RowRemarks:
    """The notes and the struck cells of a sheet while it is read, by the number of their row."""

    _notes: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    _struck: Counter[int] = field(default_factory=Counter)

    def add_note(self, rows: Iterable[int], text: str) -> None:
        """Notes a text that stands at some rows; a blank one is none."""
        if text.strip():
            for row in rows:
                self._notes[row].append(text)

    def add_struck(self, rows: Iterable[int], cells: int = 1) -> None:
        """Counts filled cells of some rows that have a line through all of their text."""
        if cells:
            self._struck.update(dict.fromkeys(rows, cells))

    def list_remarks(self) -> dict[int, list[str]]:
        """What is said of each row, a row through which a line goes last."""
        found = {row: list(texts) for row, texts in self._notes.items()}
        for row, cells in self._struck.items():
            if cells >= _LEAST_STRUCK:
                found.setdefault(row, []).append(STRUCK)
        return found
