"""The mapping benchmark's rival: the hand-written SQL of contacts.sql run by DuckDB. Started by mapping.py in a process of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template

import duckdb
import pyarrow as pa

from benchmarks.contacts import municipality_list
from benchmarks.measured import report_counts
from examples.big_csv import COLUMNS
from mappings import code_lists

LISTS = ("channel", "setting", "topic", "referral_target", "nationality", "sex")
FLAGS = {
    "-1": True,
    "1": True,
    "ja": True,
    "j": True,
    "x": True,
    "0": False,
    "nein": False,
    "n": False,
}


def map_with_duckdb(file: Path, out: Path) -> None:
    """Maps ``file`` into Parquet files below ``out``, with as many threads as DuckDB likes."""
    with duckdb.connect() as connection:
        _register_lists(connection)
        text = Path(__file__).with_name("contacts.sql").read_text(encoding="utf-8")
        columns = "{" + ", ".join(f"'{c}': 'VARCHAR'" for c in COLUMNS) + "}"
        connection.execute(Template(text).substitute(file=file, out=out, columns=columns))
        rows, used, repeated = connection.execute(
            "SELECT count(*), count(*) FILTER (used), count(*) FILTER (is_repeated) FROM typed"
        ).fetchall()[0]
    report_counts(
        {"rows": rows, "used": used, "repeated": repeated, "rejected": rows - used - repeated}
    )


def _register_lists(connection: duckdb.DuckDBPyConnection) -> None:
    lists = {name: code_lists.load_code_list(name) for name in LISTS} | {
        "municipality": municipality_list()
    }
    for name, codes in lists.items():
        given = pa.table(
            {"spelling": list(codes.spellings), "code": list(codes.spellings.values())}
        )
        connection.execute(f"CREATE TABLE code_{name} AS SELECT * FROM given")
        assert given.num_rows
    flags = pa.table({"spelling": list(FLAGS), "yes": list(FLAGS.values())})
    connection.execute("CREATE TABLE flag AS SELECT * FROM flags")
    assert flags.num_rows


if __name__ == "__main__":
    map_with_duckdb(Path(sys.argv[1]), Path(sys.argv[2]))
