"""One run at a time: a lock per district that ends with the session that holds it. Waiting for one's turn is left to people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from warehouse.errors import WarehouseBusy, raise_translated, translate_error

# Two halves of one key: whose lock it is, and which district. pg_locks shows them as classid and objid.
_HUB = 0x44726568
_KEY = f"{_HUB}, hashtext(own_district())"
_HOLDER = f"""
SELECT a.usename, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI')
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE l.locktype = 'advisory' AND l.granted AND l.classid::bigint = {_HUB} AND l.database = a.datid
  AND l.objid::bigint = (hashtext(own_district())::bigint & 4294967295)
"""


class RunLock:
    """The turn one has: ``check_held`` says whether it is still one's own."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection

    def check_held(self) -> None:
        """Raises ConnectionLost where the session with the lock is gone: another run may have begun since."""
        if self._connection is None:
            return
        with raise_translated(translate_error):
            self._connection.execute(text("SELECT 1"))


@contextmanager
def hold_run_lock(engine: Engine) -> Iterator[RunLock]:
    """Holds the district's turn on a session of its own; WarehouseBusy names who has it.

    The embedded file is locked by the process that has it open, so there is nothing more to do.
    """
    if engine.dialect.name != "postgresql":
        yield RunLock()
        return
    connection = _take_lock(engine)
    try:
        yield RunLock(connection)
    finally:
        # A session that is gone has given its lock back already.
        with suppress(SQLAlchemyError):
            connection.execute(text(f"SELECT pg_advisory_unlock({_KEY})"))
        with suppress(SQLAlchemyError):
            connection.close()


def _take_lock(engine: Engine) -> Connection:
    with raise_translated(translate_error):
        # Outside any transaction: one that stays open for hours would keep the server from tidying up.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text(f"SELECT pg_try_advisory_lock({_KEY})")).scalar_one():
            return connection
        holder = connection.execute(text(_HOLDER)).first()
        connection.close()
    since = f" (account {holder[0]}, connected since {holder[1] or 'unknown'})" if holder else ""
    raise WarehouseBusy(
        f"another run of this district is going on{since}; wait for its end, then run again"
    )
