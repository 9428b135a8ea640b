"""Adds mistakes to a delivery: cells no reader may trust and rows that must be rejected.

Only rows a delivery brings for the first time get spoiled cells, so no mistake looks like a change.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import Final

from examples.district import JOBCENTER
from examples.quirks import Cell, Raw, Speller
from examples.snapshot import Row, Tables
from examples.yaml_data import read_data

BAD_DAYS: Final = ("31.06.2018", "00.00.0000")
# Per kind of row: the field, the rule that must find the mistake, and the value.
SPOILS: Final[dict[str, list[tuple[str, str, str]]]] = read_data(
    "mistakes", dict[str, list[tuple[str, str, str]]]
)
NOT_WRITTEN: Final = {
    "jobkraftwerk": {"end", "channel"},
    "workbook": {"topics", "channel"},
    "tau": {"due"},
    "enaio": set[str](),
}
MAY_BE_EMPTY: Final = ("end", "until", "revoked", "due")


@dataclass(slots=True)
class TableCount:
    """The contents of a written table: data rows, exact repeats, and by rule the rows a hub must
    reject and the cells it must set aside.
    """

    file: str
    table: str
    rows: int
    repeated: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    set_aside: dict[str, int] = field(default_factory=dict)

    @property
    def used(self) -> int:
        """Rows that are neither rejected nor repeats."""
        return self.rows - self.repeated - sum(self.rejected.values())


def spoil_cells(rng: Random, source: str, tables: Tables, day: date) -> None:
    """Spoils one cell in each of a few new rows of the delivery of that day."""
    for kind, rows in tables.iterate_kinds():
        fresh = [row for row in rows if row["new"]]
        rng.shuffle(fresh)
        for name, _, value in SPOILS.get(kind, ()):
            if name not in NOT_WRITTEN[source]:
                _spoil_first(fresh, name, Raw(value), day)


def _spoil_first(rows: list[Row], name: str, raw: Raw, day: date) -> None:
    """Spoils the first row that allows it and takes it off the list."""
    for row in rows:
        if _may_spoil(row, name, day):
            rows.remove(row)
            _spoil_cell(row, name, raw)
            return


def _spoil_cell(row: Row, name: str, raw: Raw) -> None:
    """Replaces the value, or the first of several."""
    value = row[name]
    row[name] = [*value[1:], raw] if isinstance(value, list) else raw


def _may_spoil(row: Row, name: str, day: date) -> bool:
    """A consent is spoiled only if it is valid otherwise, so that the spoiled cell decides."""
    if "secrecy" in row and not _is_granted(row, day):
        return False
    return bool(row[name]) or (name in MAY_BE_EMPTY and row[name] is None)


def _is_granted(row: Row, day: date) -> bool:
    released = row["recipient"] == JOBCENTER and row["purpose"] and row["secrecy"] == "Ja"
    return bool(
        released and not row["revoked"] and row["given"] <= day <= (row["until"] or date.max)
    )


def count_spoiled(kind: str, rows: Sequence[Row]) -> dict[str, int]:
    """How many spoiled cells these rows hold, by rule."""
    rules = {(name, value): rule for name, rule, value in SPOILS.get(kind, ())}
    found: Counter[str] = Counter()
    for row in rows:
        for name in {name for name, _ in rules}:
            values = row[name] if isinstance(row[name], list) else [row[name]]
            found.update(rules[name, value] for value in values if isinstance(value, Raw))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Damage:
    """How many bad rows a table gets: repeats, without key, of wrong width.

    With `date_at`, two more rows have a bad date in that column.
    """

    key_at: int = 0
    repeats: int = 2
    no_key: int = 1
    date_at: int | None = None
    ragged: int = 0


def damage_rows(
    speller: Speller, rows: list[list[Cell]], what: Damage, count: TableCount
) -> list[list[Cell]]:
    """The rows with bad ones inserted if the delivery is harsh; `count` is updated.

    A repeat is the same list object again. Tables of fewer than twelve rows stay as they are.
    """
    if not speller.harsh or len(rows) < 12:
        return rows
    rng, mixed = speller.rng, list(rows)
    for rule, bad in _make_bad_rows(rng, rows, what).items():
        count.rejected[rule] = len(bad)
        for row in bad:
            mixed.insert(rng.randrange(1, len(mixed)), row)
    for row in rng.sample(rows, what.repeats):
        at = next(at for at, other in enumerate(mixed) if other is row)
        mixed.insert(at + rng.choice((1, 1, 2)), row)
    count.repeated = what.repeats
    count.rows = len(mixed)
    return mixed


def _make_bad_rows(
    rng: Random, rows: list[list[Cell]], what: Damage
) -> dict[str, list[list[Cell]]]:
    """The bad rows by the rule that must reject them."""
    key_at = what.key_at
    bad = {
        "key_missing": [_replace_cell(row, key_at, None) for row in rng.sample(rows, what.no_key)]
    }
    if what.date_at is not None:
        cells = [_rename_key(row, key_at) for row in rng.sample(rows, 2)]
        bad["required_date_unreadable"] = [
            _replace_cell(row, what.date_at, day) for row, day in zip(cells, BAD_DAYS, strict=True)
        ]
    if what.ragged:
        cells = [_rename_key(row, key_at) for row in rng.sample(rows, what.ragged)]
        bad["ragged_row"] = [[*cells[0], "überzählig"], *(row[:-4] for row in cells[1:])]
    return bad


def _rename_key(row: Sequence[Cell], key_at: int) -> list[Cell]:
    return _replace_cell(row, key_at, f"Y{row[key_at]}")


def _replace_cell(row: Sequence[Cell], at: int, cell: Cell) -> list[Cell]:
    return [*row[:at], cell, *row[at + 1 :]]


def add_unannounced_column(rng: Random, rows: list[list[Cell]]) -> list[list[Cell]]:
    """The rows with the values of one more column at their end."""
    return [[*cells, rng.choice(("A", "B", None))] for cells in rows]
