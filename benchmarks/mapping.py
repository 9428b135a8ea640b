"""Benchmark of the mapping: 15 columns of CSV into entities and findings as Parquet, by our engine and by hand-written DuckDB SQL."""

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


def run_benchmark() -> int:
    """Prints a table and, as the last line, the same as JSON; 1 if the two sides do not agree in every value."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=5_000_000)
    rows: int = asked.parse_args().rows
    from benchmarks.measured import measure_module, print_table, start_module

    with tempfile.TemporaryDirectory(prefix="drehscheibe-mapping-") as folder:
        file = Path(folder) / "Kontakte.csv"
        start_module("benchmarks.contacts", file, rows, "odd")
        sides: dict[str, dict[str, Any]] = {}
        for side in ("ours", "duckdb"):
            out = Path(folder) / side
            out.mkdir()
            sides[side] = measure_module(f"benchmarks.mapping_{side}", file, out)
        differences = _find_differences(Path(folder), sides)
    ours, duckdb = sides["ours"], sides["duckdb"]
    print_table(
        [
            {"side": side, **{n: s[n] for n in (*COUNTS, "seconds", "peak_mib")}}
            for side, s in sides.items()
        ]
    )
    print("\n".join(differences) or "every value is the same on both sides")
    answer = {
        "benchmark": "mapping",
        "rows": rows,
        "columns": 15,
        "ours_seconds": ours["seconds"],
        "duckdb_seconds": duckdb["seconds"],
        "ratio": round(ours["seconds"] / duckdb["seconds"], 3),
        "ours_peak_mib": ours["peak_mib"],
        "duckdb_peak_mib": duckdb["peak_mib"],
        "ours_rows_per_second": round(rows / ours["seconds"]),
        "agree": not differences,
    }
    print(json.dumps(answer))
    return int(bool(differences))


def _find_differences(folder: Path, sides: dict[str, dict[str, Any]]) -> list[str]:
    """What is not the same: a count, or in a written table the number of rows or what stands in a column, in whatever order."""
    import duckdb

    found = [
        f"{n}: {sides['ours'][n]} and {sides['duckdb'][n]}"
        for n in COUNTS
        if sides["ours"][n] != sides["duckdb"][n]
    ]
    tables = {path.name for path in folder.glob("*/*.parquet")}
    with duckdb.connect() as connection:
        for table in sorted(tables):
            states = [
                _checksum_columns(connection, folder / side / table) for side in ("ours", "duckdb")
            ]
            names = sorted(states[0].keys() | states[1].keys())
            found += [f"{table} {n} differs" for n in names if states[0].get(n) != states[1].get(n)]
    return found


def _checksum_columns(connection: Any, path: Path) -> dict[str, Any]:
    """Per column a checksum of its values each together with its row number; ``row_hash`` is each side's own."""
    if not path.exists():
        return {"rows": None}
    columns = [
        c for c, *_ in connection.execute(f"DESCRIBE FROM '{path}'").fetchall() if c != "row_hash"
    ]
    number = "row" if "row" in columns else "source_row"
    sums = ", ".join(f'sum(hash("{number}", "{c}")) AS "{c}"' for c in columns)
    found = connection.execute(f"SELECT count(*) AS rows, {sums} FROM '{path}'")
    names = [column[0] for column in found.description]
    return dict(zip(names, found.fetchone(), strict=True))


if __name__ == "__main__":
    raise SystemExit(run_benchmark())
