"""A small simulated district with a name planted in its exports, run by Dagster in this process; no test stands here."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg

from examples.generate import simulate_district
from pipelines.config import load_config
from pipelines.definitions import build_definitions

PLANTED = "Qwxyzinskaja"
ROOT = Path(__file__).parents[2]


def district(folder: Path) -> Path:
    """The configuration of a district in whose TAU exports the name stands in good rows, bad rows, codes, dates and keys."""
    made = simulate_district(folder, persons=40)
    for file in made.exports.glob("tau/*/*.csv"):
        header, first, *rest = file.read_bytes().decode("cp1252").split("\r\n")
        cells = first.split(";")
        bad = [";".join([PLANTED] * len(cells)), ";".join([cells[0], *[PLANTED] * len(cells)])]
        bad += [
            ";".join([f"{PLANTED}{number}", *[PLANTED] * (len(cells) - 1)]) for number in (1, 2)
        ]
        file.write_bytes("\r\n".join([header, first, *bad, *rest]).encode("cp1252"))
    settle(made.exports)
    # A district this small may lose most of a source's conversations in half a year.
    text = made.config.read_text("utf-8").replace(
        "delivers: full", "delivers: full, max_gone_share: 1"
    )
    made.config.write_text(text, "utf-8")
    return made.config


def settle(folder: Path) -> None:
    """Makes everything below look finished long ago, so that nothing waits for it."""
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))


def execute(
    config: Path, job: str, instance: dg.DagsterInstance, **given: Any
) -> dg.ExecuteInProcessResult:
    """Runs a job of the district; a failing step does not raise."""
    found = build_definitions(load_config(config, check_folders=False)).resolve_job_def(job)
    return found.execute_in_process(instance=instance, raise_on_error=False, **given)


def materialized(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """The assets a run has made, with their metadata."""
    events = [event.materialization for event in materializations(result)]
    return {
        m.asset_key.to_user_string(): {k: v.value for k, v in m.metadata.items()} for m in events
    }


def materializations(result: dg.ExecuteInProcessResult) -> Iterator[Any]:
    """The materialization events of a run."""
    return (
        e.event_specific_data
        for e in result.all_events
        if e.event_type_value == "ASSET_MATERIALIZATION"
    )


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """What each failed step says of itself."""
    failed = [event for event in result.all_events if event.event_type_value == "STEP_FAILURE"]
    return {
        str(event.step_key): event.step_failure_data.user_failure_data.description
        for event in failed
    }


def checks(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """The checks of a run as `asset:check`, and whether they passed."""
    return {
        f"{e.asset_key.to_user_string()}:{e.check_name}": e.passed
        for e in result.get_asset_check_evaluations()
    }


def places(folder: Path, word: str) -> set[str]:
    """The files below the folder that hold the word, in any encoding in use."""
    spelled = [word.encode(encoding) for encoding in ("utf-8", "utf-16-le")]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder))
        for path in files
        if any(s in path.read_bytes() for s in spelled)
    }
