"""When work starts: the jobs, their schedules, and who starts them. What a job does stands with its assets."""

from __future__ import annotations

import dagster as dg

from pipelines.config import Config
from pipelines.orchestration import figure_assets, transfer_assets

NIGHTLY, MONTHLY, TRANSFER = "nightly", "monthly_report", "transfer"


def define_jobs(config: Config) -> list[dg.UnresolvedAssetJobDefinition]:
    """Nightly: all but transfers. Monthly: figures, report, workbook of the period that ended. Transfer: by hand only."""
    personal = dg.AssetSelection.groups(transfer_assets.GROUP)
    reports = dg.AssetSelection.groups(figure_assets.GROUP)
    found = [
        dg.define_asset_job(
            NIGHTLY,
            dg.AssetSelection.all() - personal if config.recipients else dg.AssetSelection.all(),
            description="Takes what waits and renews figures, report and workbook.",
        ),
        dg.define_asset_job(
            MONTHLY,
            reports,
            description="Figures, report and workbook of the period that has ended.",
        ),
    ]
    if config.recipients:
        text = "Makes the parcels with personal data for the recipients; started by a person, never by itself."
        found.append(dg.define_asset_job(TRANSFER, personal, description=text))
    return found


def define_schedules(config: Config) -> list[dg.ScheduleDefinition]:
    """The cron lines of the configuration. They run by themselves once it has a ``schedule`` part, else when switched on."""
    plan = config.schedule
    runs = (
        dg.DefaultScheduleStatus.RUNNING
        if is_scheduled(config)
        else dg.DefaultScheduleStatus.STOPPED
    )

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
    """True where the configuration says when to run: nothing starts by itself on a machine where one only tries."""
    return "schedule" in config.model_fields_set
