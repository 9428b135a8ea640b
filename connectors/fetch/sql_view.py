"""Fetches database views as UTF-8 CSV files, one per view, in one read-only transaction."""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Select,
    column,
    create_engine,
    inspect,
    select,
    table,
)
from sqlalchemy import types as kinds
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    NoSuchModuleError,
    NoSuchTableError,
    SQLAlchemyError,
)
from sqlalchemy.pool import NullPool

from connectors.fetch.fetcher import CannotFetch, Fetched, describe_failure
from connectors.fetch.sql_text import as_text

CONNECT_SECONDS, STATEMENT_SECONDS = 15, 3600
SENTENCES = {
    "value_unreadable": "In einer Sicht steht ein Wert, der sich nicht lesen lässt"
    " (etwa ein Datum jenseits des Jahres 9999)."
    " Bitte die Sicht so ändern, dass sie ihn als Text ausgibt.",
    "not_readable": "Der Benutzer darf eine der Sichten nicht lesen."
    " Bitte Rechte (SELECT) erteilen lassen.",
    "login_refused": "Die Datenbank hat die Anmeldung abgewiesen."
    " Bitte Benutzer, Kennwort und Namen der Datenbank prüfen.",
    "unreachable": "Die Datenbank ist nicht erreichbar."
    " Bitte Adresse, Name der Datenbank, Netz und Firewall prüfen.",
    "too_many_rows": "Die Sichten haben zusammen mehr als {most} Zeilen."
    " Bitte prüfen, oder max_rows anheben.",
    "connection_lost": "Das Lesen aus der Datenbank brach ab; der nächste Lauf beginnt von vorn.",
}
QUIET = "views_of_a_source"
CONNECT_ARGUMENTS: Mapping[str, dict[str, Any]] = {
    "postgresql": {
        "connect_timeout": CONNECT_SECONDS,
        "options": f"-c statement_timeout={STATEMENT_SECONDS}s",
    },
    "mssql": {"timeout": CONNECT_SECONDS, "readonly": True},
}
EXECUTION_OPTIONS: Mapping[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}
# The part of the set-up that installs a database's driver.
EXTRAS = {"mssql": "mssql", "postgresql": "postgres"}
# Types every database can order by; some cannot order by json, xml or binary.
ORDERED = (kinds.Integer, kinds.Numeric, kinds.String, kinds.Date, kinds.DateTime, kinds.Uuid)


@dataclass(frozen=True)
class SqlViewSettings:
    """The database and its views.

    ``url`` includes the password. ``views`` maps the name of each table to its view ("view" or
    "schema.view"). ``max_rows`` limits the rows of all views together.
    """

    url: URL
    views: Mapping[str, str]
    chunk_rows: int = 10_000
    max_rows: int = 20_000_000


