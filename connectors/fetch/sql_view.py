"""Views of a database as UTF-8 CSV files, one per view, read in one read-only transaction. How a value becomes text is in sql_text.py."""

from __future__ import annotations

import csv
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, column, create_engine, inspect, select, table
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

from connectors.fetch.fetcher import CannotFetch, Fetched, LoginRefused
from connectors.fetch.sql_text import as_text

CONNECT_SECONDS, STATEMENT_SECONDS = 15, 3600
SENTENCES = {
    "value_unreadable": "In einer Sicht steht ein Wert, der sich nicht lesen lässt (etwa ein Datum jenseits des Jahres 9999). "
    "Bitte die Sicht so ändern, dass sie ihn als Text ausgibt.",
    "not_readable": "Der Benutzer darf eine der Sichten nicht lesen. Bitte Rechte (SELECT) erteilen lassen.",
    "connection_lost": "Das Lesen aus der Datenbank brach ab; der nächste Lauf beginnt von vorn.",
}
QUIET = "views_of_a_source"
# what every database can order by; others (json, xml, binary) it may not
ORDERED = (kinds.Integer, kinds.Numeric, kinds.String, kinds.Date, kinds.DateTime, kinds.Uuid)


@dataclass(frozen=True)
class SqlViewSettings:
    """``url`` holds the password already; ``views`` names for each table the view ("view" or "schema.view")."""

    url: URL
    views: Mapping[str, str]
    chunk_rows: int = 10_000
    max_rows: int = 20_000_000


class SqlView:
    """Fetches the views of one database, all of them every time and all as of one moment."""

    def __init__(self, settings: SqlViewSettings) -> None:
        self.settings = settings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Writes ``<table>.csv`` for each view; an interrupted fetch begins anew, since the views belong to one moment."""
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        rows = 0
        with _translate_errors(), _open_snapshot(self.settings.url) as connection:
            for name, view in self.settings.views.items():
                rows += self._write_view(connection, view, into / f"{name}.csv", rows)
        return Fetched(
            tuple(sorted(f"{name}.csv" for name in self.settings.views)), rows, remember=remembered
        )

    def _write_view(self, connection: Connection, view: str, target: Path, before: int) -> int:
        """NULL and the empty text both become an empty cell, as for every reader of CSV; returns the number of rows."""
        settings = self.settings
        schema, _, plain = view.rpartition(".")
        columns = [(c["name"], c["type"]) for c in _view_columns(connection, plain, schema or None)]
        source = table(plain, *(column(name) for name, _ in columns), schema=schema or None)
        query = select(source)
        if isinstance(columns[0][1], ORDERED):
            query = query.order_by(source.c[columns[0][0]])
        streamed = connection.execution_options(
            stream_results=True, max_row_buffer=settings.chunk_rows
        )
        part, rows = target.with_name(target.name + ".part"), 0
        with os.fdopen(
            os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            "w",
            encoding="utf-8",
            newline="",
        ) as file:
            writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
            writer.writerow([name for name, _ in columns])
            with streamed.execute(query) as result:
                for chunk in result.partitions(settings.chunk_rows):
                    rows += len(chunk)
                    if before + rows > settings.max_rows:
                        raise _too_many(settings.max_rows)
                    writer.writerows([[as_text(value) for value in row] for row in chunk])
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
        return rows


def _view_columns(connection: Connection, view: str, schema: str | None) -> list[Any]:
    try:
        found = inspect(connection).get_columns(view, schema=schema)
    except NoSuchTableError:
        found = []
    if not found:
        raise CannotFetch(
            "view_missing",
            f"Die Sicht „{f'{schema}.' if schema else ''}{view}“ gibt es in der Datenbank nicht, oder der Benutzer darf sie nicht sehen. "
            "Bitte views in der Konfiguration (auch Groß- und Kleinschreibung) und die Rechte prüfen.",
        )
    return found


@contextmanager
def _open_snapshot(url: URL) -> Iterator[Connection]:
    """A connection in a transaction that cannot write and, where the database knows that, sees one moment."""
    engine = _make_engine(url)
    try:
        with _open_connection(engine) as connection:
            yield connection
    finally:
        engine.dispose()


def _make_engine(url: URL) -> Engine:
    kind = url.get_backend_name()
    settings: dict[str, Any] = {}
    options: dict[str, Any] = {}
    if kind == "postgresql":
        settings = {
            "connect_timeout": CONNECT_SECONDS,
            "options": f"-c statement_timeout={STATEMENT_SECONDS}s",
        }
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    elif kind == "mssql":
        settings = {"timeout": CONNECT_SECONDS, "readonly": True}
    # rows must not get into a log, whatever is logged of the warehouse
    logging.getLogger(f"sqlalchemy.engine.Engine.{QUIET}").setLevel(logging.CRITICAL)
    try:
        return create_engine(
            url,
            connect_args=settings,
            execution_options=options,
            poolclass=NullPool,
            logging_name=QUIET,
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        extra = {"mssql": "mssql", "postgresql": "postgres"}.get(kind, "")
        hint = (
            f" Bitte einmal ausführen: python3 drehscheibe.py setup {extra}"
            if extra
            else " Bitte url in der Konfiguration prüfen."
        )
        message = f"Für die Datenbank fehlt eine Bibliothek.{hint}"
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
    if refused:
        message = "Die Datenbank hat die Anmeldung abgewiesen. Bitte Benutzer, Kennwort und Namen der Datenbank prüfen."
        raise LoginRefused("login_refused", message)
    raise CannotFetch(
        "unreachable",
        "Die Datenbank ist nicht erreichbar. Bitte Adresse, Name der Datenbank, Netz und Firewall prüfen.",
    )


def _is_refusal(error: Any) -> bool:
    """Whether the server said no to the login: pyodbc tells by SQLSTATE class 28, psycopg by what libpq kept of the failed line.

    PostgreSQL's sentence is in the server's language, only its FATAL is the same in all; without it the line broke.
    """
    if str(next((a for a in getattr(error, "args", ()) if isinstance(a, str)), "")).startswith(
        "28"
    ):
        return True
    line = getattr(error, "pgconn", None)
    return line is not None and bool(
        line.needs_password or (line.used_password and b"FATAL" in line.error_message)
    )


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turns what the database says while reading into what can be done; its own words may hold values."""
    try:
        yield
    except DataError:
        rule = "value_unreadable"
    except DBAPIError as error:
        rule = (
            "not_readable"
            if str(getattr(error.orig, "sqlstate", "")) == "42501"
            else "connection_lost"
        )
    except SQLAlchemyError:
        rule = "connection_lost"
    else:
        return
    raise CannotFetch(rule, SENTENCES[rule])


def _too_many(most: int) -> CannotFetch:
    return CannotFetch(
        "too_many_rows",
        f"Die Sichten haben zusammen mehr als {most} Zeilen. Bitte prüfen, oder max_rows anheben.",
    )
