"""Backup and restore: every way between the engines gives the same rows and figures; broken ones change nothing; a run may go on."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from pipelines.hub import Hub
from pipelines.run import run
from tests.district_server.districts import AGS, Accounts, Exports, figures, restore, rows
from warehouse.district import WrongDistrict
from warehouse.encryption.key import Key, KeyProblem, make_file
from warehouse.landing import Landing
from warehouse.store import Store, WrongSchema
from warehouse.upkeep.archive import BadBackup, Contents, writing
from warehouse.upkeep.backup import LandingDamaged, backup
from warehouse.upkeep.check import check
from warehouse.upkeep.restore import NotEmpty

ROOT = Path(__file__).parents[2]
ENGINES = ("duckdb", "postgresql")


@pytest.fixture(scope="session")
def kept(
    first_both: Accounts, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A backup of district a from either engine."""
    folder, files = tmp_path_factory.mktemp("kept"), {}
    for engine in ENGINES:
        files[engine] = folder / f"{engine}.zip"
        place = (undisturbed["a"], None) if engine == "duckdb" else (exports["a"].data, first_both.url("kreis_a_loader"))
        with exports["a"].hub(*place) as hub:
            contents = backup(hub.store, hub.landing, files[engine], AGS["a"])
            assert contents.tables["person"] == len(rows(hub)["person"]) > 0
            assert len(contents.deliveries) == 8
    return files


def fresh(request: pytest.FixtureRequest, engine: str, exports: Exports, folder: Path, login: str = "kreis_a_loader") -> Hub:
    """An empty warehouse of district a on the engine."""
    if engine == "duckdb":
        return exports.hub(folder, ags=AGS["a"])
    accounts: Accounts = request.getfixturevalue("accounts")
    return exports.hub(folder, accounts.url(login), AGS["a"])


