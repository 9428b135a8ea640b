"""Many rows at once from Arrow into a table, inside the transaction of the connection: DuckDB scans them, PostgreSQL takes COPY."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection, Table, text

_PIECE_ROWS = 1 << 14


def insert_batch(
    connection: Connection,
    table: Table,
    batch: pa.RecordBatch | pa.Table,
    same: Mapping[str, str] | None = None,
) -> None:
    """Appends the rows; columns are matched by name, columns the batch has not stay null.

    ``same``: what all rows have, by column; for temporary tables, and every time with the same columns.
    """
    if not batch.num_rows:
        return
    if connection.dialect.name == "duckdb":
        _insert_duckdb(connection, table, batch, same or {})
    elif table._prefixes:
        _set_column_defaults(connection, table, same or {})
        _copy_to_postgres(
            connection, connection.dialect.identifier_preparer.format_table(table), batch
        )
    else:
        assert not same
        # COPY puts no rows into a table with row security; INSERT does, and the policy is asked for each of them.
        columns, target = (
            _quote_names(connection, batch.schema.names),
            connection.dialect.identifier_preparer.format_table(table),
        )
        connection.exec_driver_sql(
            f"CREATE TEMPORARY TABLE arriving AS SELECT {columns} FROM {target} WITH NO DATA"
        )
        _copy_to_postgres(connection, "pg_temp.arriving", batch)
        connection.exec_driver_sql(
            f"INSERT INTO {target} ({columns}) SELECT {columns} FROM pg_temp.arriving"
        )
        connection.exec_driver_sql("DROP TABLE pg_temp.arriving")


def _quote_names(connection: Connection, names: Iterable[str]) -> str:
    return ", ".join(connection.dialect.identifier_preparer.quote(n) for n in names)


def _insert_duckdb(
    connection: Connection, table: Table, batch: pa.RecordBatch | pa.Table, same: Mapping[str, str]
) -> None:
    from duckdb import ColumnExpression, ConstantExpression

    raw = connection.connection.driver_connection
    assert raw is not None
    names = set(batch.schema.names)
    # In the order of the table as it is there: a migration may have put columns behind the others.
    columns = raw.table(table.name).columns
    assert names | same.keys() <= set(columns)
    row = [ColumnExpression(c) if c in names else ConstantExpression(same.get(c)) for c in columns]
    # Not registered under a name: what was has to stay in memory to the end of the transaction.
    raw.from_arrow(batch).select(*row).insert_into(table.name)


def _set_column_defaults(connection: Connection, table: Table, same: Mapping[str, str]) -> None:
    """Makes what all rows have the default of its columns: it need not be sent with every row."""
    if same == table.info.get("same", {}):
        return
    from psycopg import sql

    raw = connection.connection.driver_connection
    assert raw is not None
    for column, value in same.items():
        parts = sql.Identifier(table.name), sql.Identifier(column), sql.Literal(value)
        raw.execute(sql.SQL("ALTER TABLE pg_temp.{} ALTER COLUMN {} SET DEFAULT {}").format(*parts))
    table.info["same"] = dict(same)


def _copy_to_postgres(
    connection: Connection, target: str, batch: pa.RecordBatch | pa.Table
) -> None:
    rows = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    raw = connection.connection.driver_connection
    assert raw is not None
    columns = _quote_names(connection, rows.schema.names)
    with (
        raw.cursor() as cursor,
        cursor.copy(f"COPY {target} ({columns}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for piece in _write_csv_pieces(rows):
            copy.write(piece.getbuffer())


def _write_csv_pieces(rows: pa.Table) -> Iterator[io.BytesIO]:
    """The rows as CSV, piece by piece; the next ones are written while the server reads the first."""
    if rows.num_rows <= _PIECE_ROWS:
        yield _to_csv(rows)
        return
    with ThreadPoolExecutor(1, "writing") as ahead:
        yield from ahead.map(
            _to_csv,
            (rows.slice(start, _PIECE_ROWS) for start in range(0, rows.num_rows, _PIECE_ROWS)),
        )


def _to_csv(rows: pa.Table) -> io.BytesIO:
    content = io.BytesIO()
    # Quoted text and unquoted nothing keep "" and null apart.
    pa.csv.write_csv(
        rows, content, pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    )
    return content


def analyze_tables(connection: Connection, tables: Iterable[Table]) -> None:
    """Lets PostgreSQL look at tables that changed much: until it has, it plans queries as if they were empty. DuckDB needs none."""
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(
                text(f"ANALYZE {connection.dialect.identifier_preparer.format_table(table)}")
            )
