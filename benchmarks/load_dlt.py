"""The peer of the load benchmark: dlt merges a CSV on its key into PostgreSQL. Needs nothing of ours; any Python with dlt will do."""

from __future__ import annotations

import csv
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

_AT_ONCE = 10_000


def read_rows(path: str, how: str) -> Iterator[Any]:
    """The rows of the file: as Arrow tables, dlt's quick way; or as plain rows, ``nest_lists`` with lists where a cell names several."""
    if how == "arrow":
        import pyarrow as pa
        import pyarrow.csv

        with open(path, "rb") as file:
            names = next(csv.reader([file.readline().decode()], delimiter=";"))
        texts = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        yield from pyarrow.csv.open_csv(
            path, parse_options=pyarrow.csv.ParseOptions(delimiter=";"), convert_options=texts
        )
        return
    with open(path, encoding="utf-8", newline="") as text:
        rows: list[dict[str, Any]] = []
        for row in csv.DictReader(text, delimiter=";"):
            rows.append(nest_lists(row) if how == "nested" else row)
            if len(rows) == _AT_ONCE:
                yield rows
                rows = []
        yield rows


def nest_lists(row: dict[str, str]) -> dict[str, Any]:
    """A contact with its participants, topics and referrals, which dlt takes into tables of their own."""
    lists = {"participants": "KlientNr", "topics": "Thema", "referrals": "Weiterleitung"}
    parts = {
        name: [{"value": part} for part in row[column].split(", ") if part]
        for name, column in lists.items()
    }
    return {n: v for n, v in row.items() if n not in lists.values()} | parts


def merge_file(path: str, address: str, how: str) -> None:
    """Merges the file once into an empty schema and says how long that took."""
    import dlt

    parts = urlsplit(address)
    # dlt wants a host in the address; a server on this machine has a folder for its socket instead.
    where: dict[str, Any] = {
        "username": parts.username,
        "password": "-",
        "database": parts.path.lstrip("/"),
        "host": "localhost",
    }
    where |= {"query": {"host": parse_qs(parts.query)["host"][0]}}
    with tempfile.TemporaryDirectory() as folder:
        pipeline = dlt.pipeline(
            "contacts",
            pipelines_dir=folder,
            destination=dlt.destinations.postgres(where),
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
        seconds = time.perf_counter() - begun
        tables = [
            name
            for name in pipeline.default_schema.data_table_names()
            if name.startswith("contacts")
        ]
        with pipeline.sql_client() as client:
            count = sum(client.execute_sql(f"SELECT count(*) FROM {name}")[0][0] for name in tables)
    print(
        json.dumps({"run_seconds": round(seconds, 2), "stored": count, "version": dlt.__version__})
    )


if __name__ == "__main__":
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    merge_file(*sys.argv[1:4])
