"""One side of the benchmark of figures: makes the warehouse, or counts in it. Started by figures.py."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from benchmarks.measured import report_counts
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen, open_scope
from pipelines.hub import Hub
from pipelines.intake.registers import write_registers
from warehouse.marts.indicators import INDICATORS
from warehouse.marts.scope import UNITS, By
from warehouse.schema import delivery, load

YEAR = FigureRequest(date(2024, 1, 1), date(2024, 12, 31))
SOURCES = ("enaio", "jobkraftwerk", "tau", "workbook")
PLACES = 55
# Indicators that the SQL by hand counts, too.
BY_HAND = ("conversations", "topics", "referrals", "persons_reached", "clients")
FOLDER = Path(__file__).parent


def make_warehouse(folder: Path, persons: int, events: int) -> None:
    """A warehouse of one load with so many persons and conversations, made by SQL."""
    with Hub(load_config(_write_config(folder))) as hub:
        write_registers(hub)
        sizes = {"persons": persons, "events": events, "places": PLACES}
        with hub.store.transaction() as connection:
            _record_loads(connection)
            _fill_tables(connection, sizes)
    report_counts({"persons": persons})


def _fill_tables(connection: Connection, sizes: Mapping[str, int]) -> None:
    fill = (FOLDER / "figures_fill.sql").read_text(encoding="utf-8")
    for statement in fill.format(**sizes).split(";"):
        connection.exec_driver_sql(statement)


def _write_config(folder: Path) -> Path:
    for name in SOURCES:
        (folder / name).mkdir(exist_ok=True)
    path = folder / "drehscheibe.yaml"
    path.write_text(json.dumps(_describe_district()), encoding="utf-8")
    return path


def _describe_district() -> dict[str, Any]:
    places = {
        f"08999{n:03}": {"name": f"Ort {n}", "team": f"T{n % 5}"} for n in range(1, PLACES + 1)
    }
    return {
        "district": {"ags": "08999", "name": "Musterkreis"},
        "carriers": {"kreis": {"name": "Kreis"}, "stadt": {"name": "Stadt"}},
        "municipalities": places,
        "sources": {name: _describe_source(n, name) for n, name in enumerate(SOURCES)},
    }


def _describe_source(number: int, name: str) -> dict[str, str]:
    return {"mapping": "tau_office", "folder": name, "carrier": ("kreis", "stadt")[number % 2]}


def _record_loads(connection: Connection) -> None:
    at, day = datetime(2025, 1, 31), date(2025, 1, 31)
    for number, source in enumerate(SOURCES, start=1):
        key = hashlib.sha256(source.encode()).hexdigest()
        common = {"delivery_id": key, "source": source, "delivered_on": day, "mapping_hash": key}
        connection.execute(insert(load).values(number=number, loaded_at=at, **common))
        connection.execute(
            insert(delivery).values(
                scope="full", state="loaded", load_number=number, seen_at=at, **common
            )
        )


def count_all(folder: Path) -> None:
    """All Kennzahlen of the catalogue, for the district and by every unit."""
    with Hub(load_config(folder / "drehscheibe.yaml")) as hub:
        hub.store  # noqa: B018 - opened before the clock starts
        begun = time.perf_counter()
        answer = compute_kennzahlen(hub, YEAR, UNITS)
        seconds = round(time.perf_counter() - begun, 2)
    report_counts({"figures": len(answer.figures), "work_seconds": seconds})


def count_some(folder: Path) -> None:
    """The numbers that the SQL by hand counts, by the hub's indicators."""
    with Hub(load_config(folder / "drehscheibe.yaml")) as hub:
        whole, found = hub.known_at(None), []
        begun = time.perf_counter()
        by: By | None
        for by in (None, "municipality"):
            scope = open_scope(hub, YEAR, whole, by)
            with hub.store.read() as connection:
                for name in BY_HAND:
                    for row in connection.execute(INDICATORS[name](scope)).mappings():
                        place = row["municipality"] if by else None
                        found.append((name, row.get("category"), place, int(row["value"])))
        seconds = round(time.perf_counter() - begun, 2)
    report_counts({"figures": _sum_figures(found), "work_seconds": seconds})


def count_by_hand(folder: Path) -> None:
    """The same numbers by one statement."""
    with Hub(load_config(folder / "drehscheibe.yaml")) as hub, hub.store.read() as connection:
        begun = time.perf_counter()
        by_hand = (FOLDER / "figures_hand.sql").read_text(encoding="utf-8")
        found = [tuple(row) for row in connection.execute(text(by_hand))]
        seconds = round(time.perf_counter() - begun, 2)
    report_counts({"figures": _sum_figures(found), "work_seconds": seconds})


def _sum_figures(found: list[Any]) -> str:
    lines = sorted(json.dumps(row) for row in map(list, found) if row[3])
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


if __name__ == "__main__":
    match sys.argv[1]:
        case "make":
            make_warehouse(Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
        case "all":
            count_all(Path(sys.argv[2]))
        case "some":
            count_some(Path(sys.argv[2]))
        case "hand":
            count_by_hand(Path(sys.argv[2]))
