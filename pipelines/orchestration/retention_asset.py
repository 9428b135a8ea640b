"""The asset `retention`: every night it says whose data are no longer needed, by count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagster as dg

from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.identity_assets import IDENTITY

if TYPE_CHECKING:
    from pipelines.config import Config

GROUP = "rights"


def retention_asset(config: Config) -> dg.AssetsDefinition:
    """Counts who is due; empties them only where the configuration says so."""

    @dg.asset(
        name="retention",
        deps=[IDENTITY],
        group_name=GROUP,
        description="How many persons are due by the terms of retention; changes nothing by itself.",
    )
    def retention() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=run_or_fail(lambda: count_due(config)))

    return retention


def count_due(config: Config) -> dict[str, int | str]:
    """How many are due, held and undated, and how many were emptied; numbers only."""
    from pipelines.hub import Hub
    from pipelines.rights.certificate import write_certificate
    from pipelines.rights.retention import apply_retention, find_due

    with Hub(config) as hub:
        report = apply_retention(hub) if config.retention.apply else find_due(hub)
        for done in report.emptied:
            folder = config.data_folder.output("loeschungen")
            write_certificate(done, config.district.name, folder)
    counts = {"due": len(report.due), "held": len(report.held), "undated": len(report.undated)}
    return {**counts, "emptied": len(report.emptied), "until": report.until.isoformat()}
