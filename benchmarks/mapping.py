"""Benchmark of the mapping: 15 columns of CSV into entities and findings as Parquet.

By our engine and by hand-written DuckDB SQL.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

COUNTS = ("rows", "used", "rejected", "repeated")
SIDES = ("ours", "duckdb")


def run_benchmark() -> int:
    """Prints a table and, as the last line, the same as JSON; 1 if the two sides differ."""
    from benchmarks.measured import print_table

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    rows: int = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="drehscheibe-mapping-") as folder:
        sides = _measure_sides(Path(folder), rows)
        differences = _find_differences(Path(folder), sides)
    names = (*COUNTS, "seconds", "peak_mib")
    print_table([{"side": side, **{n: s[n] for n in names}} for side, s in sides.items()])
    print("\n".join(differences) or "every value is the same on both sides")
    print(json.dumps({**_compare_sides(rows, **sides), "agree": not differences}))
    return int(bool(differences))


def _measure_sides(folder: Path, rows: int) -> dict[str, dict[str, Any]]:
    """The measures of both sides, each of which leaves its tables in a folder of its name."""
    from benchmarks.measured import measure_module, start_module

    file = folder / "Kontakte.csv"
    start_module("benchmarks.contacts", file, rows, "odd")
    sides = {}
    for side in SIDES:
        out = folder / side
        out.mkdir()
        sides[side] = measure_module(f"benchmarks.mapping_{side}", file, out)
    return sides


def _compare_sides(rows: int, ours: dict[str, Any], duckdb: dict[str, Any]) -> dict[str, Any]:
    seconds, rival = ours["seconds"], duckdb["seconds"]
    return {
        "benchmark": "mapping",
        "rows": rows,
        "columns": 15,
        "ours_seconds": seconds,
        "duckdb_seconds": rival,
        "ratio": round(seconds / rival, 3),
        "ours_peak_mib": ours["peak_mib"],
        "duckdb_peak_mib": duckdb["peak_mib"],
        "ours_rows_per_second": round(rows / seconds),
    }


def _find_differences(folder: Path, sides: dict[str, dict[str, Any]]) -> list[str]:
    """The counts, and the columns of written tables, that differ; order does not matter."""
    import duckdb

    ours, rival = (sides[side] for side in SIDES)
    found = [f"{n}: {ours[n]} and {rival[n]}" for n in COUNTS if ours[n] != rival[n]]
    tables = {path.name for path in folder.glob("*/*.parquet")}
    with duckdb.connect() as connection:
        for table in sorted(tables):
            columns = [_checksum_columns(connection, folder / side / table) for side in SIDES]
            found += [f"{table} {name} differs" for name in _differing_names(*columns)]
    return found


def _differing_names(ours: dict[str, Any], rival: dict[str, Any]) -> list[str]:
    return sorted({name for name, _ in ours.items() ^ rival.items()})


def _checksum_columns(connection: Any, path: Path) -> dict[str, Any]:
    """Per column but ``row_hash`` a checksum of its values with their row numbers."""
    if not path.exists():
        return {"rows": None}
    described = connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
    columns = [name for name, *_ in described if name != "row_hash"]
    number = "row" if "row" in columns else "source_row"
    sums = (f'sum(hash("{number}", "{column}"))' for column in columns)
    found = connection.execute(f"SELECT count(*), {', '.join(sums)} FROM '{path}'").fetchone()
    return dict(zip(("rows", *columns), found, strict=True))


if __name__ == "__main__":
    raise SystemExit(run_benchmark())
