"""Two districts on one server: each account sees its own district's rows only, and gives the figures of a warehouse of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, String, text
from sqlalchemy.exc import DBAPIError

from pipelines.intake.run import run_intake
from tests.district_server.districts import AGS, Accounts, Exports, figures, rows
from warehouse.schema import ENTITIES, metadata

pytestmark = pytest.mark.thorough

TABLES = sorted(metadata.tables)
MINE, OTHERS = AGS["a"], AGS["b"]
# What rows are joined by; without statistics of it the server could not plan.
KEYS = ("_key", "_id", "linked_to")
ROW = "source, source_key, record_key, row_hash, known_from, source_file, source_table, source_row"
VALUES = "'s', 'k', 'k', 1, 1, 'f', 't', 1"


@pytest.fixture
def loader(both: Accounts) -> Iterator[Connection]:
    """The loader of district a at work."""
    with both.session("kreis_a_loader") as connection:
        yield connection


def test_each_district_has_its_own_rows_and_figures(
    first_both: Accounts, exports: dict[str, Exports], undisturbed: dict[str, Path]
) -> None:
    for name, district in exports.items():
        with (
            district.hub(undisturbed[name]) as embedded,
            district.hub(district.data, first_both.url(f"kreis_{name}_loader")) as hub,
        ):
            assert rows(hub) == rows(embedded)
            assert figures(hub, district) == figures(embedded, district)
            assert hub.store.last_load() == embedded.store.last_load() == 8
            assert {t.state for t in run_intake(hub)} == {"known"}


def test_no_table_shows_another_districts_rows(both: Accounts, loader: Connection) -> None:
    with both.session("postgres") as admin:
        whole = {
            t: admin.execute(
                text(f"SELECT count(*) FROM {t} WHERE district = '{MINE}'")
            ).scalar_one()
            for t in TABLES
        }
        assert all(
            admin.execute(
                text(f"SELECT count(*) FROM {t} WHERE district = '{OTHERS}'")
            ).scalar_one()
            for t in ("person", "load")
        )
    assert {
        t: loader.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in TABLES
    } == whole
    seen = {
        t: loader.execute(text(f"SELECT count(*) FROM {t} WHERE district <> '{MINE}'")).scalar_one()
        for t in TABLES
    }
    assert set(seen.values()) == {0}


# What the loader of one district might try to get at the other's rows; each says how many rows of the other it reached.
TOUCHING = {
    "update": f"UPDATE person SET last_name = 'x' WHERE district = '{OTHERS}'",
    "update_of_all": f"WITH u AS (UPDATE person SET sex = 'd' RETURNING district) SELECT 1 FROM u WHERE district = '{OTHERS}'",
    "delete": f"DELETE FROM finding WHERE district = '{OTHERS}'",
    "delete_of_all": f"WITH d AS (DELETE FROM person_link RETURNING district) SELECT 1 FROM d WHERE district = '{OTHERS}'",
    "temporary_view": f"CREATE TEMP VIEW v AS SELECT * FROM person; SELECT 1 FROM v WHERE district = '{OTHERS}'",
    "believed_table": f"CREATE TEMP TABLE district_member AS SELECT session_user::text AS role_name, '{OTHERS}'::text AS district; "
    f"GRANT SELECT ON district_member TO PUBLIC; SELECT 1 FROM person WHERE district = '{OTHERS}'",
    "believed_function": f"CREATE FUNCTION pg_temp.own_district() RETURNS text LANGUAGE sql AS $$ SELECT '{OTHERS}' $$; "
    f"SELECT set_config('search_path', 'pg_temp, public', true); SELECT 1 FROM person WHERE district = '{OTHERS}'",
    "leaking_function": "CREATE TEMP TABLE seen (d text); CREATE FUNCTION pg_temp.leak(d text) RETURNS bool LANGUAGE plpgsql COST 0.0001 "
    "AS $$ BEGIN INSERT INTO seen VALUES (d); RETURN true; END $$; DO $$ BEGIN PERFORM 1 FROM person WHERE pg_temp.leak(district); END $$; "
    f"SELECT 1 FROM seen WHERE d = '{OTHERS}'",
    "group_role": f"SET ROLE drehscheibe_loader; SELECT 1 FROM person WHERE district = '{OTHERS}'",
    "statistics": "SELECT 1 FROM pg_stats WHERE tablename = 'person'",
}


@pytest.mark.parametrize("attempt", TOUCHING)
def test_an_attempt_reaches_no_row(loader: Connection, attempt: str) -> None:
    *before, last = _parts(TOUCHING[attempt])
    for statement in before:
        loader.exec_driver_sql(statement)
    found = loader.exec_driver_sql(last)
    assert (found.fetchall() if found.returns_rows else found.rowcount) in ([], 0)


# What the database refuses outright, with the state it gives.
REFUSED = {
    "insert": (f"INSERT INTO person (district, {ROW}) VALUES ('{OTHERS}', {VALUES})", "42501"),
    "insert_into_a_register": (
        f"INSERT INTO team (district, name, known_from) VALUES ('{OTHERS}', 'T', 1)",
        "42501",
    ),
    "give_away": (f"UPDATE person SET district = '{OTHERS}'", "42501"),
    "become_the_other": ("SET ROLE kreis_b_loader", "42501"),
    "become_the_owner": ("SET ROLE hub_owner", "42501"),
    "become_by_set_config": ("SELECT set_config('role', 'kreis_b_loader', false)", "42501"),
    "another_session": ("SET SESSION AUTHORIZATION kreis_b_loader", "42501"),
    "another_session_by_set_config": (
        "SELECT set_config('session_authorization', 'kreis_b_loader', false)",
        "42501",
    ),
    "switch_security_off": ("SET row_security = off; SELECT count(*) FROM person", "42501"),
    "lift_security": ("ALTER TABLE person NO FORCE ROW LEVEL SECURITY", "42501"),
    "drop_policy": ("DROP POLICY own_district_only ON person", "42501"),
    "read_the_members": ("SELECT * FROM district_member", "42501"),
    "join_the_other": (f"UPDATE district_member SET district = '{OTHERS}'", "42501"),
    "enter_twice": (f"INSERT INTO district_member VALUES ('kreis_a_loader2', '{OTHERS}')", "42501"),
    "other_function": (
        "CREATE OR REPLACE FUNCTION public.own_district() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
        "42501",
    ),
    "own_table": ("CREATE TABLE public.mine (x int)", "42501"),
    "own_schema": ("CREATE SCHEMA mine", "42501"),
    "forget_history": ("DELETE FROM person", "42501"),
    "truncate": ("TRUNCATE finding", "42501"),
    "trigger": (
        "CREATE TRIGGER t BEFORE INSERT ON person FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "42501",
    ),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_an_attempt_is_refused(loader: Connection, attempt: str) -> None:
    statements, state = REFUSED[attempt]
    with pytest.raises(DBAPIError) as refused:
        for statement in _parts(statements):
            loader.exec_driver_sql(statement)
    assert refused.value.orig.sqlstate == state  # type: ignore[union-attr]


def test_the_same_keys_stand_beside_each_other(both: Accounts, loader: Connection) -> None:
    with both.session("kreis_b_loader") as other:
        theirs = other.execute(text("SELECT name FROM team ORDER BY 1")).scalars().all()
        assert (
            loader.execute(text("SELECT name FROM team ORDER BY 1")).scalars().all() == theirs != []
        )
        before = other.execute(text("SELECT count(*) FROM load")).scalar_one()
        assert loader.execute(text("UPDATE load SET delivery_id = 'x'")).rowcount == before
        assert (
            other.execute(text("SELECT count(*) FROM load WHERE delivery_id = 'x'")).scalar_one()
            == 0
        )


def test_who_is_listed_nowhere_sees_nothing(both: Accounts) -> None:
    with both.session("postgres") as admin:
        admin.execute(text("DELETE FROM district_member WHERE role_name = 'kreis_b_loader'"))
        admin.commit()
    with both.session("kreis_b_loader") as unlisted:
        tables = [e.table.name for e in ENTITIES.values()]
        assert {
            unlisted.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in tables
        } == {0}


def _parts(statements: str) -> list[str]:
    """The statements one by one; a semicolon within $$ … $$ ends none."""
    parts, open_quote = [""], False
    for piece in statements.split("$$"):
        first, *rest = [piece] if open_quote else piece.split("; ")
        parts[-1] += ("$$" + first + "$$") if open_quote else first
        parts += rest
        open_quote = not open_quote
    return [p for p in parts if p.strip()]


def estimated(connection: Connection, condition: str) -> int:
    """How many persons the server expects for a condition."""
    plan = connection.execute(
        text(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM person WHERE {condition}")
    ).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])


def test_what_the_server_expects_tells_no_value(both: Accounts, loader: Connection) -> None:
    with both.session("postgres") as admin:
        admin.execute(text("ANALYZE"))
        admin.commit()
        theirs = f"SELECT last_name FROM person WHERE district = '{OTHERS}' GROUP BY 1 ORDER BY count(*) DESC LIMIT 5"
        names = admin.execute(text(theirs)).scalars().all()
    assert len({estimated(loader, f"last_name = '{name}'") for name in (*names, "Nirgendwer")}) == 1
    assert len({estimated(loader, f"last_name < '{letter}'") for letter in "AEIMQUZ"}) == 1
    assert (
        len(
            {
                estimated(loader, f"birth_date < '{year}-01-01'")
                for year in (1900, 1980, 1990, 2000, 2100)
            }
        )
        == 1
    )


def _is_key_or_code(column: Column[Any]) -> bool:
    return column.name.endswith(KEYS) or column.info["codes"] is not None


def test_no_statistics_are_kept_of_what_a_person_is(both: Accounts) -> None:
    silent = {
        (table.name, column.name)
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name == "row_hash"
        or column.info["protection"] == "identifying"
        or (
            column.info["protection"] != "none"
            and isinstance(column.type, String)
            and not _is_key_or_code(column)
        )
    }
    with both.session("postgres") as admin:
        admin.execute(text("ANALYZE"))
        told = admin.execute(
            text("SELECT tablename, attname FROM pg_stats WHERE schemaname = 'public'")
        ).all()
    assert ("person", "known_from") in {tuple(row) for row in told}
    assert silent & {tuple(row) for row in told} == set()
