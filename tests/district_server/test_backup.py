"""Backup and restore: every way between the engines gives the same rows and figures; broken ones change nothing; a run may go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.district_server.districts import (
    AGS,
    ENGINES,
    Accounts,
    Exports,
    change_byte,
    change_manifest,
    figures,
    restore,
    rows,
)
from warehouse.backup.archive import FORMAT, BackupManifest, BadBackup, create_archive
from warehouse.backup.backup import write_backup
from warehouse.backup.consistency_check import check_warehouse
from warehouse.backup.restore import NotEmpty
from warehouse.database.store import Store, WrongSchema
from warehouse.encryption.key import Key, KeyProblem, make_file
from warehouse.landing.landing import Landing

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]


def fresh(
    request: pytest.FixtureRequest,
    engine: str,
    exports: Exports,
    folder: Path,
    login: str = "kreis_a_loader",
) -> Hub:
    """An empty warehouse of district a on the engine."""
    if engine == "duckdb":
        return exports.hub(folder, ags=AGS["a"])
    accounts: Accounts = request.getfixturevalue("accounts")
    return exports.hub(folder, accounts.url(login), AGS["a"])


@pytest.mark.parametrize(
    ("origin", "target"),
    [
        ("duckdb", "postgresql"),
        pytest.param("postgresql", "duckdb", marks=pytest.mark.slow),
        pytest.param("duckdb", "duckdb", marks=pytest.mark.slow),
        pytest.param("postgresql", "postgresql", marks=pytest.mark.slow),
    ],
)
def test_a_backup_gives_the_same_warehouse_on_either_engine(
    request: pytest.FixtureRequest,
    origin: str,
    target: str,
    kept: dict[str, Path],
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    with (
        fresh(request, target, exports["a"], tmp_path) as hub,
        exports["a"].hub(undisturbed["a"]) as never,
    ):
        restore(kept[origin], hub.store, hub.landing)
        assert rows(hub) == rows(never)
        assert figures(hub, exports["a"]) == figures(never, exports["a"])
        assert check_warehouse(hub.store, hub.landing) == []
        with pytest.raises(NotEmpty):
            restore(kept[origin], hub.store, hub.landing)
        assert {t.state for t in run_intake(hub)} == {"known"}


def test_a_district_restores_beside_another(
    both: Accounts, kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path
) -> None:
    with exports["b"].hub(exports["b"].data, both.url("kreis_b_loader")) as other:
        before = rows(other)
        with both.session("postgres") as admin:
            admin.execute(
                text(
                    "UPDATE district_member SET district = '08993' WHERE role_name = 'kreis_a_loader'"
                )
            )
            admin.execute(text("INSERT INTO district_member VALUES ('hub_owner', '08993')"))
            admin.commit()
        with exports["a"].hub(tmp_path, both.url("kreis_a_loader"), "08993") as hub:
            restore(kept["duckdb"], hub.store, hub.landing)
            mine = rows(hub)
        # Replacing needs the right to delete, which a loader does not have; the owner replaces the rows of its district alone.
        with exports["a"].hub(tmp_path, both.url("hub_owner"), "08993") as hub:
            restore(kept["postgresql"], hub.store, hub.landing, force=True)
            assert rows(hub) == mine
        assert rows(other) == before


def test_a_superuser_keeps_to_its_own_district_too(
    both: Accounts, exports: dict[str, Exports], tmp_path: Path
) -> None:
    with Store(both.admin) as store:
        nothing = Landing(tmp_path / "landing")
        assert write_backup(store, nothing, tmp_path / "none.zip", AGS["a"]).tables["person"] == 0
        assert "several districts" in " ".join(check_warehouse(store, nothing))


@pytest.mark.slow
@pytest.mark.thorough
def test_a_backup_is_one_moment_while_a_run_goes_on(
    accounts: Accounts, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    place = (tmp_path / "running", accounts.url("kreis_a_loader"))
    moments: list[Path] = []
    with exports["a"].hub(*place) as hub:

        def between(connection: Any) -> None:
            file = tmp_path / f"{len(moments)}.zip"
            moments.append(file)
            with Store(place[1]) as beside:
                write_backup(beside, hub.landing, file, AGS["a"])

        event.listen(hub.store.engine, "commit", between)
        run_intake(hub)
    assert len(moments) == 9
    for number in (1, 5):
        with exports["a"].hub(tmp_path / f"from{number}") as hub:
            restore(moments[number], hub.store, hub.landing)
            # Taken just before the commit of a delivery: of it nothing, of those before everything.
            assert hub.store.last_load() == number - 1
            assert check_warehouse(hub.store, hub.landing) == []
            run_intake(hub)
            with exports["a"].hub(undisturbed["a"]) as never:
                assert rows(hub) == rows(never)


BROKEN = {
    "cut_off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "one_byte_changed": lambda file: change_byte(file, file.stat().st_size // 3),
    "no_backup": lambda file: file.write_bytes(b"PK nothing"),
    "newer_format": lambda file: change_manifest(file, f'"format": {FORMAT}', '"format": 99'),
}


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_backup_changes_nothing(
    way: str, kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path
) -> None:
    file = tmp_path / "broken.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    BROKEN[way](file)
    with exports["a"].hub(tmp_path) as hub:
        with pytest.raises(BadBackup):
            restore(file, hub.store, hub.landing)
        assert hub.store.last_load() == 0
        assert not (tmp_path / "data" / "landing").exists()


def test_a_backup_of_a_newer_schema_is_refused(
    kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path
) -> None:
    file = tmp_path / "newer.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    change_manifest(file, '"revision": "', '"revision": "9')
    with exports["a"].hub(tmp_path) as hub, pytest.raises(WrongSchema, match="newer"):
        restore(file, hub.store, hub.landing)


KILLED = """
import os, signal, sys
from pathlib import Path
import warehouse.database.bulk_insert as bulk
real = bulk.insert_batch
def insert(connection, table, batch):
    real(connection, table, batch)
    if table.name == 'person_link':
        os.kill(os.getpid(), signal.SIGKILL)
