"""Makes a simulated district in a folder: its configuration, its exports, and what a hub must find in them.

`python -m examples.generate --out DIR [--like alb-donau|tuebingen] [--seed N]` from the repository's root.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from examples import (
    configuration,
    expected_figures,
    people,
    published,
    write_enaio,
    write_jobkraftwerk,
    write_tau,
    write_workbook,
)
from examples.course import Course
from examples.district import CARRIERS, JOBCENTER, Carrier
from examples.errors import TableCount, spoil_cells
from examples.expected_figures import Period
from examples.life import Life
from examples.snapshot import Tables, take_snapshot

FIRST_DELIVERY: Final = date(2025, 1, 31)
WRITERS: Final[dict[str, Callable[[Path, date, Tables, random.Random, bool], list[TableCount]]]] = {
    "enaio": write_enaio.write_export,
    "jobkraftwerk": write_jobkraftwerk.write_export,
    "tau": write_tau.write_export,
    "workbook": write_workbook.write_export,
}


@dataclass(frozen=True, slots=True)
class SimulatedDistrict:
    """What was made and what is in it.

    `period` is the one to show; `planned` holds the figures of every period as known after the last delivery,
    `published` those of them that a printed report states; `tables` counts rows by (source, delivery day);
    `released` says per source record which data groups may go to the Jobcenter on `transfer_on`, or `!reason`;
    `same_person` pairs records of one human being and says how they differ.
    """

    out: Path
    config: Path
    exports: Path
    deliveries: tuple[date, ...]
    period: Period
    planned: dict[Period, dict[str, int]]
    published: dict[Period, dict[str, int]]
    tables: dict[tuple[str, date], list[TableCount]]
    same_person: tuple[tuple[str, str, str], ...]
    transfer_on: date
    released: dict[str, str]


def simulate_district(
    out: Path, *, seed: int = 1, persons: int = 420, deliveries: int = 2, like: str | None = None
) -> SimulatedDistrict:
    """Writes `out/drehscheibe.yaml` and `out/exports/<source>/<date>/…`; the same arguments give the same bytes.

    `persons` and `deliveries` (one per half year) are for the district with four systems; `like` names a published
    report instead. Raises ValueError for a report that is not in published.py.
    """
    rng = random.Random(f"{seed}/{like or 'district'}")
    if like is None:
        if deliveries < 1 or persons < 1:
            raise ValueError("persons and deliveries must be at least 1")
        days: tuple[date, ...] = tuple(_half_years(deliveries))
        periods: tuple[Period, ...] = (
            (date(2024, 1, 1), date(2024, 12, 31)),
            (date(2025, 1, 1), date(2025, 6, 30)),
        )
        homes = people.make_households(rng, persons, days[-1])
        people.look_alike(rng, homes)
        return _write_district(out, rng, Course(rng, days).run(homes), CARRIERS, days, periods, {})
    if like not in published.REPORTS:
        raise ValueError(f"unknown report: {like}; known: {', '.join(published.REPORTS)}")
    report = published.REPORTS[like]
    carriers = (report.carrier,)
    return _write_district(
        out,
        rng,
        report.make_life(rng),
        carriers,
        (report.delivered,),
        tuple(report.figures),
        report.figures,
    )


def _half_years(count: int) -> list[date]:
    days = [FIRST_DELIVERY]
    while len(days) < count:
        year, july = days[-1].year, days[-1].month == 1
        days.append(date(year, 7, 31) if july else date(year + 1, 1, 31))
    return days


def _write_district(
    out: Path,
    rng: random.Random,
    life: Life,
    carriers: Sequence[Carrier],
    days: Sequence[date],
    periods: Sequence[Period],
    printed: dict[Period, dict[str, int]],
) -> SimulatedDistrict:
    written: dict[tuple[str, date], list[TableCount]] = {}
    before: dict[str, Tables] = {}
    tables: dict[str, Tables] = {}
    for place, day in enumerate(days):
        before, tables = tables, take_snapshot(life, day, days[place - 1] if place else None)
        written |= _write_deliveries(out / "exports", rng, day, tables, harsh=place > 0)
    figures = {period: expected_figures.count_figures(tables, period) for period in periods}
    config = out / "drehscheibe.yaml"
    config.write_text(
        configuration.render_configuration(carriers, periods[0], figures[periods[0]]),
        encoding="utf-8",
    )
    on = days[-1] + timedelta(days=1)
    return SimulatedDistrict(
        out,
        config,
        out / "exports",
        tuple(days),
        periods[0],
        figures,
        printed,
        written,
        tuple(life.same_person),
        on,
        expected_figures.expect_released(tables, before, JOBCENTER, on),
    )


def _write_deliveries(
    exports: Path, rng: random.Random, day: date, tables: dict[str, Tables], *, harsh: bool
) -> dict[tuple[str, date], list[TableCount]]:
    """The export of every source of one day; `harsh` for deliveries with mistakes in them."""
    written = {}
    for source, write in WRITERS.items():
        if source in tables:
            if harsh:
                spoil_cells(rng, source, tables[source], day)
            folder = exports / source / day.isoformat()
            folder.mkdir(parents=True, exist_ok=True)
            written[source, day] = write(folder, day, tables[source], rng, harsh)
    return written


def run_generator() -> None:
    """Command line of the generator."""
    parser = argparse.ArgumentParser(description="Simulate a district and its exports.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--like", choices=sorted(published.REPORTS))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--persons", type=int, default=420)
    parser.add_argument("--deliveries", type=int, default=2)
    given = parser.parse_args()
    made = simulate_district(
        given.out,
        seed=given.seed,
        persons=given.persons,
        deliveries=given.deliveries,
        like=given.like,
    )
    for (source, day), tables in made.tables.items():
        for table in tables:
            print(f"{source} {day} {table.file} {table.table}: {table.rows} rows")
    print(f"configuration: {made.config}")


if __name__ == "__main__":
    run_generator()
