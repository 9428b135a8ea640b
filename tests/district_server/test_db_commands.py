"""The commands `db upgrade|check|backup|restore|rights` as people call them: answers, refusals and exit status."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

from pipelines.cli.app import app
from tests.district_server.conftest import OWNER
from tests.district_server.districts import Accounts, Exports
from warehouse.database.store import engine_of
from warehouse.migrations import list_revisions, upgrade_schema

pytestmark = pytest.mark.thorough

NEWEST = list_revisions()[-1]


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, output and errors of a command."""
    from pipelines.cli.errors import guarded

    with pytest.raises(SystemExit) as ended:
        guarded(lambda: app(list(arguments)))
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_backup_and_restore_of_an_embedded_warehouse(
    capsys: pytest.CaptureFixture[str],
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    here, there = (
        str(undisturbed["a"] / "drehscheibe.yaml"),
        str(exports["a"].written(tmp_path / "there")),
    )
    assert call(capsys, "db", "check", "-c", here)[:2] == (0, "all is well\n")
    status, out, _ = call(capsys, "db", "backup", str(tmp_path), "-c", here, "--json")
    made = json.loads(out)
    assert status == 0 and made["revision"] == NEWEST and made["deliveries"] == 8
    file = Path(made["file"])
    assert file.parent == tmp_path and file.stat().st_mode & 0o777 == 0o600
    again = call(capsys, "db", "backup", str(file), "-c", here)
    assert again[0] == 2 and "exists already" in again[2]
    for night in (1, 2):
        assert call(capsys, "db", "backup", f"{tmp_path}/nights/", "-c", here)[0] == 0
        time.sleep(1.1)
        assert len(list((tmp_path / "nights").glob("drehscheibe-*.zip"))) == night
    status, out, _ = call(capsys, "db", "restore", str(file), "--into", there)
    assert (status, out.split(",")[1]) == (0, " 8 deliveries")
    assert call(capsys, "db", "check", "-c", there)[0] == 0
    refused = call(capsys, "db", "restore", str(file), "--into", there)
    assert refused[0] == 1 and "--force" in refused[2]
    assert call(capsys, "db", "restore", str(file), "--into", there, "--force")[0] == 0
    assert call(capsys, "db", "restore", str(tmp_path / "nothing.zip"), "--into", there)[0] == 2


def test_a_damaged_file_is_told_and_replaced_by_its_backup(
    capsys: pytest.CaptureFixture[str],
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    config, file = str(exports["a"].written(tmp_path)), str(tmp_path / "b.zip")
    assert (
        call(capsys, "db", "backup", file, "-c", str(undisturbed["a"] / "drehscheibe.yaml"))[0] == 0
    )
    warehouse = tmp_path / "data" / "warehouse.duckdb"
    warehouse.parent.mkdir()
    warehouse.write_bytes(b"not what it was")
    for words in (
        ("run",),
        ("status",),
        ("db", "check"),
        ("db", "upgrade"),
        ("db", "backup", str(tmp_path / "c.zip")),
    ):
        status, _, err = call(capsys, *words, "-c", config)
        assert status == 1 and "damaged" in err and "unexpected" not in err
    status, out, _ = call(capsys, "doctor", "-c", config)
    assert status == 1 and "damaged" in out
    assert call(capsys, "db", "restore", file, "--into", config)[0] == 1
    assert warehouse.read_bytes() == b"not what it was"
    status, out, err = call(capsys, "db", "restore", file, "--into", config, "--force")
    assert (status, out.split(",")[1]) == (0, " 8 deliveries") and "put aside" in err
    (aside,) = warehouse.parent.glob("warehouse.duckdb.damaged-*")
    assert aside.read_bytes() == b"not what it was"
    assert call(capsys, "db", "check", "-c", config)[0] == 0


def test_a_restore_that_cannot_be_makes_nothing(
    capsys: pytest.CaptureFixture[str],
    exports: dict[str, Exports],
    undisturbed: dict[str, Path],
    tmp_path: Path,
) -> None:
    pytest.importorskip("pyrage")
    from warehouse.backup.backup import write_backup
    from warehouse.encryption.key import make_file
    from warehouse.landing.landing import Landing

    with exports["a"].hub(undisturbed["a"]) as hub:
        sealing = Landing(tmp_path / "nothing", make_file(tmp_path / "key"))
        write_backup(
            hub.store, sealing, tmp_path / "b.zip.age", exports["a"].ags, leave_out_damaged=True
        )
    config = exports["a"].written(tmp_path / "there")
    for file, expected in ((tmp_path / "b.zip.age", 2), (tmp_path / "key", 1)):
        assert call(capsys, "db", "restore", str(file), "--into", str(config))[0] == expected
        assert [p.name for p in config.parent.iterdir()] == ["drehscheibe.yaml"]


def test_check_lists_what_is_wrong_and_is_red(
    capsys: pytest.CaptureFixture[str], both: Accounts, exports: dict[str, Exports], tmp_path: Path
) -> None:
    path = str(exports["a"].written(tmp_path, both.url("kreis_a_loader")))
    status, out, err = call(capsys, "db", "check", "-c", path)
    assert status == 1 and out.count("is not in the landing") == 8 and "8 things are wrong" in err


def test_upgrade_says_from_which_revision_to_which(
    capsys: pytest.CaptureFixture[str],
    empty: Callable[[], URL],
    first_accounts: Accounts,
    exports: dict[str, Exports],
    tmp_path: Path,
) -> None:
    url = empty()
    engine = engine_of(url)
    with engine.begin() as connection:
        connection.execute(text(f"ALTER DATABASE {url.database} OWNER TO {OWNER}"))
    engine.dispose()
    owner = engine_of(url.set(username=OWNER))
    upgrade_schema(owner, "0001")
    owner.dispose()
    path = str(exports["a"].written(tmp_path, url.set(username="kreis_a_loader")))
    status, _, err = call(capsys, "db", "upgrade", "-c", path)
    assert status == 1 and "no right" in err
    assert call(capsys, "db", "upgrade", "-c", path, "--user", OWNER)[:2] == (
        0,
        f"upgraded from 0001 to {NEWEST}\n",
    )
    assert call(capsys, "db", "upgrade", "-c", path, "--user", OWNER)[:2] == (
        0,
        f"already at revision {NEWEST}\n",
    )


def test_rights_admits_a_login(
    capsys: pytest.CaptureFixture[str],
    accounts: Accounts,
    exports: dict[str, Exports],
    tmp_path: Path,
) -> None:
    engine = create_engine(accounts.admin)
    with engine.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS kreis_c_loader"))
        connection.execute(text("CREATE ROLE kreis_c_loader LOGIN"))
    engine.dispose()
    path = str(exports["a"].written(tmp_path, accounts.url("kreis_c_loader"), "08993"))
    admit = (
        "db",
        "rights",
        "-c",
        path,
        "--user",
        "postgres",
        "--login",
        "kreis_c_loader",
        "--role",
    )
    assert call(capsys, "run", "-c", path)[0] == 2
    assert call(capsys, *admit, "lader", "--district", "08993")[0] == 2
    status, out, _ = call(capsys, *admit, "loader", "--district", "08993", "--json")
    assert status == 0 and json.loads(out)["role"] == "drehscheibe_loader"
    assert call(capsys, "run", "-c", path)[0] == 0
    with accounts.session("postgres") as admin:
        assert set(admin.execute(text("SELECT DISTINCT district FROM person")).scalars()) == {
            "08993"
        }


def test_the_embedded_warehouse_has_no_roles(
    capsys: pytest.CaptureFixture[str], undisturbed: dict[str, Path]
) -> None:
    status, _, err = call(capsys, "db", "rights", "-c", str(undisturbed["a"] / "drehscheibe.yaml"))
    assert status == 2 and "no roles" in err


def test_backup_waits_for_a_run_and_then_refuses(
    capsys: pytest.CaptureFixture[str], exports: dict[str, Exports], tmp_path: Path
) -> None:
    import subprocess
    import sys

    path = exports["a"].written(tmp_path)
    holding = "import sys, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"
    (tmp_path / "data").mkdir()
    other = subprocess.Popen(
        [sys.executable, "-c", holding, str(tmp_path / "data" / "warehouse.duckdb")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert other.stdout and other.stdout.readline() == b"held\n"
    status, _, err = call(capsys, "db", "backup", str(tmp_path), "-c", str(path), "--wait", "1")
    other.communicate()
    assert status == 1 and "in use by another process" in err
    assert list(tmp_path.glob("*.zip")) == []
