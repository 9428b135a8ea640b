"""SQL views against a real PostgreSQL: values as text, names of any kind, one moment, read-only, and what a refusal says."""

from __future__ import annotations

import csv
import datetime
import sys
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from connectors.fetch import sql_view
from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.sql_text import as_text
from connectors.fetch.sql_view import SqlView, SqlViewSettings
from tests.conformance.fault_kinds import holds
from tests.fakes.postgres import READER, Database, postgres
from tests.mappings import small


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with postgres(tmp_path_factory.mktemp("postgres")) as running:
        running.run(
            "CREATE SCHEMA tau",
            f"GRANT USAGE ON SCHEMA tau TO {READER}",
            'CREATE TABLE tau.person ("Nr" int, "Name; mit \'Anführung\'" text, seit date)',
            "INSERT INTO tau.person VALUES (2, E'Zeile\\n\"zwei\"', NULL), (1, '', '1990-02-01'), (3, NULL, 'infinity')",
            'CREATE VIEW tau."Klienten; DROP TABLE person" AS SELECT * FROM tau.person WHERE "Nr" < 3',
            "CREATE VIEW tau.unendlich AS SELECT * FROM tau.person",
            "CREATE VIEW tau.leer AS SELECT 1 AS nr WHERE false",
            "CREATE VIEW tau.viele AS SELECT g AS nr, 'x' AS name FROM generate_series(1, 25000) g",
            f"GRANT SELECT ON ALL TABLES IN SCHEMA tau TO {READER}",
            "CREATE VIEW tau.geheim AS SELECT 1 AS nr",
        )
        yield running


def fetch(url: URL, into: Path, **views: str) -> list[list[str]]:
    fetched = SqlView(SqlViewSettings(url, views, chunk_rows=1000)).fetch(into, {})
    with (into / fetched.files[0]).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def test_a_view_of_any_name_comes_in_order_of_its_key(database: Database, tmp_path: Path) -> None:
    found = fetch(database.url(), tmp_path, Klienten="tau.Klienten; DROP TABLE person")
    assert found == [
        ["Nr", "Name; mit 'Anführung'", "seit"],
        ["1", "", "1990-02-01"],
        ["2", 'Zeile\n"zwei"', ""],
    ]


def test_an_empty_view_has_its_header(database: Database, tmp_path: Path) -> None:
    assert fetch(database.url(), tmp_path, Leer="tau.leer") == [["nr"]]


def test_rows_are_counted_and_bounded(database: Database, tmp_path: Path) -> None:
    url = database.url()
    assert (
        SqlView(SqlViewSettings(url, {"A": "tau.viele", "B": "tau.viele"})).fetch(tmp_path, {}).rows
        == 50_000
    )
    with pytest.raises(CannotFetch, match="too_many_rows"):
        SqlView(SqlViewSettings(url, {"A": "tau.viele", "B": "tau.viele"}, max_rows=49_999)).fetch(
            tmp_path, {}
        )


@pytest.mark.parametrize(
    ("change", "view", "rule"),
    [
        ({"password": "falsch"}, "tau.leer", "login_refused"),
        ({"password": None}, "tau.leer", "login_refused"),
        ({}, "tau.nirgends", "view_missing"),
        ({}, "nirgends.leer", "view_missing"),
        ({}, "tau.geheim", "not_readable"),
        ({}, "tau.unendlich", "value_unreadable"),
    ],
)
def test_every_refusal_says_what_to_do(
    database: Database, tmp_path: Path, change: dict[str, str], view: str, rule: str
) -> None:
    with pytest.raises(CannotFetch, match=rule) as stopped:
        fetch(database.url(**change), tmp_path, K=view)
    assert stopped.value.again == (rule != "login_refused")
    assert "falsch" not in stopped.value.message


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("postgresql+psycopg://reader@127.0.0.1:1/db", "unreachable"),
        ("mssql+pyodbc://reader@server/db", "driver_missing"),
        ("nosuch://reader@server/db", "driver_missing"),
    ],
)
def test_a_database_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, rule: str
) -> None:
    monkeypatch.setitem(sys.modules, "pyodbc", None)
    with pytest.raises(CannotFetch, match=rule):
        fetch(make_url(url), tmp_path, K="v")


