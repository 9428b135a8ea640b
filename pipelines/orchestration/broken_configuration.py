"""What Dagster shows where there is no usable configuration: one asset and the jobs, all of which say what is wrong."""

from __future__ import annotations

import dagster as dg

from pipelines.config import ConfigError
from pipelines.orchestration.jobs_and_schedules import MONTHLY, NIGHTLY


def definitions_of_mistake(error: ConfigError) -> dg.Definitions:
    """A code location that loads; its asset `configuration` holds the mistakes with their lines and fails with them."""
    told = str(error)
    mend = "Mend it, or name another in DREHSCHEIBE_CONFIG, then reload this code location."
    shown = f"Nothing can run: the configuration is missing or wrong.\n\n```\n{told}\n```\n\n{mend}"

    @dg.asset(description=shown)
    def configuration() -> dg.MaterializeResult[None]:
        raise dg.Failure(told, allow_retries=False)

    dg.get_dagster_logger("drehscheibe").error("the configuration is missing or wrong:\n%s", told)
    # The same names as ever: what starts a job by night then fails with the sentence, not with an unknown job.
    named = [dg.define_asset_job(name, dg.AssetSelection.all()) for name in (NIGHTLY, MONTHLY)]
    return dg.Definitions(
        assets=[configuration],
        jobs=named,
        metadata={"configuration": told},
        executor=dg.in_process_executor,
    )
