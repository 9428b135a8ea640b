"""Where Dagster finds the hub: ``defs``, built from the configuration. What an asset or a job does stands in orchestration/."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from pipelines.config import Config, ConfigError, find_config, load_config
from pipelines.orchestration.intake import intake_asset
from pipelines.orchestration.new_deliveries import new_deliveries_sensor
from pipelines.orchestration.persons import identity_asset
from pipelines.orchestration.products import ReportPeriod, product_assets
from pipelines.orchestration.source_state import source_asset
from pipelines.orchestration.timing import jobs, schedules
from pipelines.orchestration.transfers import transfer_asset
from pipelines.orchestration.unconfigured import definitions_of_mistake

VARIABLE = "DREHSCHEIBE_CONFIG"


def definitions(config: Config) -> dg.Definitions:
    """The assets, checks, jobs, schedules and the sensor of one district."""
    return dg.Definitions(
        assets=[
            intake_asset(config),
            *(source_asset(config, name) for name in config.sources),
            identity_asset(config),
            *product_assets(config),
            *(transfer_asset(config, name) for name in config.recipients),
        ],
        jobs=jobs(config),
        schedules=schedules(config),
        sensors=[new_deliveries_sensor(config)],
        resources={"period": ReportPeriod()},
        # The embedded warehouse is one process's; a server takes several, and a run may choose.
        executor=dg.in_process_executor if config.warehouse == "duckdb" else dg.multi_or_in_process_executor,
    )


def configured() -> dg.Definitions:
    """The definitions of the configuration that DREHSCHEIBE_CONFIG names, or of the nearest one above; its mistakes otherwise."""
    named = os.environ.get(VARIABLE)
    try:
        # A folder that is missing today makes its source red, not the whole district.
        return definitions(load_config(Path(named) if named else find_config(Path.cwd()), check_folders=False))
    except ConfigError as error:
        return definitions_of_mistake(error)


defs = configured()
