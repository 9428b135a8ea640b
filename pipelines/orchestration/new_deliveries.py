"""The sensor on the folders: a finished delivery not seen before starts a run. It looks at names, sizes and times, never into a file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import dagster as dg

from connectors.fetch.local_folder import FolderMissing, FoundDelivery, find_all_deliveries
from pipelines.config import Config
from pipelines.orchestration.jobs_and_schedules import NIGHTLY, is_scheduled

EVERY_SECONDS = 60


def new_deliveries_sensor(config: Config) -> dg.SensorDefinition:
    """Asks for one run of the nightly job per change; its cursor is the list of digests of the deliveries that lie there."""

    @dg.sensor(
        name="new_deliveries",
        job_name=NIGHTLY,
        minimum_interval_seconds=EVERY_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING
        if is_scheduled(config)
        else dg.DefaultSensorStatus.STOPPED,
        description="Starts the nightly job as soon as a delivery lies complete in a folder.",
    )
    def new_deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen = set(json.loads(context.cursor)) if context.cursor else set()
        lying = sorted(set(_ready_digests(config)))
        fresh = [digest for digest in lying if digest not in seen]
        if not fresh:
            context.update_cursor(json.dumps(lying))
            return dg.SkipReason(f"nothing new; {len(lying)} deliveries lie in the folders")
        # The same deliveries give the same key, so that Dagster itself refuses a second run for them.
        key = hashlib.sha256("".join(fresh).encode()).hexdigest()
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key)], cursor=json.dumps(lying))

    return new_deliveries


def _ready_digests(config: Config) -> Iterator[str]:
    names = list(config.sources)
    found = find_all_deliveries([config.sources[name].folder for name in names])
    for name, deliveries in zip(names, found, strict=True):
        if not isinstance(deliveries, FolderMissing):
            yield from (_delivery_digest(name, d) for d in deliveries if d.state == "ready")


def _delivery_digest(source: str, delivery: FoundDelivery) -> str:
    files = []
    for file in delivery.files:
        try:
            stat = file.path.stat()
        except FileNotFoundError:
            continue
        files.append([file.name, stat.st_size, stat.st_mtime_ns])
    text = json.dumps([source, delivery.date.isoformat(), files])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
