"""The sensor on the folders: a complete delivery not seen before starts the nightly job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import dagster as dg

from connectors.fetch.local_folder import FolderMissing, FoundDelivery
from pipelines.config import Config
from pipelines.intake.run import find_in_folders
from pipelines.orchestration.jobs_and_schedules import NIGHTLY, is_scheduled

EVERY_SECONDS = 60


def new_deliveries_sensor(config: Config) -> dg.SensorDefinition:
    """Requests one run per change, judged by names, sizes and times; never opens a file.

    The cursor is the list of digests of the deliveries in the folders.
    """
    status = dg.DefaultSensorStatus

    @dg.sensor(
        name="new_deliveries",
        job_name=NIGHTLY,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=status.RUNNING if is_scheduled(config) else status.STOPPED,
        description="Starts the nightly job as soon as a delivery lies complete in a folder.",
    )
    def new_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        return _request_run(context, sorted(set(_ready_digests(config))))

    return new_deliveries


def _request_run(
    context: dg.SensorEvaluationContext, digests: list[str]
) -> dg.SensorResult | dg.SkipReason:
    seen = json.loads(context.cursor) if context.cursor else []
    fresh = [digest for digest in digests if digest not in seen]
    cursor = json.dumps(digests)
    if not fresh:
        context.update_cursor(cursor)
        return dg.SkipReason(f"nothing new; {len(digests)} deliveries lie in the folders")
    # The same deliveries give the same key: Dagster itself refuses a second run for them.
    key = hashlib.sha256("".join(fresh).encode()).hexdigest()
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=cursor)


def _ready_digests(config: Config) -> Iterator[str]:
    for name, deliveries in find_in_folders(config, list(config.sources)):
        if not isinstance(deliveries, FolderMissing):
            yield from (_delivery_digest(name, d) for d in deliveries if d.state == "ready")


def _delivery_digest(source: str, delivery: FoundDelivery) -> str:
    files: list[list[str | int]] = [[file.name, file.reason] for file in delivery.refused]
    for file in delivery.files:
        try:
            stat = file.path.stat()
        except FileNotFoundError:
            continue
        files.append([file.name, stat.st_size, stat.st_mtime_ns])
    text = json.dumps([source, delivery.date.isoformat(), files])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
