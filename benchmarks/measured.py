"""What a measured process says of itself, and how one is started: seconds of work, peak memory, its own counts."""

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
    """Prints the counts and the highest memory this process ever held, as the last line for ``measure_module``."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**counts, "peak_mib": round(peak)}), flush=True)


def start_module(module: str, *arguments: str | int | Path) -> str:
    """Runs ``module`` with ``arguments`` in a fresh interpreter and returns what it printed."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def measure_module(module: str, *arguments: str | int | Path) -> dict[str, Any]:
    """What ``module`` reports of itself when it is run, and its ``seconds`` from start to end.

    Linux lets a new process begin with the peak of the one that starts it: keep the caller small.
    """
    # What the process before left to be written to the disk is not this one's.
    os.sync()
    begun = time.perf_counter()
    printed = start_module(module, *arguments)
    seconds = time.perf_counter() - begun
    return {**json.loads(printed.splitlines()[-1]), "seconds": round(seconds, 2)}


def print_table(lines: Sequence[Mapping[str, Any]]) -> None:
    """Prints a table, one line each, with the names of the first above."""
    rows = [
        list(lines[0]),
        *(
            [f"{v:,}" if isinstance(v, int | float) else str(v) for v in line.values()]
            for line in lines
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)))
