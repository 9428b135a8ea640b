"""The command demo: simulates a district, loads it and makes all its documents once."""

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
from pipelines.cli.options import Json, check_name, print_json, print_progress, print_table

if TYPE_CHECKING:
    from datetime import date

    from connectors.documents.figure_data import Figure
    from examples.generate import SimulatedDistrict
    from pipelines.hub import Hub
    from pipelines.intake.load_delivery import DeliveryResult

# An empty file that marks a folder as made by the demo, which may then replace it.
_MARK = ".drehscheibe-demo"
_REPORTS = ("alb-donau", "tuebingen")
_MAIN_FIGURES = {
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
DemoFolder = Annotated[
    Path,
    typer.Option(
        "--out", help="The folder for the simulated district; a former demo in it is replaced."
    ),
]
Like = Annotated[
    str | None,
    typer.Option(
        "--like",
        help="alb-donau or tuebingen: a district whose totals are those of a published report.",
    ),
]

Hard = Annotated[
    bool,
    typer.Option(
        "--hard",
        help="Systems that write names, dates and the rest of one person differently, to try the "
        "review of who is one person.",
    ),
]


@dataclass(frozen=True)
class _Published:
    """A figure of a published report and the one computed."""

    figure: str
    published: int
    computed: int
    equal: bool


@dataclass(frozen=True)
class _Period:
    """The figures of a period, and those among them that a report published."""

    first: date | None
    last: date | None
    figures: Sequence[Figure]
    published: Sequence[_Published]


def demo(
    out: DemoFolder = Path("demo"), like: Like = None, hard: Hard = False, json: Json = False
) -> None:
    """Simulate a district with four systems, run everything, name the files made and show the main
    figures.

    Example: drehscheibe demo --like alb-donau
    """
    if like is not None:
        check_name("report", like, _REPORTS)
        if hard:
            raise Wrong("--like has the persons of a report, --hard others; choose one of them")
    with _report_step("simulating a district and its exports"):
        made = _simulate_district(out, like, hard=hard)
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
        f"\nLook further:  drehscheibe findings -c {made.config}   ·   "
        f"drehscheibe kennzahlen -c {made.config} --by municipality"
    )
    if answer["to_review"]:
        typer.echo(
            f"{answer['to_review']} pairs of records may be one person:  "
            f"drehscheibe identity review -c {made.config} --page"
        )


def _simulate_district(out: Path, like: str | None, *, hard: bool) -> SimulatedDistrict:
    from examples.generate import simulate_district
    from examples.hard.phenomena import ALL_PHENOMENA

    if out.exists() and any(out.iterdir()) and not (out / _MARK).exists():
        raise Wrong(
            f"{out} holds something else than a former demo; choose another folder with --out"
        )
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / _MARK).touch()
    return simulate_district(out, like=like, hard=ALL_PHENOMENA if hard else None)


def _process_district(made: SimulatedDistrict) -> dict[str, Any]:
    """Loads the district, computes its figures and writes its documents."""
    from pipelines.config import load_config
    from pipelines.hub import Hub
    from pipelines.intake.run import run_intake
    from warehouse.identity.waiting_pairs import list_waiting

    with Hub(load_config(made.config), day=made.transfer_on) as hub:
        with _report_step("loading the deliveries"):
            results = run_intake(hub, tell=lambda text: print_progress(f"    {text}"))
        periods = []
        for first, last in made.published or [made.period]:
            with _report_step(f"computing the figures of {first or '…'} to {last}"):
                periods.append(_compare_figures(hub, made, first, last))
        files = [made.config, *_write_documents(hub, made)]
        with hub.store.read() as connection:
            to_review = len(list_waiting(connection))
    return {
        "config": str(made.config),
        "deliveries": [_delivery_data(r) for r in results],
        "periods": periods,
        "files": [str(f) for f in files],
        "to_review": to_review,
    }


def _delivery_data(result: DeliveryResult) -> dict[str, Any]:
    return {
        "source": result.source,
        "date": result.delivered_on.isoformat(),
        "state": result.state,
        "findings": result.findings,
    }


def _write_documents(hub: Hub, made: SimulatedDistrict) -> Iterator[Path]:
    """Writes report and workbook, and the forms where there is a recipient; yields their paths."""
    from pipelines.figures.kennzahlen import FigureRequest
    from pipelines.figures.report import coordinator_report
    from pipelines.transfer.decision import decide_transfer
    from pipelines.transfer.hand_over import hand_over

    with _report_step("writing report and workbook"):
        yield from coordinator_report(hub, FigureRequest(*made.period), made.out / "report")
    if not hub.config.recipients:
        return
    with _report_step("making the Jobcenter's forms"):
        decision = decide_transfer(hub, "jobcenter", made.transfer_on)
        folder = made.out / "transfer" / made.transfer_on.isoformat()
        hand_over(hub, decision, folder)
        yield folder


def _compare_figures(hub: Hub, made: SimulatedDistrict, first: date, last: date) -> _Period:
    from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen

    found = compute_kennzahlen(hub, FigureRequest(first, last))
    values = {
        f"{f.indicator}:{f.category}" if f.category else f.indicator: f.value for f in found.figures
    }
    published = made.published.get((first, last), {})
    compared = [_compare_value(n, value, values.get(n, 0)) for n, value in published.items()]
    return _Period(found.period.first, found.period.last, found.figures, compared)


def _compare_value(figure: str, published: int, computed: int) -> _Published:
    return _Published(figure, published, computed, computed == published)


def _print_period(period: _Period) -> None:
    """Prints the published figures beside the computed ones, or else the main figures."""
    from mappings.catalogue import choose_catalogue, label_indicators

    title = f"{period.first or '…'} bis {period.last}"
    if period.published:
        columns = ["Kennzahl", "veröffentlicht", "errechnet", ""]
        rows = [_published_row(p) for p in period.published]
        print_table(f"Veröffentlichte und errechnete Zahlen, {title}", columns, rows, right=3)
        return
    columns = ["Kennzahl", "Ausprägung", "Anzahl"]
    main = [f for f in period.figures if f.indicator in _MAIN_FIGURES]
    labels = label_indicators(choose_catalogue(period.last))
    rows = [[labels[f.indicator], f.label or "gesamt", f.value] for f in main]
    print_table(f"Kennzahlen, {title}", columns, rows, right=1)


def _published_row(p: _Published) -> list[Any]:
    return [p.figure, p.published, p.computed, "gleich" if p.equal else "ANDERS"]


@contextmanager
def _report_step(text: str) -> Iterator[None]:
    print_progress(f"  {text} …")
    began = time.monotonic()
    yield
    print_progress(f"  {text}: done in {time.monotonic() - began:.1f} s")
