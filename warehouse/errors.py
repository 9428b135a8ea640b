"""What can go wrong between the hub and its warehouse, each as one sentence that says what to do and holds no value."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

_LOST = ("08", "57P")
_REFUSED = ("28", "3D000")
# How DuckDB says that a file is none of its own, ends too early, or has other bytes than it wrote.
_DAMAGED = (
    "not a valid DuckDB database file",
    "Could not read enough bytes",
    "Corrupt database file",
    "Corrupt WAL file",
    "differs from read AES tag",
    "existing extension",
)
_NO_ROOM = {"53100", "53200"}


class WarehouseError(Exception):
    """The warehouse cannot be used as asked; the text is for people."""


class WarehouseBusy(WarehouseError):
    """Someone else works with the warehouse, which takes one run at a time."""


class DamagedWarehouse(WarehouseError):
    """The file of the embedded warehouse is not what was written, or never was one."""


class ConnectionLost(WarehouseError):
    """The server went away, or cannot be reached."""


class NoRight(WarehouseError):
    """The database account may not do this."""


class WrongAccess(WarehouseError):
    """Key or account are not those of this warehouse; the configuration has to name others."""


class WrongSchema(WarehouseError):
    """The warehouse's schema is not the one this program works with, and it may not or cannot bring it there."""


def translate_error(error: BaseException, *, opening: bool = False) -> WarehouseError | None:
    """What a database error means to people; None where it is none of those known. ``opening``: nothing had been begun."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if is_raised_by("duckdb", cause):
        return _of_duckdb(str(cause), opening=opening)
    if not is_raised_by("psycopg", cause):
        return None
    psycopg, state = sys.modules["psycopg"], cause.sqlstate or ""
    stateless = isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError)) and not state
    lost = state.startswith(_LOST) or stateless
    if opening and (lost or state.startswith(_REFUSED)):
        # What libpq says of a failed connection names host, account and database, never a row.
        return ConnectionLost(
            f"the database server cannot be used: {' '.join(str(cause).split())[:300]}"
        )
    return _connection_lost() if lost else _of_state(state, cause)


@contextmanager
def raise_translated(*meanings: Callable[[BaseException], WarehouseError | None]) -> Iterator[None]:
    """Raises what an error means to people, by the first of these that knows it; any other goes on as it is."""
    try:
        yield
    except Exception as error:
        known = next((meant for meaning in meanings if (meant := meaning(error))), None)
        if known is None:
            raise
        raise known from None


def is_raised_by(driver: str, error: BaseException) -> bool:
    """Whether an error is one of this database driver; one that was never loaded raised none."""
    module = sys.modules.get(driver)
    return module is not None and isinstance(error, module.Error)


def _of_duckdb(words: str, *, opening: bool) -> WarehouseError | None:
    if any(w in words for w in _DAMAGED):
        return DamagedWarehouse(
            "the file of the embedded warehouse is damaged, or is none; it was left as it is. Restore the newest backup in its place, the "
            "damaged file is kept beside: drehscheibe db restore BACKUP --force"
        )
    # A damaged file has bad blocks, which is no lock.
    if opening and "set lock" in words.lower():
        return WarehouseBusy(
            "the warehouse is in use by another process; wait for its end or stop it"
        )
    return None


def _connection_lost() -> ConnectionLost:
    return ConnectionLost(
        "the connection to the database server was lost; what was finished before is kept, what was in work was undone as a whole: "
        "start again when the server is back"
    )


def _of_state(state: str, cause: Any) -> WarehouseError | None:
    if state == "42501":
        return NoRight(
            "the database account has no right to do this; use an account of the fitting role, see docs/district-server.md"
        )
    if state == "23505" and cause.diag.constraint_name == "pk_load":
        return WarehouseBusy(
            "another run loaded into this warehouse at the same time; nothing of this delivery was kept: run again"
        )
    if state in _NO_ROOM:
        return WarehouseError(
            "the database server has no room left; what was in work was undone as a whole: make room, then run again"
        )
    return None
