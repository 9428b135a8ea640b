"""Reads the rows of a table from either engine as Arrow, batch by batch."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.csv
from sqlalchemy import (
    BigInteger,
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    Numeric,
    inspect,
    text,
)
from sqlalchemy.types import TypeEngine

DISTRICT = "district"
# Tables that no backup keeps and the schema does not list.
NOT_KEPT = {"alembic_version", "district_member"}
_ROWS = 100_000
_BLOCK = 8 << 20
# The first match counts: BigInteger is an Integer, too.
_ARROW_TYPES: tuple[tuple[type[TypeEngine[Any]], pa.DataType], ...] = (
    (Boolean, pa.bool_()),
    (BigInteger, pa.int64()),
    (Integer, pa.int32()),
    (DateTime, pa.timestamp("us")),
    (Date, pa.date32()),
)


def read_schemas(connection: Connection) -> dict[str, pa.Schema]:
    """The Arrow schema of every table to keep, as it is in the database.

    Without the column of the district, which follows from the account.
    """
    names = sorted(set(inspect(connection).get_table_names()) - NOT_KEPT)
    return {name: _read_schema(connection, name) for name in names}


def _read_schema(connection: Connection, table: str) -> pa.Schema:
    columns = inspect(connection).get_columns(table)
    return pa.schema(
        [(c["name"], _arrow_type(c["type"])) for c in columns if c["name"] != DISTRICT]
    )


def read_rows(connection: Connection, table: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yields all rows the transaction sees; on a server only those of the account's district."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(n) for n in schema.names)
    query = f"SELECT {columns} FROM {quote(table)}{build_district_filter(connection, table)}"
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "duckdb":
        for batch in raw.execute(query).to_arrow_reader(_ROWS):
            yield batch.cast(schema)
    else:
        connection.execute(text("SET LOCAL datestyle = 'ISO'"))
        yield from _copy_rows(raw, query, schema)


def _copy_rows(raw: Any, query: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    with raw.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copy:
        yield from _parse_copy(iter(copy), schema)


def build_district_filter(connection: Connection, table: str) -> str:
    """The WHERE clause for the account's district; policies do not bind a superuser.

    Empty where the table has no district, and for the embedded engine.
    """
    if connection.dialect.name != "postgresql":
        return ""
    has = any(c["name"] == DISTRICT for c in inspect(connection).get_columns(table))
    return f" WHERE {DISTRICT} = own_district()" if has else ""


class _CopyStream(io.RawIOBase):
    """The output of COPY as a file; ``first`` has been taken from ``rest`` already."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._left, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        found = bytearray(self._left)
        while size < 0 or len(found) < size:
            piece = next(self._rest, b"")
            if not piece:
                break
            found += piece
        cut = len(found) if size < 0 else size
        self._left = bytes(found[cut:])
        return bytes(found[:cut])


def _parse_copy(pieces: Iterator[Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    first = bytes(next(pieces, b""))
    if not first:
        return
    source = pa.PythonFile(_CopyStream(first, pieces), "r")
    reading = pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=schema.names)
    parsing = pa.csv.ParseOptions(newlines_in_values=True)
    yield from pa.csv.open_csv(source, reading, parsing, _convert_options(schema))


def _convert_options(schema: pa.Schema) -> pa.csv.ConvertOptions:
    # COPY writes nothing for null and quotes an empty text.
    return pa.csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )


def _arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    if isinstance(kind, Numeric):
        return pa.decimal128(kind.precision or 38, kind.scale or 0)
    known = (made for sql_type, made in _ARROW_TYPES if isinstance(kind, sql_type))
    return next(known, pa.string())
