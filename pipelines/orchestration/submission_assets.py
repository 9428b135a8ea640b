"""The asset `submission_replay`: every night one submission is made again, byte for byte."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import dagster as dg

from pipelines.failures import Failure
from pipelines.orchestration.failures import run_or_fail
from pipelines.orchestration.identity_assets import IDENTITY

if TYPE_CHECKING:
    from pipelines.config import Config

GROUP = "submissions"


def submission_asset(config: Config) -> dg.AssetsDefinition:
    """Replays one of the submissions, chosen at random; red where a byte differs."""

    @dg.asset(
        name="submission_replay",
        deps=[IDENTITY],
        group_name=GROUP,
        description="One submission, chosen at random, made again and compared byte for byte.",
    )
    def submission_replay() -> dg.MaterializeResult[None]:
        return dg.MaterializeResult(metadata=run_or_fail(lambda: replay_one(config)))

    return submission_replay


def replay_one(config: Config) -> dict[str, int | str]:
    """Which submission was made again, with how many files; Failure where one differs."""
    from pipelines.hub import Hub
    from pipelines.submission.replayed_package import choose_submission, replay_submission

    with Hub(config) as hub:
        chosen = choose_submission(hub, random.Random())
        if chosen is None:
            return {"submissions": 0}
        replayed = replay_submission(hub, chosen.submission_id)
    if not replayed.equal:
        files = ", ".join(difference.file for difference in replayed.differences)
        raise Failure(
            f"{replayed.id} is not made again as it was: {files}; where: "
            f"drehscheibe submit replay {replayed.id}"
        )
    return {"submission": replayed.id, "files": replayed.files}
