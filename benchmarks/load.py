"""Benchmark of loading: contacts from a folder into an embedded warehouse, first, again unchanged, and with one in a thousand changed."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

RUNS = {"first": "2026-01-31", "unchanged": "2026-02-28", "changed": "2026-03-31"}
EVERY = 1000
CONFIG = """\
district: {{ags: "08999", name: Musterkreis}}
data: data
carriers: {{diakonie: {{name: Diakonieverband Musterkreis}}}}
municipalities: {{"08999001": {{name: Musterstadt}}}}
sources: {{tau: {{mapping: "{mapping}", folder: exports, carrier: diakonie, delivers: full}}}}
"""


def main() -> int:
    """Prints a table and, as the last line, the same as JSON; 1 if a run did not find what was there to find."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    rows: int = asked.parse_args().rows
    from benchmarks.measured import measure, show

    with tempfile.TemporaryDirectory(prefix="drehscheibe-load-") as folder:
        config = Path(folder) / "drehscheibe.yaml"
        mapping = Path(__file__).with_name("kontakte.yaml").resolve()
        config.write_text(CONFIG.format(mapping=mapping), encoding="utf-8")
        _deliver(Path(folder) / "exports", rows)
        runs = {name: measure("benchmarks.load_run", config, day) for name, day in RUNS.items()}
        size = (Path(folder) / "data" / "warehouse.duckdb").stat().st_size
    show([{"run": name, **run} for name, run in runs.items()])
    first, unchanged, changed = runs.values()
    known, odd = first["new"], rows // EVERY
    well = unchanged["unchanged"] == known and (changed["changed"], changed["unchanged"]) == (odd, known - odd)
    print("every run found what was there to find" if well else "a run found something else than what was there")
    answer = {
        "benchmark": "load",
        "rows": rows,
        "first_seconds": first["run_seconds"],
        "first_rows_per_second": round(rows / first["run_seconds"]),
        "unchanged_seconds": unchanged["run_seconds"],
        "changed_seconds": changed["run_seconds"],
        "ratio": round(unchanged["run_seconds"] / first["run_seconds"], 3),
        "peak_mib": max(run["peak_mib"] for run in runs.values()),
        "warehouse_mib": round(size / 2**20),
        "agree": well,
    }
    print(json.dumps(answer))
    return int(not well)


def _deliver(exports: Path, rows: int) -> None:
    """One delivery for each run: the second has the bytes of the first, in the third every thousandth contact lasted longer."""
    from benchmarks.measured import start

    first, unchanged, changed = (exports / day / "Kontakte.csv" for day in RUNS.values())
    for file in (first, unchanged, changed):
        file.parent.mkdir(parents=True)
    start("benchmarks.contacts", first, rows, "plain")
    unchanged.hardlink_to(first)
    with first.open("rb") as old, changed.open("wb") as new:
        for number, line in enumerate(old):
            if number % EVERY == 1:
                cells = line.split(b";")
                line = b";".join([*cells[:3], b'"7,0"', *cells[4:]])
            new.write(line)


if __name__ == "__main__":
    raise SystemExit(main())
