"""The benchmarks still run, agree with their rivals and end with one line of JSON; how fast they are is not asked here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "rows", "figures"),
    [
        (
            "mapping",
            6_000,
            {"ours_seconds", "duckdb_seconds", "ratio", "ours_peak_mib", "duckdb_peak_mib"},
        ),
        ("load", 4_000, {"duckdb", "postgresql", "adbc"}),
        ("forms", 20, {"seconds", "cpu_seconds"}),
    ],
)
def test_benchmark(name: str, rows: int, figures: set[str]) -> None:
    command = [sys.executable, f"benchmarks/{name}.py", "--rows", str(rows)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    answer = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0, done.stdout
    assert (answer["benchmark"], answer["rows"], answer["agree"]) == (name, rows, True)
    assert figures <= answer.keys()
