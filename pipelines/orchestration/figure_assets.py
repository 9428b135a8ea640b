"""The assets `figures`, `report` and `workbook`, computed for one period."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg

from pipelines.config import Config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.identity_assets import IDENTITY

GROUP = "outputs"
Outcome = dict[str, int | str | None]


class ReportPeriod(dg.ConfigurableResource[None]):
    """The period of figures, report and workbook as ISO dates; empty: as configured."""

    first: str | None = None
    last: str | None = None
    as_of: str | None = None

    def to_request(self, config: Config) -> FigureRequest:
        """The request these dates mean today."""
        usual = config.reports.default_period(config.today)
        first, last, as_of = map(_parse_day, (self.first, self.last, self.as_of))
        return FigureRequest(first or usual[0], last or usual[1], as_of)


def product_assets(config: Config) -> list[dg.AssetsDefinition]:
    """The three assets of a period; their metadata count what was made and name the files."""
    figures = _product_asset(
        config,
        "figures",
        IDENTITY,
        _compute_figures,
        "The Kennzahlen, computed anew and counted; no row is kept.",
    )
    report = _product_asset(
        config,
        "report",
        figures.key,
        _write_report,
        "The coordinators' report: one HTML file, and what goes with it.",
    )
    workbook = _product_asset(
        config,
        "workbook",
        figures.key,
        _write_workbook,
        "The Kennzahlen as a workbook for the state's form.",
    )
    return [figures, report, workbook]


def _product_asset(
    config: Config,
    name: str,
    made_of: dg.AssetKey,
    make: Callable[[Config, FigureRequest], Outcome],
    description: str,
) -> dg.AssetsDefinition:
    @dg.asset(name=name, deps=[made_of], group_name=GROUP, description=description)
    def product(period: ReportPeriod) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(
            metadata=run_or_fail(lambda: make(config, period.to_request(config)))
        )

    return product


def _compute_figures(config: Config, asked: FigureRequest) -> Outcome:
    with Hub(config) as hub:
        answer = compute_kennzahlen(hub, asked)
    totals = {f.indicator: f.value for f in answer.figures if f.category is None}
    return {
        **_period_metadata(asked),
        "load": answer.load,
        "figures": len(answer.figures),
        **totals,
    }


def _write_report(config: Config, asked: FigureRequest) -> Outcome:
    from pipelines.figures.report import coordinator_report

    folder = _output_folder(config, "report", asked)
    with Hub(config) as hub:
        files = coordinator_report(hub, asked, folder)
    return {**_period_metadata(asked), "files": len(files), "folder": str(folder)}


def _write_workbook(config: Config, asked: FigureRequest) -> Outcome:
    from pipelines.figures.workbook import kennzahlen_workbook

    folder = _output_folder(config, "kennzahlen", asked)
    with Hub(config) as hub:
        kennzahlen_workbook(hub, asked, folder / "Kennzahlen.xlsx")
    return {**_period_metadata(asked), "folder": str(folder)}


def _output_folder(config: Config, product: str, asked: FigureRequest) -> Path:
    folder = config.data_folder.output(product, f"{asked.first or 'begin'}_{asked.last or 'now'}")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _period_metadata(asked: FigureRequest) -> Outcome:
    days = {"from": asked.first, "to": asked.last}
    return {name: day.isoformat() if day else None for name, day in days.items()}


def _parse_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
