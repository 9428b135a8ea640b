"""The assets `figures`, `report` and `workbook`: what the hub says about a period. Nothing here names a person to anyone outside."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.config import Config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.identity_assets import IDENTITY

GROUP = "outputs"
Outcome = dict[str, int | str | None]


class ReportPeriod(dg.ConfigurableResource[None]):
    """The period of figures, report and workbook as ISO dates; what is left empty follows the configuration."""

    first: str | None = None
    last: str | None = None
    as_of: str | None = None

    def to_request(self, config: Config) -> FigureRequest:
        """The question these dates mean today."""
        first, last = config.reports.default_period(local_today(config))
        return FigureRequest(
            _parse_day(self.first) or first, _parse_day(self.last) or last, _parse_day(self.as_of)
        )


def local_today(config: Config) -> date:
    """The day it is where the schedules run."""
    return datetime.now(ZoneInfo(config.schedule.timezone)).date()


def product_assets(config: Config) -> list[dg.AssetsDefinition]:
    """The three assets of a period; their metadata count what was made and name the files, no more."""

    @dg.asset(
        deps=[IDENTITY],
        group_name=GROUP,
        description="The Kennzahlen, computed anew and counted; no row is kept.",
    )
    def figures(period: ReportPeriod) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(
            metadata=run_or_fail(lambda: _compute_figures(config, period.to_request(config)))
        )

    @dg.asset(
        deps=[figures],
        group_name=GROUP,
        description="The coordinators' report: one HTML file, and what goes with it.",
    )
    def report(period: ReportPeriod) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(
            metadata=run_or_fail(lambda: _write_report(config, period.to_request(config)))
        )

    @dg.asset(
        deps=[figures],
        group_name=GROUP,
        description="The Kennzahlen as a workbook for the state's form.",
    )
    def workbook(period: ReportPeriod) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(
            metadata=run_or_fail(lambda: _write_workbook(config, period.to_request(config)))
        )

    return [figures, report, workbook]


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

    with Hub(config) as hub:
        files = coordinator_report(hub, asked, _output_folder(config, "report", asked))
    return {
        **_period_metadata(asked),
        "files": len(files),
        "folder": str(_output_folder(config, "report", asked)),
    }


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
    return {
        name: day.isoformat() if day else None
        for name, day in (("from", asked.first), ("to", asked.last))
    }


def _parse_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
