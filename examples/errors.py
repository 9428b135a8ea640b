"""Mistakes: cells no reader may trust and rows that are no rows; harmless spellings are in quirks.py.

Only rows a delivery brings for the first time get spoiled cells, so no mistake looks like a change.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from examples.district import JOBCENTER
from examples.quirks import Cell, Raw
from examples.snapshot import Row, Tables

IMPOSSIBLE: Final = Raw("31.06.2018")
SPOILS: Final[dict[str, tuple[tuple[str, str, Raw], ...]]] = {
    "cases": (
        ("born", "impossible_date", Raw("30.02.1991")),
        ("born", "placeholder_date", Raw("01.01.1900")),
        ("entered", "impossible_date", IMPOSSIBLE),
        ("entered", "placeholder_date", Raw("00.00.0000")),
        ("marital", "unknown_code", Raw("nach Brauch")),
        ("residence", "unknown_code", Raw("Status 99")),
        ("end", "placeholder_date", Raw("31.12.9999")),
    ),
    "conversations": (
        ("topics", "unknown_code", Raw("Tierhaltung")),
        ("channel", "unknown_code", Raw("Fernschreiber")),
    ),
    "goals": (
        ("area", "unknown_code", Raw("Tierhaltung")),
        ("due", "impossible_date", Raw("31.06.2025")),
        ("due", "placeholder_date", Raw("00.00.0000")),
    ),
    "consents": (
        ("until", "impossible_date", Raw("31.06.2026")),
        ("revoked", "impossible_date", Raw("31.06.2025")),
        ("groups", "unknown_code", Raw("Gesundheitsdaten")),
    ),
}
NOT_WRITTEN: Final = {
    "jobkraftwerk": {"end", "channel"},
    "workbook": {"topics", "channel"},
    "tau": {"due"},
    "enaio": set[str](),
}

MAY_BE_EMPTY: Final = ("end", "until", "revoked", "due")


@dataclass(slots=True)
class TableCount:
    """What one written table holds: data rows, exact repeats, rejected rows and set-aside cells by rule."""

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


def spoil_cells(rng: random.Random, source: str, tables: Tables, day: date) -> None:
    """Spoils one cell in each of a few new rows of the delivery of that day."""
    for kind, rows in tables.iterate_kinds():
        fresh = [row for row in rows if row["new"]]
        rng.shuffle(fresh)
        for name, _, raw in SPOILS.get(kind, ()):
            if name in NOT_WRITTEN[source]:
                continue
            row = next((row for row in fresh if _may_spoil(row, name, day)), None)
            if row is None:
                continue
            fresh.remove(row)
            row[name] = [*row[name][1:], raw] if isinstance(row[name], list) else raw


def _may_spoil(row: Row, name: str, day: date) -> bool:
    """A consent is spoiled only where nothing else would refuse it, so that the spoiled cell decides."""
    if "secrecy" in row:
        refused = (
            row["recipient"] != JOBCENTER
            or not row["purpose"]
            or row["revoked"]
            or row["secrecy"] != "Ja"
        )
        if refused or row["given"] > day or (row["until"] or day) < day:
            return False
    return bool(row[name]) or (name in MAY_BE_EMPTY and row[name] is None)


def set_aside(kind: str, rows: Sequence[Row]) -> dict[str, int]:
    """How many spoiled cells these rows hold, by rule."""
    rules = {(name, raw): rule for name, rule, raw in SPOILS.get(kind, ())}
    found: Counter[str] = Counter()
    for row in rows:
        for name in {name for name, _ in rules}:
            values = row[name] if isinstance(row[name], list) else [row[name]]
            found.update(rules[name, value] for value in values if isinstance(value, Raw))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Damage:
    """Which bad rows a table gets: how many repeats; without key; with a bad date in `date_at`; with a wrong width."""

    key_at: int = 0
    repeats: int = 2
    no_key: int = 1
    date_at: int | None = None
    ragged: int = 0


def damage_rows(
    rng: random.Random, rows: list[list[Cell]], what: Damage, count: TableCount
) -> list[list[Cell]]:
    """The rows with bad ones among them; a repeat is the same list object again. `count` is updated."""
    if len(rows) < 12:
        return rows
    bad: list[list[Cell]] = []
    for number, row in enumerate(rng.sample(rows, what.no_key)):
        bad.append([None if at == what.key_at else cell for at, cell in enumerate(row)])
        count.rejected["key_missing"] = number + 1
    if what.date_at is not None:
        for number, row in enumerate(rng.sample(rows, 2)):
            cells = _rename_key(row, what.key_at)
            cells[what.date_at] = str(Raw("00.00.0000") if number else IMPOSSIBLE)
            bad.append(cells)
        count.rejected["required_date_unreadable"] = 2
    for number, row in enumerate(rng.sample(rows, what.ragged)):
        cells = _rename_key(row, what.key_at)
        bad.append(cells[: len(cells) - 4] if number else [*cells, "überzählig"])
        count.rejected["ragged_row"] = number + 1
    mixed = list(rows)
    for row in bad:
        mixed.insert(rng.randrange(1, len(mixed)), row)
    for row in rng.sample(rows, what.repeats):
        mixed.insert(
            next(at for at, other in enumerate(mixed) if other is row) + rng.choice((1, 1, 2)), row
        )
    count.repeated = what.repeats
    count.rows = len(mixed)
    return mixed


def _rename_key(row: Sequence[Cell], key_at: int) -> list[Cell]:
    return [f"Y{cell}" if at == key_at else cell for at, cell in enumerate(row)]