def test_nothing_can_be_written(database: Database) -> None:
    administrator = database.engine.url.set(drivername="postgresql+psycopg")
    with (
        sql_view._open_snapshot(administrator) as connection,
        pytest.raises(DBAPIError, match="read-only"),
    ):
        connection.execute(text("CREATE TABLE tau.neu (a int)"))


def test_all_views_are_of_one_moment(database: Database, tmp_path: Path) -> None:
    database.run(
        "CREATE TABLE tau.zaehler (n int)",
        "INSERT INTO tau.zaehler VALUES (1)",
        f"GRANT SELECT ON tau.zaehler TO {READER}",
    )
    seen: list[str] = []

    def between(connection: object, cursor: object, statement: str, *_: object) -> None:
        if "zaehler" in statement and statement.startswith("SELECT tau.zaehler"):
            seen.append(statement)
            if len(seen) == 2:
                database.run("UPDATE tau.zaehler SET n = 2")

    from sqlalchemy import Engine

    event.listen(Engine, "before_cursor_execute", between)
    try:
        SqlView(SqlViewSettings(database.url(), {"A": "tau.zaehler", "B": "tau.zaehler"})).fetch(
            tmp_path, {}
        )
    finally:
        event.remove(Engine, "before_cursor_execute", between)
    assert len(seen) == 2
    assert (tmp_path / "A.csv").read_bytes() == (tmp_path / "B.csv").read_bytes() == b"n\r\n1\r\n"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        ("", ""),
        ("Ä;\n", "Ä;\n"),
        (True, "1"),
        (False, "0"),
        (7, "7"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.50"), "1.50"),
        (1.5, "1.5"),
        (datetime.date(2025, 1, 2), "2025-01-02"),
        (datetime.datetime(2025, 1, 2, 3, 4, 5), "2025-01-02 03:04:05"),
        (datetime.time(3, 4), "03:04:00"),
        (b"", ""),
        ("Müller".encode(), "Müller"),
        (memoryview(b"Bad\r\nUrach"), "Bad\r\nUrach"),
        (bytearray(b"2"), "2"),
        ("Müller".encode("cp1252"), "\ufffd4dfc6c6c6572"),
        ("Müller-Lüdensche".encode("cp1252"), f"\ufffd{'Müller-Lüdensche'.encode('cp1252').hex()}"),
        ("Ulm".encode("utf-16-le"), "\ufffd55006c006d00"),
        (b"\x00\xff", "\ufffd00ff"),
        (uuid.UUID(int=2**127).bytes, "80000000000000000000000000000000"),
        ([b"Ulm", b"\xff"], '["Ulm", "\ufffdff"]'),
        (["Wohnen", None], '["Wohnen", null]'),
        ({"b": Decimal("1.0"), "a": "ä"}, '{"a": "ä", "b": "1.0"}'),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_value_is_the_same_text_everywhere(value: object, written: str) -> None:
    assert as_text(value) == written


@holds(8, "sql")
def test_bytes_are_read_or_told(tmp_path: Path) -> None:
    source = create_engine(f"sqlite:///{tmp_path}/source.db")
    rows = [(b"1", "Müller".encode()), (b"\x02\xff", b"Ali"), ("3", b"M\xfcller"), (4, "Eva")]
    with source.begin() as connection:
        connection.execute(text("CREATE TABLE k (Nr, Name)"))
        for key, name in rows:
            connection.execute(text("INSERT INTO k VALUES (:a, :b)"), {"a": key, "b": name})
    source.dispose()
    cells = fetch(source.url, tmp_path, Klienten="k")[1:]
    persons = small.plan("key: Nr\nfeeds: {person: {fields: {last_name: Name}}}")
    mapped = small.run(persons, ["Nr", "Name"], cells)
    names = [(p["key"], p.get("last_name")) for p in small.rows_of(mapped, "person")]
    assert names == [("1", "Müller"), ("3", None), ("4", "Eva")]
    assert [found[1:] for found in small.findings(mapped)] == [
        ("Nr", "key_unreadable", "rejected"),
        ("Name", "text_unreadable", "set_aside"),
    ]
