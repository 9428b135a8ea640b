"""Builds ``defs``, the Dagster definitions of the configured district."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from pipelines.config import Config, ConfigError, find_config, load_config
from pipelines.orchestration.broken_configuration import definitions_of_mistake
from pipelines.orchestration.figure_assets import ReportPeriod, product_assets
from pipelines.orchestration.identity_assets import identity_asset
from pipelines.orchestration.intake_assets import intake_asset
from pipelines.orchestration.jobs_and_schedules import define_jobs, define_schedules
from pipelines.orchestration.new_deliveries import new_deliveries_sensor
from pipelines.orchestration.notice_assets import notices_asset
from pipelines.orchestration.receipt_asset import list_receipt_assets
from pipelines.orchestration.retention_asset import retention_asset
from pipelines.orchestration.source_assets import source_asset
from pipelines.orchestration.submission_assets import submission_asset
from pipelines.orchestration.transfer_assets import transfer_asset

VARIABLE = "DREHSCHEIBE_CONFIG"


def build_definitions(config: Config) -> dg.Definitions:
    """The assets, checks, jobs, schedules and the sensor of one district."""
    return dg.Definitions(
        assets=[
            intake_asset(config),
            *(source_asset(config, name) for name in config.sources),
            identity_asset(config),
            *product_assets(config),
            submission_asset(config),
            *([notices_asset(config)] if config.recipients else []),
            *list_receipt_assets(config),
            retention_asset(config),
            *(transfer_asset(config, name) for name in config.recipients),
        ],
        jobs=define_jobs(config),
        schedules=define_schedules(config),
        sensors=[new_deliveries_sensor(config)],
        resources={"period": ReportPeriod()},
        # Only one process may open the embedded warehouse; a server serves several.
        executor=dg.in_process_executor
        if config.warehouse == "duckdb"
        else dg.multi_or_in_process_executor,
    )


def load_definitions() -> dg.Definitions:
    """The definitions of the configuration in DREHSCHEIBE_CONFIG, or else the nearest one above.

    A wrong configuration gives definitions that show its mistakes.
    """
    named = os.environ.get(VARIABLE)
    try:
        path = Path(named) if named else find_config(Path.cwd())
        # A missing folder makes its source red, not the whole district.
        return build_definitions(load_config(path, check_folders=False))
    except ConfigError as error:
        return definitions_of_mistake(error)


defs = load_definitions()
