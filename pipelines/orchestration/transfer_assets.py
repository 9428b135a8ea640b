"""The assets `transfer/<recipient>`: a parcel of forms with personal data, started by hand only."""

from collections import Counter
from typing import Any

import dagster as dg
from pydantic import Field

from pipelines.config import Config
from pipelines.failures import Failure, Kind
from pipelines.hub import Hub
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.identity_assets import IDENTITY
from pipelines.transfer.hand_over import hand_over
from pipelines.transfer.sending_policy import decide_sending

GROUP = "transfer"
_PARENT_TAG = "dagster/parent_run_id"


class Confirmation(dg.Config):
    """What a person types to start a transfer; it is always of today."""

    confirm_recipient: str = Field(
        description=(
            "The name of the recipient, typed exactly as in the configuration: "
            "it confirms that forms with personal data are to be made for it, as of today."
        )
    )


def transfer_asset(district: Config, recipient: str) -> dg.AssetsDefinition:
    """The parcel of today for one recipient, under ``out/transfer`` of the data folder.

    Its metadata count forms and refusals and name no person.
    """
    name = district.recipients[recipient].name

    @dg.asset(
        key=["transfer", recipient],
        deps=[IDENTITY],
        group_name=GROUP,
        description=(
            f"Forms for {name}, of everyone whose consent holds "
            "today, as a parcel with manifest. It holds personal data: it is made "
            "by the job `transfer`, started by a person, never by itself."
        ),
    )
    def transfer(
        context: dg.AssetExecutionContext, config: Confirmation
    ) -> dg.MaterializeResult[None]:
        def work() -> dict[str, Any]:
            check_confirmation(context.run, config.confirm_recipient, name)
            return _hand_over_forms(district, recipient)

        return dg.MaterializeResult(metadata=run_or_fail(work))

    return transfer


def check_confirmation(run: dg.DagsterRun, typed: str, name: str) -> None:
    """Raises Failure unless a person has typed the recipient's name for this very run."""
    if typed.strip() != name:
        raise Failure(
            "the transfer was not confirmed, and nothing was made: "
            f"'confirm_recipient' has to be the recipient's name, {name}",
            Kind.WRONG_CALL,
        )
    if run.parent_run_id is not None or _PARENT_TAG in run.tags:
        # The name was typed for the run that is repeated, perhaps days ago.
        raise Failure(
            "a transfer is not repeated from an earlier run, and nothing was made: "
            "start it anew in the launchpad",
            Kind.WRONG_CALL,
        )


def _hand_over_forms(config: Config, recipient: str) -> dict[str, Any]:
    with Hub(config) as hub:
        on = hub.today
        own = config.data_folder.output("transfer", recipient, on.isoformat())
        out = None if config.recipients[recipient].hand_over.to else own
        decision = decide_sending(hub, recipient, on)
        parcel = hand_over(hub, decision, out)
    first_reasons = Counter(refused.reason for refused in parcel.refused)
    return {
        "on": on.isoformat(),
        "load": decision.gate.known_at.load,
        "released": len(parcel.released),
        "refused": len(parcel.refused),
        **{f"refused_{reason}": count for reason, count in sorted(first_reasons.items())},
        "not_printed": len(parcel.not_printed),
        "no_forms_from": decision.stale,
        "folder": str(parcel.folder or ""),
    }
