"""The asset `receipts`: every night what became of the parcels submitted to FIT-Connect."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.failures import Failure
from pipelines.orchestration.failures import run_or_fail

if TYPE_CHECKING:
    from pipelines.config import Config

GROUP = "receipts"


def list_receipt_assets(config: Config) -> list[dg.AssetsDefinition]:
    """The asset, where a recipient gets its parcels by FIT-Connect."""
    ways = [recipient.hand_over.to for recipient in config.recipients.values()]
    return [_receipts_asset(config)] if any(to and to.fit_connect for to in ways) else []


def _receipts_asset(config: Config) -> dg.AssetsDefinition:
    @dg.asset(
        name="receipts",
        group_name=GROUP,
        description=(
            "Reads the signed event log of each parcel submitted to FIT-Connect: handed over, "
            "received or rejected with reason. Submits nothing. Red where one is not confirmed."
        ),
    )
    def receipts() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=run_or_fail(lambda: count_answers(config)))

    return receipts


def count_answers(config: Config) -> dict[str, Any]:
    """How many parcels came to which state; Failure where one has a problem."""
    from pipelines.hub import Hub
    from pipelines.transfer.delivery_log import ask_parcels

    with Hub(config) as hub:
        asked = ask_parcels(hub)
    problems = [f"{one.parcel.number}: {one.problem}" for one in asked if one.problem]
    if problems:
        raise Failure(" ".join(problems))
    return dict(Counter(one.parcel.state for one in asked))
