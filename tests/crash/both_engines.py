"""Starts a worker per engine, side by side, and gathers what they tell. What is disturbed and judged stands in matrix.py."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ENGINES = ("duckdb", "postgresql")
# A folder in memory, where there is one: what a killed process wrote is there for the next one either way.
_MEMORY = Path("/dev/shm")
_ENOUGH = 2 << 30

Line = dict[str, Any]


def outcomes(
    *, kills: Mapping[str, int], randoms: int, others: int, seed: int
) -> dict[str, list[Line]]:
    """Per engine what became of every point, ``kills`` at events of each; RuntimeError where a worker did not come to its end."""
    with _folder() as folder:
        calls = [
            _call(
                folder / e,
                e,
                {"kills": kills[e], "randoms": randoms, "others": others, "seed": seed},
            )
            for e in kills
        ]
        workers = [_start(call, folder / e) for call, e in zip(calls, kills, strict=True)]
        try:
            told = [_read_told(folder / e, w) for e, w in zip(kills, workers, strict=True)]
        finally:
            for worker in workers:
                worker.terminate()
                worker.wait()
    return dict(zip(kills, told, strict=True))


def bad(lines: list[Line]) -> list[Line]:
    """The outcomes that must not be."""
    return [line for line in lines if not line["good"]]


def table(told: dict[str, list[Line]]) -> list[Line]:
    """Counted per engine, disturbance and step: points, lost, doubled, stuck, torn, leaked, unclear, equal. Only what did disturb."""
    rows: dict[tuple[str, str, str], Line] = {}
    for line in (line for lines in told.values() for line in lines if line["counted"]):
        key = (line["engine"], line["do"], line["step"])
        names = ("points", "lost", "doubled", "stuck", "torn", "leaked", "unclear", "equal")
        row = rows.setdefault(
            key,
            dict(zip(("engine", "disturbance", "step"), key, strict=True))
            | dict.fromkeys(names, 0),
        )
        row["points"] += 1
        row["lost"] += line["lost"]
        row["doubled"] += line["doubled"]
        row["stuck"] += bool(line["stuck"])
        row["torn"] += not line["between"]
        row["leaked"] += not line["sealed"]
        row["unclear"] += not line["clear"]
        row["equal"] += line["equal"]
    return [rows[key] for key in sorted(rows)]


@contextmanager
def _folder() -> Iterator[Path]:
    memory = (
        _MEMORY.is_dir()
        and os.access(_MEMORY, os.W_OK)
        and shutil.disk_usage(_MEMORY).free > _ENOUGH
    )
    folder = Path(tempfile.mkdtemp(prefix="crash-", dir=_MEMORY if memory else None))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _call(folder: Path, engine: str, numbers: dict[str, int]) -> list[str]:
    words = [word for name, number in numbers.items() for word in (f"--{name}", str(number))]
    return [sys.executable, "-m", "tests.crash.worker", str(folder), engine, *words]


def _start(call: list[str], place: Path) -> subprocess.Popen[bytes]:
    # One thread where libraries would start many: a process is forked, and two cores are shared.
    single = {
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(ROOT),
    }
    # Into files: from a pipe that nobody reads yet, the second worker would wait for the first.
    with place.with_suffix(".told").open("w") as out, place.with_suffix(".said").open("w") as err:
        return subprocess.Popen(
            call, cwd=ROOT, env={**os.environ, **single}, stdout=out, stderr=err
        )


def _read_told(place: Path, worker: subprocess.Popen[bytes]) -> list[Line]:
    """What a worker told by its end; RuntimeError where it did not come to its end."""
    if worker.wait():
        said = place.with_suffix(".said").read_text()[-3000:]
        raise RuntimeError(f"{place.name} ended with {worker.returncode}: {said}")
    return [json.loads(line) for line in place.with_suffix(".told").read_text().splitlines()]
