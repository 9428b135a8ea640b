"""Puts worlds whose cells are known into a real warehouse, and asks its gate what may go out of each."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.types import Boolean, Date, DateTime, Integer

from tests.consents.gate_rule import may_release
from tests.consents.gate_world import DAYS, EXACT, GATE, World, list_tables
from warehouse.database.bulk_insert import insert_rows
from warehouse.database.store import Store
from warehouse.gates.consent import select_grants
from warehouse.schema import metadata

Released = dict[int, set[tuple[str, str]]]
# What is usual, so that something goes out at all: by the end of a cell's name.
_USUAL: dict[str, Any] = {
    "there": True,
    "recipient": EXACT,
    "purpose": "Vermittlung",
    "given": date(2025, 1, 15),
    "said": date(2025, 1, 15),
    "noted": date(2012, 8, 1),
    "until": None,
    "until unread": None,
    "revoked": None,
    "revoked unread": None,
    "confidential": True,
    "groups unread": None,
    "ends with": None,
    "own": None,
    "kind": "granted",
    "born": DAYS[0],
    "changed": False,
    "case": True,
    "ended": None,
    "ended unread": None,
}
_SPREADS = ((1, 0), (0, 1), (1, 1), (2, 0), (0, 2), (2, 1), (2, 2), (1, 3))
_BY_HAND = ((0, 0), (0, 0), (1, 0), (0, 1), (1, 1), (2, 1))
_DOUBTED = ((0, 0), (0, 0), (0, 0), (1, 0), (0, 1), (2, 0))


def draw_world(rng: random.Random) -> World:
    """A world in which most cells are as usual, and any may be as it may be at all."""
    unusual = rng.choice((0.03, 0.1, 0.3))

    def pick(name: str, options: Sequence[Any]) -> Any:
        usual = _USUAL.get(name.rpartition(".")[2], options[-1])
        return usual if usual in options and rng.random() > unusual else rng.choice(options)

    return World(rng.choice(_SPREADS), rng.choice(_BY_HAND), pick, rng.choice(_DOUBTED))


def insert_worlds(store: Store, worlds: Sequence[World]) -> None:
    """Writes the worlds into the tables of the warehouse, each as a human being of its own."""
    rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, world in enumerate(worlds):
        for name, placed in list_tables(world, number).items():
            # The one load is the same in all of them.
            if name == "load" and number:
                continue
            table = metadata.tables[name]
            rows[name] += [_fill_row(table, cells) for present, cells in placed if present]
    with store.transaction() as connection:
        for name, own in rows.items():
            if own:
                insert_rows(connection, metadata.tables[name], own)


def _fill_row(table: Table, cells: dict[str, Any]) -> dict[str, Any]:
    """A row of a table with everything that must not be missing."""
    row: dict[str, Any] = {}
    for column in table.columns:
        cell = cells.get(column.name)
        if cell is not None:
            row[column.name] = None if cell.null else _read_cell(column.type, cell.value)
        else:
            row[column.name] = None if column.nullable else _make_default(column.type)
    return row


def _read_cell(kind: Any, value: Any) -> Any:
    if isinstance(kind, Date):
        return date(value // 10_000, value // 100 % 100, value % 100)
    return value


def _make_default(kind: Any) -> Any:
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, DateTime):
        return datetime(2025, 7, 31, 12)
    return 0 if isinstance(kind, Integer) else ""


def read_released(store: Store) -> Released:
    """By world: the pairs of source and data group that the gate lets out."""
    found: Released = defaultdict(set)
    with store.read() as connection:
        for source, key, group in connection.execute(select_grants(GATE)):
            found[int(key)].add((source, group))
    return dict(found)


def judge_worlds(worlds: Iterable[World]) -> Released:
    """The same by the rule, in Python."""
    allowed = {
        number: {key for key, may in may_release(world).items() if may}
        for number, world in enumerate(worlds)
    }
    return {number: keys for number, keys in allowed.items() if keys}
