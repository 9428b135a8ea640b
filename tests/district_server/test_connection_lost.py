"""The server goes away in the middle of a load: the state is the old or the new one, a sentence says so, and the next run ends as ever."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, event, text

from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.district_server.districts import Accounts, Exports, figures, rows
from tests.postgres import run_server
from warehouse.database import bulk_insert
from warehouse.database.store import ConnectionLost

# Where the connection is cut: at the n-th statement of the run, whatever it is, or at the n-th commit (the first is the registers').
EVERY, COMMIT = "", "COMMIT"
STEPS = (
    *((EVERY, n) for n in (1, 4, 12, 20, 35, 50, 70, 90, 110, 130)),
    (COMMIT, 2),
    (COMMIT, 4),
    (EVERY, 60),
    (EVERY, 150),
)


def cut_at(hub: Hub, words: str, number: int, cut: Callable[[], None]) -> None:
    """Calls ``cut`` just before the n-th statement with these words, once."""
    left = [number]

    def seen(statement: str) -> None:
        left[0] -= words in statement
        if left[0] == 0:
            left[0] = -1
            cut()

    def on_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen(statement)

    event.listen(hub.store.engine, "before_cursor_execute", on_statement)
    event.listen(hub.store.engine, "commit", lambda connection: words and seen(COMMIT))


def kill_sessions(accounts: Accounts) -> None:
    with accounts.session("postgres") as admin:
        end = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND application_name = 'drehscheibe'"
        )
        assert admin.execute(text(end)).scalars().all()


@pytest.mark.slow
@pytest.mark.thorough
def test_a_killed_session_leaves_the_old_state_or_the_new_one(
    accounts: Accounts, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    district, account = exports["a"], accounts.url("kreis_a_loader")
    loads = [0]
    for words, number in STEPS:
        with district.hub(tmp_path, account) as hub:
            cut_at(hub, words, number, lambda: kill_sessions(accounts))
            with pytest.raises(ConnectionLost, match="start again"):
                run_intake(hub)
        with district.hub(tmp_path, account) as hub:
            loads.append(hub.store.last_load())
            with hub.store.read() as connection:
                open_loads = connection.execute(
                    text("SELECT count(*) FROM delivery WHERE load_number IS NOT NULL")
                ).scalar_one()
            assert loads[-2] <= loads[-1] == open_loads < 8
    with district.hub(tmp_path, account) as hub, district.hub(undisturbed["a"]) as never:
        run_intake(hub)
        assert rows(hub) == rows(never)
        assert figures(hub, district) == figures(never, district)


def test_a_copy_that_breaks_off_is_undone(
    accounts: Accounts,
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    district, account = exports["a"], accounts.url("kreis_a_loader")
    calls = [0]
    real = bulk_insert._copy_to_postgres

    def breaking(*given: Any) -> None:
        calls[0] += 1
        if calls[0] == 3:
            kill_sessions(accounts)
        real(*given)

    with district.hub(tmp_path, account) as hub:
        monkeypatch.setattr(bulk_insert, "_copy_to_postgres", breaking)
        with pytest.raises(ConnectionLost, match="start again"):
            run_intake(hub)
        assert {len(r) for r in rows(hub).values()} == {0}
        assert {t.state for t in run_intake(hub)} == {"loaded"}
        with district.hub(undisturbed["a"]) as never:
            assert rows(hub) == rows(never)


COMMAND = (
    "import sys; from pipelines.cli import main; sys.argv = ['drehscheibe', *sys.argv[1:]]; main()"
)


@pytest.mark.thorough
def test_a_server_that_stops_is_said_in_a_sentence_and_the_next_run_is_as_ever(
    exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    district = exports["b"]
    with run_server() as own:
        url = own.new_database()
        with district.hub(tmp_path, url) as hub:
            cut_at(hub, "INSERT INTO person", 3, own.running._stop)
            with pytest.raises(ConnectionLost):
                run_intake(hub)
        told = command("run", "-c", str(tmp_path / "drehscheibe.yaml"))
        assert told.returncode == 1
        assert "database server cannot be used" in told.stderr and "Traceback" not in told.stderr
        own.running.ensure_postgres_running()
        again = command("run", "-c", str(tmp_path / "drehscheibe.yaml"))
        assert again.returncode == 0, again.stderr
        with district.hub(tmp_path, url) as hub, district.hub(undisturbed["b"]) as never:
            assert rows(hub) == rows(never)
            assert figures(hub, district) == figures(never, district)


@pytest.mark.thorough
def test_a_command_that_loses_its_server_ends_with_one_sentence(
    accounts: Accounts, exports: dict[str, Exports], tmp_path: Path
) -> None:
    configuration = exports["a"].written(tmp_path, accounts.url("kreis_a_loader"))
    engine = create_engine(accounts.admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        # The server cuts the connection itself, with the first row that reaches the table.
        admin.execute(
            text(
                "CREATE FUNCTION cut() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS "
                "$$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$"
            )
        )
        admin.execute(
            text("CREATE TRIGGER cut AFTER INSERT ON counselling_case EXECUTE FUNCTION cut()")
        )
        told = command("run", "-c", str(configuration))
        admin.execute(text("DROP TRIGGER cut ON counselling_case"))
    engine.dispose()
    assert told.returncode == 1
    sentences = [line for line in told.stderr.splitlines() if not line.startswith("[")]
    assert len(sentences) == 1 and "connection to the database server was lost" in sentences[0], (
        sentences
    )
    assert command("run", "-c", str(configuration)).returncode == 0


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[2]
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )
