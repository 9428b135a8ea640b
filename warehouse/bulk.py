"""Many rows at once from Arrow into a table, inside the transaction of the connection: DuckDB scans them, PostgreSQL takes COPY."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection, Table, text


def insert(connection: Connection, table: Table, batch: pa.RecordBatch | pa.Table) -> None:
    """Appends the rows; columns are matched by name, columns the batch has not stay null."""
    if not batch.num_rows:
        return
    names: Sequence[str] = batch.schema.names
    quote = connection.dialect.identifier_preparer
    columns = ", ".join(quote.quote(n) for n in names)
    target = quote.format_table(table)
    if connection.dialect.name == "duckdb":
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.register("arriving", batch)
        try:
            raw.execute(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM arriving")
        finally:
            raw.unregister("arriving")
        return
    if table._prefixes:
        _copy(connection, target, columns, batch)
        return
    # COPY puts no rows into a table with row security; INSERT does, and the policy is asked for each of them.
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE arriving AS SELECT {columns} FROM {target} WITH NO DATA")
    _copy(connection, "pg_temp.arriving", columns, batch)
    connection.exec_driver_sql(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM pg_temp.arriving")
    connection.exec_driver_sql("DROP TABLE pg_temp.arriving")


def _copy(connection: Connection, target: str, columns: str, batch: pa.RecordBatch | pa.Table) -> None:
    content = io.BytesIO()
    # Quoted text and unquoted nothing keep "" and null apart.
    options = pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    pa.csv.write_csv(pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch, content, options)
    raw = connection.connection.driver_connection
    assert raw is not None
    with raw.cursor() as cursor, cursor.copy(f"COPY {target} ({columns}) FROM STDIN (FORMAT csv)") as copy:
        copy.write(content.getbuffer())


def measure(connection: Connection, tables: Iterable[Table]) -> None:
    """Lets PostgreSQL look at tables that changed much: until it has, it plans queries as if they were empty. DuckDB needs none."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}"))
