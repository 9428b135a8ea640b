"""Describes a table of an export: its name, columns and the bad rows a harsh delivery adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from examples.errors import Damage, TableCount, count_spoiled
from examples.snapshot import Row

# Heading, field of the row, and how its value is spelled.
Columns = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """One table; `kind` is the field of `Tables` that holds its rows."""

    name: str
    kind: str
    columns: Columns
    damage: Damage = field(default_factory=Damage)

    @property
    def heads(self) -> list[str]:
        """The headings in their order."""
        return [head for head, _, _ in self.columns]

    def count_table(self, file: str, rows: Sequence[Row]) -> TableCount:
        """The count of a table with these rows before bad ones are added."""
        return TableCount(file, self.name, len(rows), set_aside=count_spoiled(self.kind, rows))
