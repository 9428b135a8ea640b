"""The floor of the load benchmark: the CSV through PyArrow and ADBC into one table of PostgreSQL.

It has no key, meaning or history.
"""

from __future__ import annotations

import sys
import time

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.csv

from benchmarks.contacts import WANTED
from benchmarks.measured import report_counts


def ingest_file(path: str, address: str) -> None:
    """Ingests the file with every column as text."""
    begun = time.perf_counter()
    with adbc.connect(address) as connection, connection.cursor() as cursor:
        stored = cursor.adbc_ingest("raw_contacts", _open_texts(path), mode="create")
        connection.commit()
    report_counts({"run_seconds": round(time.perf_counter() - begun, 2), "stored": stored})


def _open_texts(path: str) -> pyarrow.csv.CSVStreamingReader:
    texts = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(WANTED.columns, pa.string()))
    delimiter = pyarrow.csv.ParseOptions(delimiter=";")
    return pyarrow.csv.open_csv(path, parse_options=delimiter, convert_options=texts)


if __name__ == "__main__":
    ingest_file(*sys.argv[1:3])
