"""Configuration as of a load: what a register held when a load was made, and which texts it was made with."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from tests.warehouse.deliveries import deliver
from warehouse.as_of import KnownAt, resolve_moment
from warehouse.backup.consistency_check import check_warehouse
from warehouse.database.store import Store
from warehouse.landing.landing import Landing
from warehouse.ledger.configuration import (
    keep_texts,
    read_carriers,
    read_municipalities,
    read_teams_by_municipality,
    read_texts,
    write_register,
)
from warehouse.schema import (
    carrier,
    configuration_text,
    load_configuration,
    municipality,
    source_register,
)

MUNICH, AACHEN = (
    {"ags": "1", "name": "München", "team": "Süd"},
    {"ags": "2", "name": "Aachen", "team": "West"},
)
NORTH = {**AACHEN, "team": "Nord"}


@pytest.fixture(params=["duckdb", "postgresql"])
def either(request: pytest.FixtureRequest, empty_file: Path, tmp_path: Path) -> Iterator[Store]:
    """An empty warehouse of each engine."""
    if request.param == "duckdb":
        shutil.copyfile(empty_file, tmp_path / "w.duckdb")
    new_database: Callable[[], str] = (
        request.getfixturevalue("new_database") if request.param == "postgresql" else str
    )
    with Store(new_database() or f"duckdb:///{tmp_path / 'w.duckdb'}") as store:
        yield store


def write(store: Store, *rows: dict[str, Any]) -> None:
    with store.transaction() as connection:
        write_register(connection, municipality, rows)


def one_load(store: Store) -> int:
    """Loads a delivery that differs from those before."""
    return deliver(store, {"person": [{"key": str(store.last_load())}]}).number


def held(store: Store, at: int | None = None) -> dict[str, str | None]:
    """Team by AGS, as of a load or today."""
    with store.read() as connection:
        known_at = resolve_moment(connection, None) if at is None else KnownAt(at)
        return read_teams_by_municipality(connection, known_at)


def entries(store: Store) -> list[tuple[str, str, int, int | None]]:
    """Everything kept of the municipalities."""
    c = municipality.c
    with store.read() as connection:
        rows = connection.execute(
            select(c.ags, c.team, c.known_from, c.known_to).order_by(c.ags, c.known_from)
        )
        return [tuple(row) for row in rows]


def test_each_load_keeps_the_register_it_was_made_with(either: Store) -> None:
    write(either, MUNICH)
    write(either, MUNICH, AACHEN)
    assert entries(either) == [("1", "Süd", 1, None), ("2", "West", 1, None)], (
        "no load has seen the first"
    )
    first = one_load(either)
    write(either, MUNICH, NORTH)
    assert held(either) == {"1": "Süd", "2": "Nord"}
    assert held(either, first) == {"1": "Süd", "2": "West"}, "the load was made before"
    second = one_load(either)
    write(either, NORTH)
    third = one_load(either)
    assert [held(either, n) for n in (first, second, third)] == [
        {"1": "Süd", "2": "West"},
        {"1": "Süd", "2": "Nord"},
        {"2": "Nord"},
    ]
    assert held(either) == {"2": "Nord"}
    write(either, NORTH, MUNICH)
    assert [held(either, third), held(either)] == [{"2": "Nord"}, {"1": "Süd", "2": "Nord"}]


def test_what_changes_back_before_a_load_was_never_otherwise(either: Store) -> None:
    write(either, MUNICH, AACHEN)
    one_load(either)
    before = entries(either)
    write(either, NORTH)
    assert entries(either) == [("1", "Süd", 1, 2), ("2", "West", 1, 2), ("2", "Nord", 2, None)]
    write(either, MUNICH, AACHEN)
    assert entries(either) == before


def test_the_carrier_of_a_source_is_that_of_the_load(either: Store) -> None:
    def register(carriers: dict[str, str], sources: dict[str, str | None]) -> None:
        with either.transaction() as connection:
            write_register(
                connection, carrier, [{"key": k, "name": n} for k, n in carriers.items()]
            )
            write_register(
                connection,
                source_register,
                [{"source": s, "carrier": k} for s, k in sources.items()],
            )

    register({"k": "Kreis", "s": "Stadt"}, {"tau": "k", "alone": None})
    first = one_load(either)
    register({"k": "Landkreis", "s": "Stadt"}, {"enaio": "s"})
    one_load(either)
    with either.read() as connection:
        assert read_carriers(connection, KnownAt(first)) == {"alone": "", "tau": "Kreis"}
        assert read_carriers(connection, resolve_moment(connection, None)) == {"enaio": "Stadt"}
        assert read_municipalities(connection, KnownAt(first)) == {}


def test_a_text_is_kept_once_and_found_by_every_load(either: Store) -> None:
    texts = {("mapping", "tau"): "a: ä\n", ("codes", "sex"): "m\n", ("codes", "same"): "m\n"}
    changed = {**texts, ("mapping", "tau"): "a: ö\r\n"}
    with either.transaction() as connection:
        for number, these in enumerate((texts, texts, changed), start=1):
            keep_texts(connection, number, these)
        assert [read_texts(connection, n) for n in (1, 2, 3)] == [texts, texts, changed]
        assert read_texts(connection, 4) == {}
        assert (
            connection.execute(select(func.count()).select_from(configuration_text)).scalar_one()
            == 3
        )


def test_the_check_tells_a_changed_or_missing_text_and_an_impossible_entry(
    either: Store, tmp_path: Path
) -> None:
    landing = Landing(tmp_path / "landing")
    write(either, MUNICH)
    with either.transaction() as connection:
        keep_texts(connection, 1, {("mapping", "tau"): "a"})
    assert check_warehouse(either, landing) == []
    with either.transaction() as connection:
        connection.execute(update(configuration_text).values(content="b"))
        connection.execute(
            insert(load_configuration).values(
                load_number=1, kind="codes", name="sex", sha256="0" * 64
            )
        )
        connection.execute(insert(municipality).values(**AACHEN, known_from=5))
    told = check_warehouse(either, landing)
    assert len(told) == 3
    for sentence in (
        "1 entries of municipality",
        "is not the one its number names",
        "(codes sex) is missing",
    ):
        assert [t for t in told if sentence in t] != [], sentence
