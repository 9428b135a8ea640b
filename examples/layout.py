"""The tables that the systems export, from systems.yaml: columns, spellings, and bad rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from examples.errors import Damage, TableCount, add_unannounced_column, count_spoiled, damage_rows
from examples.quirks import Cell, Speller, Usual
from examples.snapshot import Row
from examples.yaml_data import read_data


class Column(NamedTuple):
    """The heading of a column, the field of the row, and how its value is spelled."""

    head: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One table; `kind` is the field of `Tables` that holds its rows.

    `damage` and the column `unannounced` are what a harsh delivery adds.
    """

    name: str
    kind: str
    columns: tuple[Column, ...]
    damage: Damage = field(default_factory=Damage)
    unannounced: str = ""

    def spell_row(self, speller: Speller, row: Row) -> list[Cell]:
        """The cells of a row in the order of the columns."""
        return [speller.spell_cell(kind, row[name]) for _, name, kind in self.columns]

    def add_mistakes(
        self, speller: Speller, file: str, rows: Sequence[Row], cells: list[list[Cell]]
    ) -> tuple[list[str], list[list[Cell]], TableCount]:
        """Headings, cells and count of the table `rows`, with what a harsh delivery adds."""
        heads = [column.head for column in self.columns]
        if speller.harsh and self.unannounced:
            heads.append(self.unannounced)
            cells = add_unannounced_column(speller.rng, cells)
        spoiled = count_spoiled(self.kind, rows)
        count = TableCount(file, self.name, len(cells), set_aside=spoiled)
        return heads, damage_rows(speller, cells, self.damage, count), count


@dataclass(frozen=True, slots=True)
class System:
    """What one system exports; `usual` are the labels it prefers over the official ones."""

    tables: tuple[Layout, ...]
    usual: Usual = field(default_factory=dict)


SYSTEMS: Final[dict[str, System]] = read_data("systems", dict[str, System])
