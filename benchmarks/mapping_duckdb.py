"""The mapping benchmark's rival: the hand-written SQL of contacts.sql run by DuckDB.

Started by mapping.py in a process of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.contacts import municipality_list
from benchmarks.measured import report_counts
from examples.big_csv import COLUMNS
from mappings import code_lists

LISTS = ("channel", "setting", "topic", "referral_target", "nationality", "sex")
COUNT_ROWS = "SELECT count(*), count(*) FILTER (used), count(*) FILTER (is_repeated) FROM typed"
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
    """Maps ``file`` into Parquet files below ``out``, with DuckDB's default number of threads."""
    template = Template(Path(__file__).with_name("contacts.sql").read_text(encoding="utf-8"))
    columns = "{" + ", ".join(f"'{name}': 'VARCHAR'" for name in COLUMNS) + "}"
    with duckdb.connect() as connection:
        _create_lists(connection)
        connection.execute(template.substitute(file=file, out=out, columns=columns))
        rows, used, repeated = connection.execute(COUNT_ROWS).fetchall()[0]
    rejected = rows - used - repeated
    report_counts({"rows": rows, "used": used, "repeated": repeated, "rejected": rejected})


def _create_lists(connection: duckdb.DuckDBPyConnection) -> None:
    for name in LISTS:
        spellings = code_lists.load_code_list(name).spellings
        _create_list(connection, f"code_{name}", "code", spellings)
    _create_list(connection, "code_municipality", "code", municipality_list().spellings)
    _create_list(connection, "flag", "yes", FLAGS)


def _create_list(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, meanings: Mapping[str, Any]
) -> None:
    words, values = list(meanings), list(meanings.values())
    connection.register("given", pa.table({"spelling": words, column: values}))
    connection.execute(f"CREATE TABLE {table} AS SELECT * FROM given")


if __name__ == "__main__":
    map_with_duckdb(Path(sys.argv[1]), Path(sys.argv[2]))
