"""Makes names and messages storable: no NUL, no longer than the column that takes them.

A delivered name (of a file, sheet or column) may be of any length; DuckDB would take it, PostgreSQL
would refuse the whole delivery.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Column, Table

_HASH_DIGITS = 8


def fit_name(text: str, column: Column[Any]) -> str:
    """The name as this column can store it."""
    return _shorten_name(text, getattr(column.type, "length", None))


@lru_cache(4096)
def _shorten_name(text: str, longest: int | None) -> str:
    """The name without NULs, cut to ``longest`` characters (None: a text of any length).

    A name that had to be changed ends in a hash, so that two names never become one.
    """
    kept = text.replace("\0", "")
    if longest is None or (kept == text and len(text) <= longest):
        return kept
    mark = "~" + hashlib.sha256(text.encode()).hexdigest()[:_HASH_DIGITS]
    return kept[: longest - len(mark)] + mark


def fit_columns(rows: pa.Table, table: Table) -> pa.Table:
    """The rows with the names of every text column as ``table`` can store them."""
    for name in rows.schema.names:
        values = rows.column(name)
        if pa.types.is_string(values.type):
            longest = getattr(table.c[name].type, "length", None)
            fitting = _fit_values(values, longest)
            rows = rows.set_column(rows.schema.get_field_index(name), name, fitting)
    return rows


def _fit_values(values: pa.ChunkedArray, longest: int | None) -> pa.ChunkedArray:
    if not _has_unfit(values, longest):
        return values
    encoded = values.combine_chunks().dictionary_encode()
    names = [_shorten_name(text, longest) for text in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(names, pa.string()).take(encoded.indices)])


def _has_unfit(values: pa.ChunkedArray, longest: int | None) -> bool:
    with_nul = pc.any(pc.match_substring(values, "\0")).as_py()
    most = pc.max(pc.utf8_length(values)).as_py() or 0
    return bool(with_nul) or (longest is not None and most > longest)
