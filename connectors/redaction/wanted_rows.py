"""What is to be taken out of a file: whole rows by their visible number, or texts within cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

NamesPerson = Callable[[str], bool]
# What stands between several values of a cell.
_APART = (",", ";", "|", "\n")


class CannotRedact(Exception):
    """The file cannot be written anew without the rows; the text names no content."""


@dataclass(frozen=True)
class Redaction:
    """Rows to take out of one file, by the title of their table.

    ``whole``: numbers of rows that go. ``keys``: texts that are emptied where they are a value of a
    cell or one of several in it. ``names_row`` says of the cells of a row whose table is not known
    whether it goes, ``names_cell`` of a cell of another row whether it is emptied.
    """

    whole: Mapping[str, frozenset[int]]
    keys: frozenset[str] = field(repr=False)
    names_row: Callable[[Sequence[str]], bool] = field(repr=False)
    names_cell: NamesPerson = field(repr=False)

    def rows_of(self, title: str) -> frozenset[int]:
        """The rows to take out of a table."""
        return self.whole.get(title, frozenset())

    @property
    def all_rows(self) -> frozenset[int]:
        """The rows of a file that holds one table."""
        return frozenset(row for rows in self.whole.values() for row in rows)

    def trim_cell(self, cell: str) -> str:
        """The text of a cell of somebody else's row, without the person."""
        kept = self._without_keys(cell)
        return "" if kept.strip() in self.keys or self.names_cell(kept) else kept

    def _drop_keys(self, parts: Sequence[str]) -> list[str]:
        return [part for part in parts if part.strip() not in self.keys]

    def _without_keys(self, cell: str) -> str:
        """The values of a cell that has several, without the person's."""
        for separator in _APART:
            parts = cell.split(separator)
            kept = self._drop_keys(parts)
            if 0 < len(kept) < len(parts):
                return separator.join(kept)
        return cell
