"""Starts a measured process and reads its report: seconds of work, peak memory, its own counts."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def report_counts(counts: Mapping[str, Any]) -> None:
    """Prints the counts and this process's peak memory, as the last line for ``measure_module``."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**counts, "peak_mib": round(peak)}), flush=True)


def start_module(module: str, *arguments: str | int | Path) -> str:
    """Runs ``module`` with ``arguments`` in a fresh interpreter and returns what it printed."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure_module(module: str, *arguments: str | int | Path) -> dict[str, Any]:
    """Runs ``module`` and returns its report, with its ``seconds`` from start to end.

    Linux lets a new process begin with the peak of the one that starts it: keep the caller small.
    """
    # Writes the disk still owes to an earlier process must not count for this one.
    os.sync()
    begun = time.perf_counter()
    *_, report = start_module(module, *arguments).splitlines()
    seconds = round(time.perf_counter() - begun, 2)
    return {**json.loads(report), "seconds": seconds}


def print_table(lines: Sequence[Mapping[str, Any]]) -> None:
    """Prints a table, one line each, with the names of the first above."""
    rows = [list(lines[0]), *([_format_value(v) for v in line.values()] for line in lines)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(map(str.rjust, row, widths)))


def _format_value(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int | float) else str(value)
