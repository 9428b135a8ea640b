"""Makes a simulated district: its configuration, its exports, and the figures in them.

`python -m examples.generate --out DIR [--like alb-donau|tuebingen | --hard] [--seed N]` from the
repository's root.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
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
from examples.hard.course import counsel_humans
from examples.hard.phenomena import ALL_PHENOMENA, Phenomena
from examples.life import Life
from examples.snapshot import Tables, take_snapshot

Figures = dict[Period, dict[str, int]]
FIRST_DELIVERY: Final = date(2025, 1, 31)
PERIODS: Final = (
    (date(2024, 1, 1), date(2024, 12, 31)),
    (date(2025, 1, 1), date(2025, 6, 30)),
)
WRITERS: Final[dict[str, Callable[[Path, date, Tables, Random, bool], list[TableCount]]]] = {
    "enaio": write_enaio.write_export,
    "jobkraftwerk": write_jobkraftwerk.write_export,
    "tau": write_tau.write_export,
    "workbook": write_workbook.write_export,
}


@dataclass(frozen=True, slots=True)
class SimulatedDistrict:
    """What was made and what is in it.

    `period` is the one to show; `planned` holds the figures of every period as known after the last
    delivery, `published` those of them that a printed report states; `tables` counts rows by
    (source, delivery day); `released` has per source record the data groups that may go to the
    Jobcenter on `transfer_on`, or `!reason`; `same_person` pairs records of one human being, with
    the way in which they differ.
    """

    out: Path
    config: Path
    exports: Path
    deliveries: tuple[date, ...]
    period: Period
    planned: Figures
    published: Figures
    tables: dict[tuple[str, date], list[TableCount]]
    same_person: tuple[tuple[str, str, str], ...]
    transfer_on: date
    released: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Scene:
    """A life and who delivers it on which days, with the periods to report."""

    life: Life
    carriers: Sequence[Carrier]
    days: tuple[date, ...]
    periods: Sequence[Period]
    printed: Figures


def simulate_district(
    out: Path,
    *,
    seed: int = 1,
    persons: int = 420,
    deliveries: int = 2,
    like: str | None = None,
    hard: Phenomena | None = None,
) -> SimulatedDistrict:
    """Writes `drehscheibe.yaml` and `exports/<source>/<date>/…` below `out`, reproducibly.

    `persons` and `deliveries` (one per half year) are for the district with four systems; `like`
    names a published report instead. `hard`: the four systems write names, dates and the rest of
    one person differently, as often as it says. Raises ValueError for a report that is not in published.yaml.
    """
    rng = Random(f"{seed}/{like or 'district'}")
    if hard is not None:
        return _write_district(out, rng, _imagine_hard(rng, persons, deliveries, hard))
    if like is None:
        return _write_district(out, rng, _imagine_district(rng, persons, deliveries))
    if like not in published.REPORTS:
        raise ValueError(f"unknown report: {like}; known: {', '.join(published.REPORTS)}")
    report = published.REPORTS[like]
    figures = report.figures
    scene = _Scene(
        report.make_life(rng), [report.carrier], (report.delivered,), list(figures), figures
    )
    return _write_district(out, rng, scene)


def _imagine_district(rng: Random, persons: int, deliveries: int) -> _Scene:
    if deliveries < 1 or persons < 1:
        raise ValueError("persons and deliveries must be at least 1")
    days = _half_years(deliveries)
    homes = people.make_households(rng, persons, days[-1])
    people.look_alike(rng, homes)
    return _Scene(Course(rng, days).run(homes), CARRIERS, days, PERIODS, {})


def _imagine_hard(rng: Random, persons: int, deliveries: int, hard: Phenomena) -> _Scene:
    days = _half_years(deliveries)
    return _Scene(counsel_humans(rng, persons, days, hard), CARRIERS, days, PERIODS, {})


def _half_years(count: int) -> tuple[date, ...]:
    """Days of delivery, on the last of January and July in turn."""
    first = FIRST_DELIVERY.year
    return tuple(date(first + number // 2, 7 if number % 2 else 1, 31) for number in range(count))


def _write_district(out: Path, rng: Random, scene: _Scene) -> SimulatedDistrict:
    exports, config, days = out / "exports", out / "drehscheibe.yaml", scene.days
    written: dict[tuple[str, date], list[TableCount]] = {}
    before: dict[str, Tables] = {}
    tables: dict[str, Tables] = {}
    for previous, day in zip((None, *days), days, strict=False):
        before, tables = tables, take_snapshot(scene.life, day, previous)
        written |= _write_deliveries(exports, rng, day, tables, harsh=previous is not None)
    figures = {period: expected_figures.count_figures(tables, period) for period in scene.periods}
    period = scene.periods[0]
    _write_configuration(config, scene, figures)
    on = days[-1] + timedelta(days=1)
    return SimulatedDistrict(
        out,
        config,
        exports,
        days,
        period,
        figures,
        scene.printed,
        written,
        tuple(scene.life.same_person),
        on,
        expected_figures.expect_released(tables, before, JOBCENTER, on),
    )


def _write_configuration(config: Path, scene: _Scene, figures: Figures) -> None:
    period = scene.periods[0]
    text = configuration.render_configuration(scene.carriers, period, figures[period])
    config.write_text(text, encoding="utf-8")


def _write_deliveries(
    exports: Path, rng: Random, day: date, tables: dict[str, Tables], *, harsh: bool
) -> dict[tuple[str, date], list[TableCount]]:
    """Writes the export of every source of one day; `harsh` for deliveries with mistakes."""
    written = {}
    for source, write in WRITERS.items():
        if source not in tables:
            continue
        if harsh:
            spoil_cells(rng, source, tables[source], day)
        folder = exports / source / day.isoformat()
        folder.mkdir(parents=True, exist_ok=True)
        written[source, day] = write(folder, day, tables[source], rng, harsh)
    return written


def run_generator() -> None:
    """Command line of the generator."""
    arguments = vars(_parse_arguments())
    hard = ALL_PHENOMENA if arguments.pop("hard") else None
    made = simulate_district(**arguments, hard=hard)
    for delivery, tables in made.tables.items():
        _print_delivery(*delivery, tables)
    print(f"configuration: {made.config}")


def _print_delivery(source: str, day: date, tables: list[TableCount]) -> None:
    for table in tables:
        print(f"{source} {day} {table.file} {table.table}: {table.rows} rows")


def _parse_arguments() -> argparse.Namespace:
    """The arguments, named as the parameters of `simulate_district`."""
    parser = argparse.ArgumentParser(description="Simulate a district and its exports.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--like", choices=sorted(published.REPORTS))
    parser.add_argument("--hard", action="store_true")
    for name, default in {"--seed": 1, "--persons": 420, "--deliveries": 2}.items():
        parser.add_argument(name, type=int, default=default)
    return parser.parse_args()


if __name__ == "__main__":
    run_generator()
