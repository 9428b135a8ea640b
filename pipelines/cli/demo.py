"""The demo: simulates a district, walks the whole way once and names the files made. The simulation itself stands in examples/."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pipelines.cli.errors import Wrong
from pipelines.cli.options import Json, print_json, print_table

if TYPE_CHECKING:
    from datetime import date

    from examples.generate import SimulatedDistrict
    from pipelines.figures.kennzahlen import Figure
    from pipelines.hub import Hub

_MARK = ".drehscheibe-demo"
_REPORTS = ("alb-donau", "tuebingen")


@dataclass(frozen=True)
class _Published:
    """A figure of a published report beside the one computed."""

    figure: str
    published: int
    computed: int
    equal: bool


@dataclass(frozen=True)
class _Period:
    first: date | None
    last: date | None
    figures: Sequence[Figure]
    published: Sequence[_Published]


def demo(
    out: Annotated[
        Path,
        typer.Option(
            "--out", help="The folder for the simulated district; a former demo in it is replaced."
        ),
    ] = Path("demo"),
    like: Annotated[
        str | None,
        typer.Option(
            "--like",
            help="alb-donau or tuebingen: a district whose totals are those of a published report.",
            show_default=False,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Simulate a district with four systems, run everything, name the files made and show the main figures.

    Example: drehscheibe demo --like alb-donau
    """
    from mappings.problems import did_you_mean

    if like is not None and like not in _REPORTS:
        raise Wrong(f"there is no report '{like}'; {did_you_mean(like, _REPORTS)}")
    with _report_step("simulating a district and its exports"):
        made = _simulate_district(out, like)
    answer = _process_district(made)
    if json:
        print_json(answer)
        return
    for period in answer["periods"]:
        _print_period(period)
    typer.echo("\nFiles made:")
    for file in answer["files"]:
        typer.echo(f"  {file}")
    typer.echo(
        f"\nLook further:  drehscheibe findings -c {made.config}   ·   drehscheibe kennzahlen -c {made.config} --by municipality"
    )


def _simulate_district(out: Path, like: str | None) -> SimulatedDistrict:
    from examples.generate import simulate_district

    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise Wrong(
            f"{out} holds something else than a former demo; choose another folder with --out"
        )
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / _MARK).touch()
    return simulate_district(out, like=like)


def _process_district(made: SimulatedDistrict) -> dict[str, Any]:
    from pipelines.config import load_config
    from pipelines.figures.kennzahlen import FigureRequest
    from pipelines.figures.report import coordinator_report
    from pipelines.hub import Hub
    from pipelines.intake.run import run_intake
    from pipelines.transfer.hand_over import decide_transfer, hand_over

    files = [made.config]
    with Hub(load_config(made.config)) as hub:
        with _report_step("loading the deliveries"):
            results = run_intake(hub, tell=lambda text: typer.echo(f"    {text}", err=True))
        periods = []
        for first, last in made.published or {made.period: {}}:
            with _report_step(f"computing the figures of {first or '…'} to {last}"):
                periods.append(_compare_figures(hub, made, first, last))
        with _report_step("writing report and workbook"):
            files += coordinator_report(hub, FigureRequest(*made.period), made.out / "report")
        if hub.config.recipients:
            with _report_step("making the Jobcenter's forms"):
                parcel = hand_over(
                    hub,
                    decide_transfer(hub, "jobcenter", made.transfer_on),
                    made.out / "transfer" / made.transfer_on.isoformat(),
                )
            files.append(parcel.folder)
    return {
        "config": str(made.config),
        "deliveries": [
            {
                "source": r.source,
                "date": r.delivered_on.isoformat(),
                "state": r.state,
                "findings": r.findings,
            }
            for r in results
        ],
        "periods": periods,
        "files": [str(f) for f in files],
    }


def _compare_figures(hub: Hub, made: SimulatedDistrict, first: date, last: date) -> _Period:
    from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen

    found = compute_kennzahlen(hub, FigureRequest(first, last))
    values = {
        f"{f.indicator}:{f.category}" if f.category else f.indicator: f.value for f in found.figures
    }
    printed = made.published.get((first, last), {})
    compared = [
        _Published(name, value, values.get(name, 0), values.get(name, 0) == value)
        for name, value in printed.items()
    ]
    return _Period(found.period.first, found.period.last, found.figures, compared)


def _print_period(period: _Period) -> None:
    title = f"{period.first or '…'} bis {period.last}"
    if period.published:
        rows = [
            [p.figure, p.published, p.computed, "gleich" if p.equal else "ANDERS"]
            for p in period.published
        ]
        print_table(
            f"Veröffentlichte und errechnete Zahlen, {title}",
            ["Kennzahl", "veröffentlicht", "errechnet", ""],
            rows,
            right=3,
        )
        return
    shown = {
        "conversations",
        "conversations_by_setting",
        "conversations_by_kind",
        "topics",
        "referrals",
        "plans_concluded",
        "goals_reached",
        "persons_reached",
        "clients",
    }
    figures = [
        [f.indicator, f.label or "gesamt", f.value] for f in period.figures if f.indicator in shown
    ]
    print_table(f"Kennzahlen, {title}", ["Kennzahl", "Ausprägung", "Anzahl"], figures, right=1)


@contextmanager
def _report_step(text: str) -> Iterator[None]:
    typer.echo(f"  {text} …", err=True)
    began = time.monotonic()
    yield
    typer.echo(f"  {text}: done in {time.monotonic() - began:.1f} s", err=True)
