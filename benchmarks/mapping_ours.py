"""Our side of the mapping benchmark: reader, engine, Parquet.

Started by mapping.py in a process of its own.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.contacts import MAPPING, WANTED, municipality_list
from benchmarks.measured import report_counts
from connectors.readers.csv.table import csv_table
from connectors.readers.delivered_file import DeliveredFile
from mappings import source_mapping
from mappings.compile import Compiler
from mappings.engine.prefetch import map_ahead
from mappings.engine.table import TableMapper

COUNTS = {"rows": "read", "used": "used", "repeated": "repeated", "rejected": "rejected"}
UNIQUE = ("_key", "_row", "_hash")


def map_with_engine(file: Path, out: Path) -> None:
    """Maps ``file`` into Parquet files below ``out``, one per entity and one of findings."""
    table = csv_table(DeliveredFile(file, file.name), WANTED)
    counts = dict.fromkeys(COUNTS, 0)
    writers: dict[str, pq.ParquetWriter] = {}
    for mapped, _ in map_ahead(_make_mapper(), table.batches):
        for name, rows in {**mapped.entities, "findings": mapped.findings}.items():
            _write_rows(writers, out / f"{name}.parquet", rows)
        for name, attribute in COUNTS.items():
            counts[name] += getattr(mapped, attribute)
    for writer in writers.values():
        writer.close()
    report_counts(counts)


def _make_mapper() -> TableMapper:
    mapping = source_mapping.load_mapping(MAPPING)
    compiler = Compiler(mapping, municipality_list(), date(2026, 11, 1))
    return TableMapper(compiler.compile_table(WANTED.name, {}))


def _write_rows(
    writers: dict[str, pq.ParquetWriter], path: Path, rows: pa.RecordBatch | pa.Table
) -> None:
    if path.name not in writers:
        # Nearly every row has its own key: a dictionary of them would be made and thrown away.
        few = [name for name in rows.schema.names if not name.endswith(UNIQUE)]
        writers[path.name] = pq.ParquetWriter(
            path, rows.schema, compression="snappy", use_dictionary=few
        )
    writers[path.name].write(rows)


if __name__ == "__main__":
    map_with_engine(Path(sys.argv[1]), Path(sys.argv[2]))