class SqlView:
    """Fetches the views of one database, each time all of them and as of one moment."""

    def __init__(self, settings: SqlViewSettings) -> None:
        self.settings = settings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Writes ``<table>.csv`` for each view; raises CannotFetch.

        An interrupted fetch starts over, since all views are read as of one moment.
        """
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        views = self.settings.views
        rows = 0
        with _translate_errors(), _open_snapshot(self.settings.url) as connection:
            for name, view in views.items():
                rows += self._write_view(connection, view, into / f"{name}.csv", rows)
        return Fetched(tuple(sorted(f"{name}.csv" for name in views)), rows, remember=remembered)

    def _write_view(self, connection: Connection, view: str, target: Path, before: int) -> int:
        """Writes one view and returns its number of rows; ``before`` counts those of earlier views.

        NULL and the empty text both become an empty cell, as no reader of CSV tells them apart.
        """
        names, query = _select_view(connection, view)
        part, rows = target.with_name(target.name + ".part"), 0
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            writer.writerow(names)
            for chunk in self._read_chunks(connection, query, before):
                rows += len(chunk)
                writer.writerows([[as_text(value) for value in row] for row in chunk])
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
        return rows

    def _read_chunks(
        self, connection: Connection, query: Select[Any], before: int
    ) -> Iterator[Sequence[Any]]:
        size, most = self.settings.chunk_rows, self.settings.max_rows
        streamed = connection.execution_options(stream_results=True, max_row_buffer=size)
        with streamed.execute(query) as result:
            for chunk in result.partitions(size):
                before += len(chunk)
                if before > most:
                    raise describe_failure("too_many_rows", SENTENCES, most=most)
                yield chunk


def _select_view(connection: Connection, view: str) -> tuple[list[str], Select[Any]]:
    """The columns of a view and its query, ordered by the first column where possible."""
    schema, _, name = view.rpartition(".")
    columns = _view_columns(connection, name, schema or None)
    names = [found["name"] for found in columns]
    source = table(name, *map(column, names), schema=schema or None)
    query = select(source)
    if isinstance(columns[0]["type"], ORDERED):
        query = query.order_by(source.c[names[0]])
    return names, query


def _view_columns(connection: Connection, view: str, schema: str | None) -> list[Any]:
    try:
        found = inspect(connection).get_columns(view, schema=schema)
    except NoSuchTableError:
        found = []
    if not found:
        full_name = f"{schema}.{view}" if schema else view
        raise CannotFetch(
            "view_missing",
            f"Die Sicht „{full_name}“ gibt es in der Datenbank nicht, oder der Benutzer darf sie"
            " nicht sehen. Bitte views in der Konfiguration (auch Groß- und Kleinschreibung) und"
            " die Rechte prüfen.",
        )
    return found


@contextmanager
def _open_snapshot(url: URL) -> Iterator[Connection]:
    """A connection in one transaction: read-only and with a snapshot where the database can."""
    engine = _make_engine(url)
    try:
        with _open_connection(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _make_engine(url: URL) -> Engine:
    kind = url.get_backend_name()
    # Rows of a source must not be logged even where the warehouse's statements are.
    logging.getLogger(f"sqlalchemy.engine.Engine.{QUIET}").setLevel(logging.CRITICAL)
    try:
        return create_engine(
            url,
            connect_args=CONNECT_ARGUMENTS.get(kind, {}),
            execution_options=EXECUTION_OPTIONS.get(kind, {}),
            poolclass=NullPool,
            logging_name=QUIET,
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        advice = "Bitte url in der Konfiguration prüfen."
        if kind in EXTRAS:
            advice = f"Bitte einmal ausführen: python3 drehscheibe.py setup {EXTRAS[kind]}"
        message = f"Für die Datenbank fehlt eine Bibliothek. {advice}"
    except ArgumentError:
        message = "Die Adresse der Datenbank (url) ist nicht brauchbar. Bitte prüfen."
    raise CannotFetch("driver_missing", message)


def _open_connection(engine: Engine) -> Connection:
    try:
        return engine.connect()
    except DBAPIError as error:
        refused = _is_refusal(error.orig)
    except SQLAlchemyError:
        refused = False
    raise describe_failure("login_refused" if refused else "unreachable", SENTENCES)


def _is_refusal(error: Any) -> bool:
    """Whether the server refused the login.

    pyodbc reports SQLSTATE class 28, psycopg the failed connection of libpq. PostgreSQL's message
    is in the server's language, only FATAL is the same in all; without it the connection broke.
    """
    texts = (part for part in getattr(error, "args", ()) if isinstance(part, str))
    if next(texts, "").startswith("28"):
        return True
    connection = getattr(error, "pgconn", None)
    if connection is None:
        return False
    refused = connection.used_password and b"FATAL" in connection.error_message
    return bool(connection.needs_password or refused)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turns database errors into CannotFetch with advice; their own texts may contain values."""
    try:
        yield
    except DataError:
        rule = "value_unreadable"
    except DBAPIError as error:
        forbidden = str(getattr(error.orig, "sqlstate", "")) == "42501"
        rule = "not_readable" if forbidden else "connection_lost"
    except SQLAlchemyError:
        rule = "connection_lost"
    else:
        return
    raise describe_failure(rule, SENTENCES)
