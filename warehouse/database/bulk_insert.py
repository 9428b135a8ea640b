"""Inserts Arrow batches within a transaction, by scan (DuckDB) or COPY (PostgreSQL)."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection, Table, text

_PIECE_ROWS = 1 << 14
# The defaults of a connection's temporary tables: name of the table → column → value.
_DEFAULTS = "column_defaults"


def insert_batch(
    connection: Connection,
    table: Table,
    batch: pa.RecordBatch | pa.Table,
    same: Mapping[str, str] | None = None,
) -> None:
    """Appends rows; columns are matched by name, columns the batch does not have stay null.

    ``same``: values that all rows have, by column; for temporary tables only, with the same columns
    at every call.
    """
    if not batch.num_rows:
        return
    if connection.dialect.name == "duckdb":
        _insert_duckdb(connection, table, batch, same or {})
    elif table._prefixes:
        _set_column_defaults(connection, table, same or {})
        _copy_to_postgres(connection, _quote_table(connection, table), batch)
    else:
        assert not same
        _insert_postgres(connection, table, batch)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Appends rows given as values by column, all with the same columns."""
    insert_batch(connection, table, pa.Table.from_pylist(list(rows)))


def _insert_postgres(
    connection: Connection, table: Table, batch: pa.RecordBatch | pa.Table
) -> None:
    """Inserts rows by way of a temporary table: COPY is refused by tables with row security."""
    columns = _quote_names(connection, batch.schema.names)
    target = _quote_table(connection, table)
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE arriving AS SELECT {columns} FROM {target} WITH NO DATA"
    )
    _copy_to_postgres(connection, "pg_temp.arriving", batch)
    connection.exec_driver_sql(
        f"INSERT INTO {target} ({columns}) SELECT {columns} FROM pg_temp.arriving"
    )
    connection.exec_driver_sql("DROP TABLE pg_temp.arriving")


def _quote_table(connection: Connection, table: Table) -> str:
    return connection.dialect.identifier_preparer.format_table(table)


def _driver_connection(connection: Connection) -> Any:
    driver = connection.connection.driver_connection
    assert driver is not None
    return driver


def _quote_names(connection: Connection, names: Iterable[str]) -> str:
    return ", ".join(connection.dialect.identifier_preparer.quote(n) for n in names)


def _insert_duckdb(
    connection: Connection, table: Table, batch: pa.RecordBatch | pa.Table, same: Mapping[str, str]
) -> None:
    from duckdb import ColumnExpression, ConstantExpression

    driver = _driver_connection(connection)
    names = set(batch.schema.names)
    # The order of the existing table, to which a migration may have appended columns.
    columns = driver.table(table.name).columns
    assert names | same.keys() <= set(columns)
    row = [ColumnExpression(c) if c in names else ConstantExpression(same.get(c)) for c in columns]
    # A registered batch would stay in memory to the end of the transaction.
    driver.from_arrow(batch).select(*row).insert_into(table.name)


def _set_column_defaults(connection: Connection, table: Table, same: Mapping[str, str]) -> None:
    """Sets the values all rows have as column defaults, so that COPY need not send them."""
    # What the connection's own table has: others have one of that name, too.
    set_already = connection.info.setdefault(_DEFAULTS, {})
    if same == set_already.get(table.name, {}):
        return
    from psycopg import sql

    driver = _driver_connection(connection)
    statement = sql.SQL("ALTER TABLE pg_temp.{} ALTER COLUMN {} SET DEFAULT {}")
    for column, value in same.items():
        parts = sql.Identifier(table.name), sql.Identifier(column), sql.Literal(value)
        driver.execute(statement.format(*parts))
    set_already[table.name] = dict(same)


def forget_defaults(connection: Connection, table: Table) -> None:
    """Tells that a temporary table was made anew, so that no column of it has a default."""
    connection.info.get(_DEFAULTS, {}).pop(table.name, None)


def _copy_to_postgres(
    connection: Connection, target: str, batch: pa.RecordBatch | pa.Table
) -> None:
    rows = pa.Table.from_batches([batch]) if isinstance(batch, pa.RecordBatch) else batch
    columns = _quote_names(connection, rows.schema.names)
    statement = f"COPY {target} ({columns}) FROM STDIN (FORMAT csv)"
    with _driver_connection(connection).cursor() as cursor, cursor.copy(statement) as copy:
        for piece in _write_csv_pieces(rows):
            copy.write(piece.getbuffer())


def _write_csv_pieces(rows: pa.Table) -> Iterator[io.BytesIO]:
    """Yields rows as CSV; a thread writes the next piece while the server reads the last."""
    if rows.num_rows <= _PIECE_ROWS:
        yield _to_csv(rows)
        return
    starts = range(0, rows.num_rows, _PIECE_ROWS)
    with ThreadPoolExecutor(1, "writing") as ahead:
        yield from ahead.map(_to_csv, (rows.slice(start, _PIECE_ROWS) for start in starts))


def _to_csv(rows: pa.Table) -> io.BytesIO:
    content = io.BytesIO()
    # Quotes distinguish an empty text from null.
    options = pa.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    pa.csv.write_csv(rows, content, options)
    return content


def analyze_tables(connection: Connection, tables: Iterable[Table]) -> None:
    """Analyzes tables that changed much: else PostgreSQL plans queries as if they were empty.

    DuckDB does not need it.
    """
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f"ANALYZE {_quote_table(connection, table)}"))
