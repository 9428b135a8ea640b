"""All Kennzahlen of one large warehouse, beside SQL written by hand for some of the same numbers.

``--persons N`` and ``--events M`` set its size; the events are conversations with their participant,
topic and referral.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measured import measure_module


def main() -> None:
    """Runs both sides and prints one line of JSON; exit status 1 where they disagree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--events", type=int, default=5_000_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = measure_module("benchmarks.figures_run", "make", folder, asked.persons, asked.events)
        every = measure_module("benchmarks.figures_run", "all", folder)
        ours = measure_module("benchmarks.figures_run", "some", folder)
        hand = measure_module("benchmarks.figures_run", "hand", folder)
    answer = {
        "benchmark": "figures",
        "persons": asked.persons,
        "rows": asked.events,
        "agree": ours["figures"] == hand["figures"],
        "make_seconds": made["seconds"],
        "all_seconds": every["work_seconds"],
        "all_figures": every["figures"],
        "all_peak_mib": every["peak_mib"],
        "ours_seconds": ours["work_seconds"],
        "hand_seconds": hand["work_seconds"],
        "ratio": round(ours["work_seconds"] / hand["work_seconds"], 2),
    }
    print(json.dumps(answer))
    sys.exit(0 if answer["agree"] else 1)


if __name__ == "__main__":
    main()
