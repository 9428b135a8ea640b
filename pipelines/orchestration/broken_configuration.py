"""Makes the Dagster definitions that show what is wrong with a configuration."""

from __future__ import annotations

import dagster as dg

from pipelines.config import ConfigError
from pipelines.orchestration.jobs_and_schedules import MONTHLY, NIGHTLY


def definitions_of_mistake(error: ConfigError) -> dg.Definitions:
    """Definitions that load; their asset `configuration` shows the mistakes and fails with them."""
    mistakes = str(error)
    # The usual names: a scheduled job then fails with the mistakes, not as an unknown job.
    jobs = [dg.define_asset_job(name, dg.AssetSelection.all()) for name in (NIGHTLY, MONTHLY)]
    dg.get_dagster_logger("drehscheibe").error(
        "the configuration is missing or wrong:\n%s", mistakes
    )
    return dg.Definitions(
        assets=[_failing_asset(mistakes)],
        jobs=jobs,
        metadata={"configuration": mistakes},
        executor=dg.in_process_executor,
    )


def _failing_asset(mistakes: str) -> dg.AssetsDefinition:
    advice = "Mend it, or name another in DREHSCHEIBE_CONFIG, then reload this code location."
    problem = "Nothing can run: the configuration is missing or wrong."
    shown = f"{problem}\n\n```\n{mistakes}\n```\n\n{advice}"

    @dg.asset(description=shown)
    def configuration() -> dg.MaterializeResult[None]:
        raise dg.Failure(mistakes, allow_retries=False)

    return configuration
