"""One run of the load benchmark: loads every delivery up to a day as the intake does.

Started by load.py in a process of its own.
"""

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
    """Loads the deliveries up to ``until`` and reports the conversations of the newest one."""
    with Hub(load_config(config)) as hub:
        hub.store  # noqa: B018 - opened, and its schema made, before the clock starts
        begun = time.perf_counter()
        newest = run_intake(hub, until=until)[-1]
        seconds = round(time.perf_counter() - begun, 2)
    assert newest.loaded is not None, (newest.state, newest.message)
    (change,) = newest.loaded.changes["conversation"]
    counts = {name: getattr(change, name) for name in ("new", "changed", "unchanged")}
    stored = sum(newest.loaded.known.values())
    report_counts({**counts, "stored": stored, "run_seconds": seconds})


if __name__ == "__main__":
    load_deliveries(Path(sys.argv[1]), date.fromisoformat(sys.argv[2]))
