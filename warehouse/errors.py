"""Failures of the warehouse; their texts state what to do and contain no values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

_LOST = ("08", "57P")
_REFUSED = ("28", "3D000")
# Messages of DuckDB for a file that is not its own, is truncated, or has been altered.
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
    """The warehouse cannot be used as asked; the text is shown to users."""


class WarehouseBusy(WarehouseError):
    """Another run uses the warehouse, which allows one at a time."""


class DamagedWarehouse(WarehouseError):
    """The file of the embedded warehouse was altered, or is not a warehouse."""


class DamagedLedger(WarehouseError):
    """Leaves of the ledger are missing, so it has no checkpoint."""

    def __init__(self) -> None:
        super().__init__(
            "the ledger is damaged: entries are missing. See: drehscheibe ledger verify"
        )


class ConnectionLost(WarehouseError):
    """The connection to the server was lost, or it cannot be reached."""


class NoRight(WarehouseError):
    """The database account lacks the right to do this."""


class WrongAccess(WarehouseError):
    """Key or account do not belong to this warehouse; the configuration has to name others."""


class WrongSchema(WarehouseError):
    """The schema is not the one this program needs, and the program cannot upgrade it."""


def translate_error(error: BaseException, *, opening: bool = False) -> WarehouseError | None:
    """Translates a database error; None for an unknown one. ``opening``: no work had begun yet."""
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if is_raised_by("duckdb", cause):
        return _translate_duckdb(str(cause), opening=opening)
    if is_raised_by("psycopg", cause):
        return _translate_psycopg(cause, opening=opening)
    return None


def _translate_psycopg(cause: Any, *, opening: bool) -> WarehouseError | None:
    psycopg, state = sys.modules["psycopg"], cause.sqlstate or ""
    has_failed = isinstance(cause, (psycopg.OperationalError, psycopg.InterfaceError))
    lost = state.startswith(_LOST) or (has_failed and not state)
    if opening and (lost or state.startswith(_REFUSED)):
        # libpq's message about a failed connection names host, account and database, never a row.
        message = " ".join(str(cause).split())[:300]
        return ConnectionLost(f"the database server cannot be used: {message}")
    return _connection_lost() if lost else _translate_state(state, cause)


@contextmanager
def raise_translated(*meanings: Callable[[BaseException], WarehouseError | None]) -> Iterator[None]:
    """Translates exceptions of the block by the first function that knows them.

    Exceptions that none of ``meanings`` knows are raised unchanged.
    """
    try:
        yield
    except Exception as error:
        known = next((meant for meaning in meanings if (meant := meaning(error))), None)
        if known is None:
            raise
        raise known from None


def is_raised_by(driver: str, error: BaseException) -> bool:
    """Whether this database driver raised an error; drivers are imported only when needed."""
    module = sys.modules.get(driver)
    return module is not None and isinstance(error, module.Error)


def _translate_duckdb(message: str, *, opening: bool) -> WarehouseError | None:
    if any(part in message for part in _DAMAGED):
        return DamagedWarehouse(
            "the file of the embedded warehouse is damaged, or is none; it was left as it is. "
            "Restore the newest backup in its place, the damaged file is kept beside: "
            "drehscheibe db restore BACKUP --force"
        )
    # "set lock", because messages about damaged files contain "block".
    if opening and "set lock" in message.lower():
        return WarehouseBusy(
            "the warehouse is in use by another process; wait for its end or stop it"
        )
    return None


def _connection_lost() -> ConnectionLost:
    return ConnectionLost(
        "the connection to the database server was lost; what was finished before is kept, "
        "what was in work was undone as a whole: start again when the server is back"
    )


def _translate_state(state: str, cause: Any) -> WarehouseError | None:
    if state == "42501":
        return NoRight(
            "the database account has no right to do this; use an account of the fitting role, "
            "see docs/district-server.md"
        )
    if state == "23505" and cause.diag.constraint_name == "pk_load":
        return WarehouseBusy(
            "another run loaded into this warehouse at the same time; "
            "nothing of this delivery was kept: run again"
        )
    if state in _NO_ROOM:
        return WarehouseError(
            "the database server has no room left; what was in work was undone as a whole: "
            "make room, then run again"
        )
    return None
