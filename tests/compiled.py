"""Lets all warehouses of a process share what SQLAlchemy has compiled: tests open thousands of them.

Without it each compiles every statement anew, a quarter of the time of the tests.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import duckdb_sqlalchemy
from duckdb_sqlalchemy._statements import _top_level_sql_words
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.util import LRUCache

_COMPILED: LRUCache[Any, Any] = LRUCache(2000)


def share_compiled() -> None:
    """From now on, for the rest of the process."""
    for name in ("duckdb", "postgresql.psycopg"):
        # Dialects of one kind compile alike.
        kind = registry.load(name)
        kind.__eq__ = _is_of_one_kind  # type: ignore[method-assign]
        kind.__hash__ = _hash_kind  # type: ignore[method-assign]
    event.listen(Engine, "engine_connect", _take_shared)
    # The dialect walks through every statement that begins with WITH, sign by sign.
    duckdb_sqlalchemy._top_level_sql_words = lru_cache(2000)(_top_level_sql_words)


def _is_of_one_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash_kind(one: object) -> int:
    return hash(type(one))


def _take_shared(connection: Connection) -> None:
    connection.engine._compiled_cache = _COMPILED
