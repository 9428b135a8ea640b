"""The assets `transfer/<recipient>`: a parcel of forms with personal data, started by hand only."""

from collections import Counter
from datetime import date
from typing import Any

import dagster as dg

from pipelines.config import Config
from pipelines.hub import Hub
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.figure_assets import local_today
from pipelines.orchestration.identity_assets import IDENTITY
from pipelines.transfer.decision import decide_transfer
from pipelines.transfer.hand_over import hand_over

GROUP = "transfer"


class Sending(dg.Config):
    """The day of sending as an ISO date (empty: today); consents are judged on it."""

    on: str | None = None


def transfer_asset(district: Config, recipient: str) -> dg.AssetsDefinition:
    """The parcel for one recipient, under ``out/transfer`` of the data folder.

    Its metadata count forms and refusals and name no person.
    """

    @dg.asset(
        key=["transfer", recipient],
        deps=[IDENTITY],
        group_name=GROUP,
        description=(
            f"Forms for {district.recipients[recipient].name}, of everyone whose consent holds "
            "on the day of sending, as a parcel with manifest. It holds personal data: it is made "
            "by the job `transfer`, started by a person, never by itself."
        ),
    )
    def transfer(config: Sending) -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(
            metadata=run_or_fail(lambda: _hand_over_forms(district, recipient, config.on))
        )

    return transfer


def _hand_over_forms(config: Config, recipient: str, day: str | None) -> dict[str, Any]:
    on = date.fromisoformat(day) if day else local_today(config)
    out = config.data_folder.output("transfer", recipient, on.isoformat())
    with Hub(config) as hub:
        decision = decide_transfer(hub, recipient, on)
        hand_over(hub, decision, out)
    first_reasons = Counter(reasons[0] for reasons in decision.refused.values())
    return {
        "on": on.isoformat(),
        "load": decision.gate.known_at.load,
        "released": len(decision.released),
        "refused": len(decision.refused),
        **{f"refused_{reason}": count for reason, count in sorted(first_reasons.items())},
        "folder": str(out),
    }
