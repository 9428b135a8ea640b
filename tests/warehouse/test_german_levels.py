"""Whether levels in German rose: the level known before the period against the one known at its end."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt, resolve_within
from warehouse.database.store import Store
from warehouse.marts.client_profile import clients_by_german, clients_by_german_change
from warehouse.marts.scope import Scope

FIRST, LAST = date(2024, 7, 1), date(2024, 12, 31)
BEFORE, WITHIN, AFTER = date(2024, 6, 30), date(2024, 12, 31), date(2025, 1, 31)
# What a record says of German; "": a row without a level; None: no row.
SAID = [None, "", "alpha", "A0", "A1", "B1", "C2", "muttersprache"]
PAIRS = list(product(SAID, SAID))
RANK = ["A0", "A1", "A2", "B1", "B2", "C1", "C2", "muttersprache"]


def change(before: str | None, now: str | None) -> str:
    if not before or not now:
        return "ohne_angabe"
    old, new = (RANK.index("A0" if level == "alpha" else level) for level in (before, now))
    if new == old:
        return "same"
    return "risen" if new > old else "fallen"


def write_world(of_pair: int) -> dict[str, list[dict[str, Any]]]:
    """Everybody as said before (0) or at the end (1)."""
    content: dict[str, list[dict[str, Any]]] = {"case": [], "person": [], "language_level": []}
    for number, pair in enumerate(PAIRS):
        key = f"P{number}"
        content["case"].append({"key": key, "begun_on": date(2024, 1, 1)})
        content["person"].append({"key": key, "last_name": f"Probe{number}"})
        said = pair[of_pair]
        content["language_level"].append({"key": key, "language": "Dari", "level": "C1"})
        if said is not None:
            row = {"key": key, "language": "Deutsch", "level": said or None}
            content["language_level"].append(row)
    return content


@pytest.fixture(scope="module")
def told(empty_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("german") / "warehouse.duckdb"
    shutil.copyfile(empty_file, path)
    with Store(f"duckdb:///{path}") as store:
        deliver(store, write_world(0), on=BEFORE)
        deliver(store, write_world(1), on=WITHIN)
        # What is said after the period changes nothing.
        deliver(store, write_world(0), on=AFTER)
        yield store


def ask(
    store: Store,
    known_at: KnownAt,
    before: KnownAt | None,
    indicator: Any = clients_by_german_change,
) -> Any:
    with store.read() as connection:
        by_end = resolve_within(connection, known_at, LAST)
        things = indicator.select_things(Scope(FIRST, LAST, known_at, before=before, by_end=by_end))
        return Counter(connection.execute(select(things.c.category)).scalars())


def test_levels_are_compared_with_those_before_the_period(told: Store) -> None:
    assert ask(told, KnownAt(3), KnownAt(1)) == Counter(change(*pair) for pair in PAIRS)


def test_nothing_is_compared_without_a_day_before(told: Store) -> None:
    assert ask(told, KnownAt(3), None) == {"ohne_angabe": len(PAIRS)}


def test_levels_at_the_end_are_counted(told: Store) -> None:
    wanted = Counter(now or "ohne_angabe" for _, now in PAIRS)
    assert ask(told, KnownAt(2), KnownAt(1), clients_by_german) == wanted


def test_what_was_known_before_is_no_later_load(told: Store) -> None:
    with told.read() as connection:
        assert resolve_within(connection, KnownAt(3), BEFORE) == KnownAt(1)
        assert resolve_within(connection, KnownAt(1), WITHIN) == KnownAt(1)
        assert resolve_within(connection, KnownAt(2), date(2024, 1, 1)) is None
