"""One run of the load benchmark: everything that waits up to a day, the real way. Started by load.py in a process of its own."""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

from benchmarks.measured import report_counts
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake


def load_deliveries(config: Path, until: date) -> None:
    """Takes what waits up to ``until`` and says what became of the conversations in the newest delivery."""
    with Hub(load_config(config)) as hub:
        hub.store  # noqa: B018 - opened, and its schema made, before the clock starts
        begun = time.perf_counter()
        taken = run_intake(hub, until=until)[-1]
        seconds = time.perf_counter() - begun
    assert taken.loaded is not None, (taken.state, taken.message)
    (change,) = taken.loaded.changes["conversation"]
    counts = {
        "new": change.new,
        "changed": change.changed,
        "unchanged": change.unchanged,
        "stored": sum(taken.loaded.known.values()),
    }
    report_counts({**counts, "run_seconds": round(seconds, 2)})


if __name__ == "__main__":
    load_deliveries(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
