"""What the code location holds follows from the configuration, and it loads even where that is missing or wrong."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from pipelines.config import load_config
from pipelines.definitions import build_definitions, load_definitions
from pipelines.failures import Failure
from pipelines.orchestration.failures import run_or_fail
from tests.orchestration.running import failures

CONFIGURATION = """\
district: {ags: "08999", name: Musterkreis}
sources:
  enaio: {mapping: enaio_export, folder: exports/enaio}
  tau:   {mapping: tau_office, folder: exports/tau, expect_every_days: 31}
"""
RECIPIENT = "recipients:\n  jobcenter: {name: Jobcenter Musterkreis, kind: jobcenter}\n"
SCHEDULE = 'schedule: {nightly: "30 1 * * *", timezone: Europe/Vienna}\n'


def written(folder: Path, text: str) -> dg.Definitions:
    """The definitions of a configuration with this text."""
    path = folder / "drehscheibe.yaml"
    path.write_text(text, "utf-8")
    return build_definitions(load_config(path, check_folders=False))


def assets(defs: dg.Definitions, job: str) -> set[str]:
    """The assets a job makes."""
    return {
        key.to_user_string() for key in defs.resolve_job_def(job).asset_layer.executable_asset_keys
    }


def test_jobs_make_the_assets_of_the_configuration(tmp_path: Path) -> None:
    defs = written(tmp_path, CONFIGURATION + RECIPIENT)
    dg.Definitions.validate_loadable(defs)
    outputs = {"figures", "report", "workbook"}
    sources = {
        "landing/enaio",
        "landing/tau",
        "warehouse/enaio",
        "warehouse/tau",
        "intake",
        "identity",
    }
    nightly = {"submission_replay", "notices", "retention"}
    assert assets(defs, "nightly") == sources | outputs | nightly
    assert assets(defs, "monthly_report") == outputs
    assert assets(defs, "transfer") == {"transfer/jobcenter"}


def test_without_recipients_there_is_no_transfer(tmp_path: Path) -> None:
    defs = written(tmp_path, CONFIGURATION)
    assert {job.name for job in defs.jobs or ()} == {"nightly", "monthly_report"}


def test_freshness_is_checked_where_it_is_expected(tmp_path: Path) -> None:
    defs = written(tmp_path, CONFIGURATION)
    keys = [
        key
        for assets in defs.assets or ()
        if isinstance(assets, dg.AssetsDefinition)
        for key in assets.check_keys
    ]
    assert {key.asset_key.to_user_string() for key in keys if key.name == "freshness"} == {
        "warehouse/tau"
    }


@pytest.mark.parametrize(
    ("text", "running"),
    [(CONFIGURATION, False), (CONFIGURATION + SCHEDULE, True)],
    ids=["without", "with"],
)
def test_schedules_and_sensor_run_once_the_configuration_says_when(
    tmp_path: Path, text: str, running: bool
) -> None:
    defs = written(tmp_path, text)
    status = [
        schedule.default_status.value
        for schedule in defs.schedules or ()
        if isinstance(schedule, dg.ScheduleDefinition)
    ]
    status += [sensor.default_status.value for sensor in defs.sensors or ()]
    assert status == ["RUNNING" if running else "STOPPED"] * 3


def test_schedules_follow_the_configuration(tmp_path: Path) -> None:
    night = written(tmp_path, CONFIGURATION + SCHEDULE).resolve_schedule_def("nightly")
    assert (night.cron_schedule, night.execution_timezone) == ("30 1 * * *", "Europe/Vienna")


def test_the_monthly_report_asks_for_the_period_that_ended(tmp_path: Path) -> None:
    from datetime import datetime

    defs = written(tmp_path, CONFIGURATION + "reports: {period: previous_month}\n")
    context = dg.build_schedule_context(scheduled_execution_time=datetime(2025, 3, 1, 6))
    (request,) = (
        defs.resolve_schedule_def("monthly_report").evaluate_tick(context).run_requests or ()
    )
    assert request.run_config["resources"]["period"]["config"] == {
        "first": "2025-02-01",
        "last": "2025-02-28",
    }


@pytest.mark.parametrize(
    ("warehouse", "executor"),
    [("duckdb", "in_process"), ("postgresql://d@localhost/d", "multi_or_in_process_executor")],
)
def test_the_embedded_warehouse_is_used_by_one_process(
    tmp_path: Path, warehouse: str, executor: str
) -> None:
    found = written(tmp_path, f"{CONFIGURATION}warehouse: {warehouse}\n").executor
    assert isinstance(found, dg.ExecutorDefinition)
    assert found.name == executor


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, "cannot be read"),
        (
            CONFIGURATION.replace("tau_office", "tau_ofice"),
            "drehscheibe.yaml:4: sources.tau.mapping: no mapping 'tau_ofice'; did you mean",
        ),
    ],
    ids=["missing", "wrong"],
)
def test_a_mistake_in_the_configuration_is_told_by_the_code_location(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, told: str
) -> None:
    path = tmp_path / "drehscheibe.yaml"
    if text is not None:
        path.write_text(text, "utf-8")
    monkeypatch.setenv("DREHSCHEIBE_CONFIG", str(path))
    defs = load_definitions()
    dg.Definitions.validate_loadable(defs)
    result = defs.resolve_job_def("nightly").execute_in_process(raise_on_error=False)
    assert told in failures(result)["configuration"]


def test_the_nearest_configuration_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, CONFIGURATION)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.delenv("DREHSCHEIBE_CONFIG", raising=False)
    monkeypatch.chdir(below)
    assert "warehouse/tau" in assets(load_definitions(), "nightly")


def test_a_failure_is_shown_as_text() -> None:
    def fail() -> None:
        raise Failure("die Datei \x1b[2J\u202e.csv fehlt")

    with pytest.raises(dg.Failure) as failed:
        run_or_fail(fail)
    assert failed.value.description == r"die Datei \u001b[2J\u202e.csv fehlt"
