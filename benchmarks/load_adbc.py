"""The floor of the load benchmark: the CSV through PyArrow and ADBC into one table of PostgreSQL, with no key, meaning or history."""

from __future__ import annotations

import sys
import time

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.csv

from benchmarks.contacts import WANTED
from benchmarks.measured import report_counts


def ingest_file(path: str, address: str) -> None:
    """Every column as text."""
    begun = time.perf_counter()
    texts = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(WANTED.columns, pa.string()))
    reader = pyarrow.csv.open_csv(
        path, parse_options=pyarrow.csv.ParseOptions(delimiter=";"), convert_options=texts
    )
    with adbc.connect(address) as connection, connection.cursor() as cursor:
        stored = cursor.adbc_ingest("raw_contacts", reader, mode="create")
        connection.commit()
    report_counts({"run_seconds": round(time.perf_counter() - begun, 2), "stored": stored})


if __name__ == "__main__":
    ingest_file(*sys.argv[1:3])
