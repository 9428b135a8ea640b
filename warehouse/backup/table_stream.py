"""Rows of a table out of either engine as Arrow, batch by batch; what they are written to is not known here."""

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
_NOT_KEPT = {"alembic_version", "district_member"}
_ROWS = 100_000
_BLOCK = 8 << 20


def read_schemas(connection: Connection) -> dict[str, pa.Schema]:
    """Every table with rows to keep, as it stands in the database, with its columns; the district is the account's, not the rows'."""
    seen = inspect(connection)
    names = sorted(set(seen.get_table_names()) - _NOT_KEPT)
    return {
        n: pa.schema(
            [
                (c["name"], _arrow_type(c["type"]))
                for c in seen.get_columns(n)
                if c["name"] != DISTRICT
            ]
        )
        for n in names
    }


def read_rows(connection: Connection, table: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """All rows of the table as the transaction sees them; on a server those of the account's own district alone."""
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(n) for n in schema.names)
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "duckdb":
        for batch in raw.execute(f"SELECT {columns} FROM {quote(table)}").to_arrow_reader(_ROWS):
            yield batch.cast(schema)
        return
    connection.execute(text("SET LOCAL datestyle = 'ISO'"))
    rows = f"SELECT {columns} FROM {quote(table)}{build_district_filter(connection, table)}"
    with raw.cursor() as cursor, cursor.copy(f"COPY ({rows}) TO STDOUT (FORMAT csv)") as copy:
        yield from _parse_copy(iter(copy), schema)


def build_district_filter(connection: Connection, table: str) -> str:
    """The condition that keeps to the own district, said out loud: a superuser is not held by the policies."""
    if connection.dialect.name != "postgresql":
        return ""
    has = any(c["name"] == DISTRICT for c in inspect(connection).get_columns(table))
    return f" WHERE {DISTRICT} = own_district()" if has else ""


class _CopyStream(io.RawIOBase):
    """What COPY sends, as a file; the first piece has been taken from it already."""

    def __init__(self, first: bytes, rest: Iterator[bytes]) -> None:
        self._left, self._rest = first, rest

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        pieces, length = [self._left], len(self._left)
        while size < 0 or length < size:
            piece = bytes(next(self._rest, b""))
            if not piece:
                break
            pieces.append(piece)
            length += len(piece)
        whole = b"".join(pieces)
        cut = length if size < 0 else size
        self._left = whole[cut:]
        return whole[:cut]


def _parse_copy(pieces: Iterator[Any], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    first = bytes(next(pieces, b""))
    if not first:
        return
    reading = pa.csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=schema.names)
    parsing = pa.csv.ParseOptions(newlines_in_values=True)
    # COPY writes nothing for null and quotes an empty text.
    converting = pa.csv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )
    yield from pa.csv.open_csv(
        pa.PythonFile(_CopyStream(first, pieces), "r"), reading, parsing, converting
    )


def _arrow_type(kind: TypeEngine[Any]) -> pa.DataType:
    # The order matters: DateTime is no Date, but BigInteger is an Integer.
    for known, made in (
        (Boolean, pa.bool_()),
        (BigInteger, pa.int64()),
        (Integer, pa.int32()),
        (DateTime, pa.timestamp("us")),
        (Date, pa.date32()),
    ):
        if isinstance(kind, known):
            return made
    if isinstance(kind, Numeric):
        return pa.decimal128(kind.precision or 38, kind.scale or 0)
    return pa.string()