bulk.insert_batch = insert
from pipelines.config import load_config
from pipelines.hub import Hub
from tests.district_server.districts import restore
with Hub(load_config(Path(sys.argv[1]))) as hub:
    restore(Path(sys.argv[2]), hub.store, hub.landing, force=True)
"""


@pytest.mark.parametrize("engine", ENGINES)
def test_a_killed_restore_leaves_the_old_state(
    request: pytest.FixtureRequest,
    engine: str,
    kept: dict[str, Path],
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    if engine == "postgresql":
        accounts: Accounts = request.getfixturevalue("accounts")
        with accounts.session("postgres") as admin:
            admin.execute(text("INSERT INTO district_member VALUES ('hub_owner', '08991')"))
            admin.commit()
    with fresh(request, engine, exports["b"], tmp_path, "hub_owner") as hub:
        run_intake(hub)
        before = rows(hub)
    told = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path / "drehscheibe.yaml"), str(kept["duckdb"])],
        cwd=ROOT,
        check=False,
    )
    assert told.returncode == -signal.SIGKILL
    with (
        fresh(request, engine, exports["b"], tmp_path, "hub_owner") as hub,
        exports["a"].hub(undisturbed["a"]) as never,
    ):
        assert rows(hub) == before
        assert check_warehouse(hub.store, hub.landing) == []
        restore(kept["duckdb"], hub.store, hub.landing, force=True)
        assert rows(hub) == rows(never) != before
        assert check_warehouse(hub.store, hub.landing) == []


def test_a_backup_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        create_archive(tmp_path / "b.zip", BackupManifest("0001", "", "duckdb")),
    ):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_encrypted_data_is_encrypted(
    kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path
) -> None:
    pytest.importorskip("pyrage")
    key: Key = make_file(tmp_path / "key.txt")
    with exports["a"].hub(tmp_path / "plain") as hub:
        restore(kept["duckdb"], hub.store, hub.landing)
        expected = rows(hub)
        names = {r[0].encode() for r in _names(hub)}
        sealing = Landing(tmp_path / "sealed" / "landing", key)
        restore(kept["duckdb"], hub.store, sealing, force=True)
        file = tmp_path / "sealed.zip.age"
        write_backup(hub.store, sealing, file, AGS["a"])
    assert file.stat().st_mode & 0o077 == 0
    assert not any(n in file.read_bytes() for n in (*names, b"parquet", b"enaio"))
    with exports["a"].hub(tmp_path / "again") as hub:
        with pytest.raises(KeyProblem):
            restore(file, hub.store, hub.landing)
        restored = Landing(tmp_path / "again" / "sealed", key)
        restore(file, hub.store, restored)
        assert rows(hub) == expected
        assert check_warehouse(hub.store, restored) == []
        with pytest.raises(BadBackup, match="another key"):
            restore(file, hub.store, Landing(tmp_path / "other", make_file(tmp_path / "other.txt")))
    assert os.listdir(tmp_path / "again" / "data") == ["warehouse.duckdb"]


def _names(hub: Hub) -> list[Any]:
    with hub.store.read() as connection:
        return list(
            connection.execute(text("SELECT last_name FROM person WHERE length(last_name) > 5"))
        )
