"""Locks a district's warehouse for one run; the lock ends with its database session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from warehouse.errors import WarehouseBusy, raise_translated, translate_error

# The two halves of the key, hub and district, are classid and objid in pg_locks.
_HUB = 0x44726568
_KEY = f"{_HUB}, hashtext(own_district())"
_HOLDER = f"""
SELECT a.usename, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = {_HUB} AND l.database = a.datid
  AND l.objid::bigint = (hashtext(own_district())::bigint & 4294967295)
"""


class RunLock:
    """The lock a run holds."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection

    def check_held(self) -> None:
        """Raises ConnectionLost where the session is gone, as another run may have begun since."""
        if self._connection is None:
            return
        with raise_translated(translate_error):
            self._connection.execute(text("SELECT 1"))


@contextmanager
def hold_run_lock(engine: Engine) -> Iterator[RunLock]:
    """Holds the district's lock on a session of its own.

    Raises WarehouseBusy with the account that holds it. An embedded file needs no lock, as only one
    process can open it.
    """
    if engine.dialect.name != "postgresql":
        yield RunLock()
        return
    connection = _take_lock(engine)
    try:
        yield RunLock(connection)
    finally:
        # A lost session has released its lock already.
        with suppress(SQLAlchemyError):
            connection.execute(text(f"SELECT pg_advisory_unlock({_KEY})"))
        with suppress(SQLAlchemyError):
            connection.close()


def _take_lock(engine: Engine) -> Connection:
    with raise_translated(translate_error):
        # Not in a transaction: one open for hours would prevent vacuuming.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text(f"SELECT pg_try_advisory_lock({_KEY})")).scalar_one():
            return connection
        holder = connection.execute(text(_HOLDER)).first()
        connection.close()
    since = f" (account {holder[0]}, connected since {holder[1] or 'unknown'})" if holder else ""
    raise WarehouseBusy(
        f"another run of this district is going on{since}; wait for its end, then run again"
    )
