"""The asset `notices`: every night the letters that earlier recipients have to be sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.failures import Failure
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.identity_assets import IDENTITY

if TYPE_CHECKING:
    from pipelines.config import Config

GROUP = "notices"


def notices_asset(config: Config) -> dg.AssetsDefinition:
    """Finds what is due and makes the letters below ``out/notices``; sends nothing."""

    @dg.asset(
        name="notices",
        deps=[IDENTITY],
        group_name=GROUP,
        description=(
            "Letters to earlier recipients: consents revoked or expired, values corrected, persons "
            "split or erased. A person sends them. Red where a confirmation is overdue."
        ),
    )
    def notices() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=run_or_fail(lambda: make_due_letters(config)))

    return notices


def make_due_letters(config: Config) -> dict[str, Any]:
    """How many notices there are, new, made and not confirmed; Failure where one is overdue."""
    from pipelines.hub import Hub
    from pipelines.notices.notice_letters import make_letters
    from pipelines.notices.recorded_notices import (
        NoticeState,
        describe_lost,
        list_notices,
        record_due_notices,
    )

    with Hub(config) as hub:
        recorded = record_due_notices(hub)
        made = make_letters(hub, config.data_folder.output("notices"))
        known = list_notices(hub)
        overdue = [notice.notice_id for notice in known if notice.is_overdue(hub.today)]
    if recorded.lost:
        raise Failure(describe_lost(recorded.lost))
    if overdue:
        raise Failure(
            f"notices that should have been confirmed: {', '.join(overdue)}; "
            "remind the recipient: drehscheibe notices remind NUMBER"
        )
    return {
        "new": len(recorded.new),
        "letters": len(made),
        "not_confirmed": sum(notice.state is not NoticeState.CONFIRMED for notice in known),
        "unsure": dict(recorded.unsure),
    }
