"""The peer of the load benchmark: dlt merges a CSV on its key into PostgreSQL.

Needs nothing of this project; any Python with dlt will do.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import parse_qs, urlsplit

_AT_ONCE = 10_000
_LISTS = {"participants": "KlientNr", "topics": "Thema", "referrals": "Weiterleitung"}


def read_rows(path: str, how: str) -> Iterator[Any]:
    """The rows of the file, as Arrow tables (dlt's quick way) or as plain dictionaries.

    With ``nested``, cells that name several become lists.
    """
    if how == "arrow":
        yield from _read_arrow(path)
        return
    with open(path, encoding="utf-8", newline="") as text:
        rows: Iterator[dict[str, Any]] = csv.DictReader(text, delimiter=";")
        if how == "nested":
            rows = map(nest_lists, rows)
        while chunk := list(islice(rows, _AT_ONCE)):
            yield chunk


def _read_arrow(path: str) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.csv

    with open(path, encoding="utf-8", newline="") as file:
        names = next(csv.reader(file, delimiter=";"))
    texts = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    delimiter = pyarrow.csv.ParseOptions(delimiter=";")
    yield from pyarrow.csv.open_csv(path, parse_options=delimiter, convert_options=texts)


def nest_lists(row: dict[str, str]) -> dict[str, Any]:
    """A contact with its participants, topics and referrals as lists of records."""
    lists = {
        name: [{"value": part} for part in row[column].split(", ") if part]
        for name, column in _LISTS.items()
    }
    return {n: v for n, v in row.items() if n not in _LISTS.values()} | lists


def merge_file(path: str, address: str, how: str) -> None:
    """Merges the file once into an empty schema and prints the seconds it took."""
    import dlt

    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "contacts",
            pipelines_dir=folder,
            destination=dlt.destinations.postgres(_read_address(address)),
            dataset_name=f"dlt_{how}",
        )
        begun = time.perf_counter()
        pipeline.run(
            read_rows(path, how),
            table_name="contacts",
            write_disposition="merge",
            primary_key="KontaktNr",
            **({"loader_file_format": "csv"} if how == "arrow" else {}),
        )
        seconds = round(time.perf_counter() - begun, 2)
        stored = _count_stored(pipeline)
    print(json.dumps({"run_seconds": seconds, "stored": stored, "version": dlt.__version__}))


def _read_address(address: str) -> dict[str, Any]:
    """The parts of an address; dlt wants a host even where a socket's folder is named."""
    parts = urlsplit(address)
    return {
        "username": parts.username,
        "password": "-",
        "database": parts.path.lstrip("/"),
        "host": "localhost",
        "query": {"host": parse_qs(parts.query)["host"][0]},
    }


def _count_stored(pipeline: Any) -> int:
    """The rows in all tables of the contacts."""
    names = pipeline.default_schema.data_table_names()
    tables = [name for name in names if name.startswith("contacts")]
    with pipeline.sql_client() as client:
        return sum(client.execute_sql(f"SELECT count(*) FROM {name}")[0][0] for name in tables)


if __name__ == "__main__":
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    merge_file(*sys.argv[1:4])
