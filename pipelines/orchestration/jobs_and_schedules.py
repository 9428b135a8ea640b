"""The jobs, which assets they make, and when the schedules start them."""

from __future__ import annotations

import dagster as dg

from pipelines.config import Config
from pipelines.orchestration import figure_assets, transfer_assets

NIGHTLY, MONTHLY, TRANSFER = "nightly", "monthly_report", "transfer"


def define_jobs(config: Config) -> list[dg.UnresolvedAssetJobDefinition]:
    """Nightly: all but transfers. Monthly: the closed period. Transfer: started by hand only."""
    everything = dg.AssetSelection.all()
    personal = dg.AssetSelection.groups(transfer_assets.GROUP)
    reports = dg.AssetSelection.groups(figure_assets.GROUP)
    jobs = [
        dg.define_asset_job(
            NIGHTLY,
            everything - personal if config.recipients else everything,
            description="Takes what waits and renews figures, report and workbook.",
        ),
        dg.define_asset_job(
            MONTHLY,
            reports,
            description="Figures, report and workbook of the period that has ended.",
        ),
    ]
    if config.recipients:
        text = (
            "Makes the parcels with personal data for the recipients; "
            "started by a person, never by itself."
        )
        jobs.append(dg.define_asset_job(TRANSFER, personal, description=text))
    return jobs


def define_schedules(config: Config) -> list[dg.ScheduleDefinition]:
    """The schedules of the configuration; without a ``schedule`` part they are switched off."""
    plan, status = config.schedule, dg.DefaultScheduleStatus
    runs = status.RUNNING if is_scheduled(config) else status.STOPPED

    def closed_period(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        first, last = config.reports.default_period(context.scheduled_execution_time.date())
        period = {"first": first.isoformat(), "last": last.isoformat()}
        return dg.RunRequest(run_config={"resources": {"period": {"config": period}}})

    night = dg.ScheduleDefinition(
        name=NIGHTLY,
        job_name=NIGHTLY,
        cron_schedule=plan.nightly,
        execution_timezone=plan.timezone,
        default_status=runs,
    )
    month = dg.ScheduleDefinition(
        name=MONTHLY,
        job_name=MONTHLY,
        cron_schedule=plan.monthly,
        execution_timezone=plan.timezone,
        execution_fn=closed_period,
        default_status=runs,
    )
    return [night, month]


def is_scheduled(config: Config) -> bool:
    """Whether the configuration has a schedule; without one nothing starts by itself."""
    return "schedule" in config.model_fields_set