@pytest.mark.parametrize("target", ENGINES)
@pytest.mark.parametrize("origin", ENGINES)
def test_a_backup_gives_the_same_warehouse_on_either_engine(
    request: pytest.FixtureRequest,
    origin: str,
    target: str,
    kept: dict[str, Path],
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    with fresh(request, target, exports["a"], tmp_path) as hub, exports["a"].hub(undisturbed["a"]) as never:
        restore(kept[origin], hub.store, hub.landing)
        assert rows(hub) == rows(never)
        assert figures(hub, exports["a"]) == figures(never, exports["a"])
        assert check(hub.store, hub.landing) == []
        with pytest.raises(NotEmpty):
            restore(kept[origin], hub.store, hub.landing)
        assert {t.state for t in run(hub)} == {"known"}


def test_a_district_restores_beside_another(both: Accounts, kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path) -> None:
    with exports["b"].hub(exports["b"].data, both.url("kreis_b_loader")) as other:
        before = rows(other)
        with both.session("postgres") as admin:
            admin.execute(text("UPDATE district_member SET district = '08993' WHERE role_name = 'kreis_a_loader'"))
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


def test_a_superuser_keeps_to_its_own_district_too(both: Accounts, exports: dict[str, Exports], tmp_path: Path) -> None:
    with Store(both.admin) as store:
        nothing = Landing(tmp_path / "landing")
        assert backup(store, nothing, tmp_path / "none.zip", AGS["a"]).tables["person"] == 0
        assert "several districts" in " ".join(check(store, nothing))


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
                backup(beside, hub.landing, file, AGS["a"])

        event.listen(hub.store.engine, "commit", between)
        run(hub)
    assert len(moments) == 9
    for number in (1, 5):
        with exports["a"].hub(tmp_path / f"from{number}") as hub:
            restore(moments[number], hub.store, hub.landing)
            # Taken just before the commit of a delivery: of it nothing, of those before everything.
            assert hub.store.last_load() == number - 1
            assert check(hub.store, hub.landing) == []
            run(hub)
            with exports["a"].hub(undisturbed["a"]) as never:
                assert rows(hub) == rows(never)


BROKEN = {
    "cut_off": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "one_byte_changed": lambda file: _change(file, file.stat().st_size // 3),
    "no_backup": lambda file: file.write_bytes(b"PK nothing"),
    "newer_format": lambda file: _manifest(file, '"format": 2', '"format": 99'),
}


def _change(file: Path, at: int) -> None:
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.write_bytes(bytes(content))


def _manifest(file: Path, old: str, new: str) -> None:
    with zipfile.ZipFile(file) as whole:
        parts = {i.filename: whole.read(i) for i in whole.infolist()}
    parts["manifest.json"] = parts["manifest.json"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(file, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)


@pytest.mark.parametrize("way", BROKEN)
def test_a_broken_backup_changes_nothing(way: str, kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path) -> None:
    file = tmp_path / "broken.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    BROKEN[way](file)
    with exports["a"].hub(tmp_path) as hub:
        with pytest.raises(BadBackup):
            restore(file, hub.store, hub.landing)
        assert hub.store.last_load() == 0
        assert not (tmp_path / "data" / "landing").exists()


def test_a_backup_of_a_newer_schema_is_refused(kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path) -> None:
    file = tmp_path / "newer.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    _manifest(file, '"revision": "', '"revision": "9')
    with exports["a"].hub(tmp_path) as hub, pytest.raises(WrongSchema, match="newer"):
        restore(file, hub.store, hub.landing)


KILLED = """
import os, signal, sys
from pathlib import Path
import warehouse.bulk as bulk
real = bulk.insert
def insert(connection, table, batch):
    real(connection, table, batch)
    if table.name == 'person_link':
        os.kill(os.getpid(), signal.SIGKILL)
bulk.insert = insert
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
        run(hub)
        before = rows(hub)
    told = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "drehscheibe.yaml"), str(kept["duckdb"])], cwd=ROOT, check=False)
    assert told.returncode == -signal.SIGKILL
    with fresh(request, engine, exports["b"], tmp_path, "hub_owner") as hub, exports["a"].hub(undisturbed["a"]) as never:
        assert rows(hub) == before
        assert check(hub.store, hub.landing) == []
        restore(kept["duckdb"], hub.store, hub.landing, force=True)
        assert rows(hub) == rows(never) != before
        assert check(hub.store, hub.landing) == []


# What is wrong with a landing, done to it, and words of the sentence that must say so.
LOST = {
    "changed_bytes": (lambda landing: _spoilt(_first(landing)), "does not have the bytes it came with"),
    "missing_file": (lambda landing: _first(landing).unlink(), "is missing in the landing"),
    "missing_manifest": (lambda landing: next(landing.glob("manifests/*")).unlink(), "is not in the landing"),
    "torn_manifest": (lambda landing: next(landing.glob("manifests/*")).write_text('{"deli'), "manifest is damaged"),
    "no_landing": (shutil.rmtree, "and 5 more"),
}


def _first(landing: Path) -> Path:
    return min(landing.glob("??/*"))


def _spoilt(file: Path) -> None:
    file.chmod(0o600)
    _change(file, 0)


@pytest.mark.parametrize("way", LOST)
def test_a_damaged_landing_is_told_before_a_backup_is_needed(
    way: str, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(undisturbed["a"] / "data", tmp_path / "data")
    spoil, words = LOST[way]
    spoil(tmp_path / "data" / "landing")
    file = tmp_path / "b.zip"
    with exports["a"].hub(tmp_path) as hub:
        with pytest.raises(LandingDamaged, match=words):
            backup(hub.store, hub.landing, file, AGS["a"])
        assert [p.name for p in tmp_path.iterdir() if "zip" in p.name] == []
        made = backup(hub.store, hub.landing, file, AGS["a"], leave_out_damaged=True)
        assert len(made.deliveries) == 8 - len(made.left_out)
        expected = rows(hub)
    with exports["a"].hub(tmp_path / "there") as hub:
        assert restore(file, hub.store, hub.landing).left_out == made.left_out != []
        assert rows(hub) == expected
        assert len(check(hub.store, hub.landing)) == len(made.left_out)


def test_a_backup_of_another_district_is_refused(
    kept: dict[str, Path], exports: dict[str, Exports], accounts: Accounts, tmp_path: Path
) -> None:
    with exports["b"].hub(tmp_path, accounts.url("kreis_b_loader")) as hub:
        with pytest.raises(WrongDistrict, match=r"08991.*08992"):
            restore(kept["duckdb"], hub.store, hub.landing, ags=AGS["b"])
        assert hub.store.last_load() == 0
        assert not hub.landing.folder.exists()


def test_an_older_backup_does_not_say_of_which_district_it_is(kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path) -> None:
    file = tmp_path / "older.zip"
    file.write_bytes(kept["duckdb"].read_bytes())
    _manifest(file, '"format": 2', '"format": 1')
    _manifest(file, f'"ags": "{AGS["a"]}",', "")
    with exports["b"].hub(tmp_path) as hub:
        restore(file, hub.store, hub.landing, ags=AGS["b"])
        assert hub.store.last_load() == 8


def test_a_backup_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path / "b.zip", Contents("0001", "", "duckdb")):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_backup_of_encrypted_data_is_encrypted(kept: dict[str, Path], exports: dict[str, Exports], tmp_path: Path) -> None:
    pytest.importorskip("pyrage")
    key: Key = make_file(tmp_path / "key.txt")
    with exports["a"].hub(tmp_path / "plain") as hub:
        restore(kept["duckdb"], hub.store, hub.landing)
        expected = rows(hub)
        names = {r[0].encode() for r in _names(hub)}
        sealing = Landing(tmp_path / "sealed" / "landing", key)
        restore(kept["duckdb"], hub.store, sealing, force=True)
        file = tmp_path / "sealed.zip.age"
        backup(hub.store, sealing, file, AGS["a"])
    assert file.stat().st_mode & 0o077 == 0
    assert not any(n in file.read_bytes() for n in (*names, b"parquet", b"enaio"))
    with exports["a"].hub(tmp_path / "again") as hub:
        with pytest.raises(KeyProblem):
            restore(file, hub.store, hub.landing)
        restored = Landing(tmp_path / "again" / "sealed", key)
        restore(file, hub.store, restored)
        assert rows(hub) == expected
        assert check(hub.store, restored) == []
        with pytest.raises(BadBackup, match="another key"):
            restore(file, hub.store, Landing(tmp_path / "other", make_file(tmp_path / "other.txt")))
    assert os.listdir(tmp_path / "again" / "data") == ["warehouse.duckdb"]


def _names(hub: Hub) -> list[Any]:
    with hub.store.read() as connection:
        return list(connection.execute(text("SELECT last_name FROM person WHERE length(last_name) > 5")))
