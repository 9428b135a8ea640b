"""Files with personal data are for their owner only, however open the umask and the folder are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import text

from pipelines.config import load_config
from pipelines.hub import Hub
from tests.orchestration.running import ROOT, district, execute, failures
from warehouse.database.embedded_file import log_of
from warehouse.files.private_files import private_files

YEAR = ("--from", "2024-01-01", "--to", "2024-12-31")


@pytest.fixture
def open_umask() -> Iterator[None]:
    """Files are for everyone unless the program says otherwise."""
    former = os.umask(0)
    try:
        yield
    finally:
        os.umask(former)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district whose data folder was made by someone who lets everyone in."""
    config = district(tmp_path_factory.mktemp("district"))
    (config.parent / "data").mkdir()
    (config.parent / "data").chmod(0o777)
    return config


def call(config: Path, *words: str, status: int = 0) -> None:
    """Runs the command line as a program of its own, which has to end with the status."""
    program = [sys.executable, "-c", "from pipelines.cli import main; main()", *words]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(config.parent)}
    done = subprocess.run(
        program, env=env, cwd=config.parent, umask=0, capture_output=True, text=True, check=False
    )
    assert done.returncode == status, done.stderr


def readable_by_others(folder: Path) -> set[str]:
    """The files and folders below that others may read, write or enter."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not path.is_symlink() and path.stat().st_mode & 0o077
    }


@pytest.mark.thorough
def test_every_command_writes_for_its_owner_only(config: Path) -> None:
    folder = config.parent
    before = readable_by_others(folder)
    call(config, "run")
    call(config, "report", *YEAR, "--out", "berichte/2024")
    call(config, "kennzahlen", *YEAR, "--workbook", "tabellen/kennzahlen.xlsx")
    # The simulated deliveries are long past, so no form is in the parcel.
    call(config, "transfer", "jobcenter", "--out", "versand/heute", status=1)
    call(config, "read", *map(str, folder.glob("exports/tau/*/*.csv")), "--out", "sauber/tau")
    call(config, "db", "backup", "sicherung/")
    made = {"data", "berichte", "tabellen", "versand", "sauber", "sicherung"}
    assert {name for name in made if any((folder / name).rglob("*"))} == made
    assert (folder / "data" / "warehouse.duckdb").exists()
    assert readable_by_others(folder) == before


@pytest.mark.slow
@pytest.mark.thorough
@pytest.mark.usefixtures("open_umask")
def test_so_does_dagster(config: Path, tmp_path: Path) -> None:
    before = readable_by_others(config.parent)
    with dg.DagsterInstance.ephemeral(tempdir=str(tmp_path)) as instance:
        assert failures(execute(config, "nightly", instance)) == {}
    assert readable_by_others(config.parent) == before


@pytest.mark.usefixtures("open_umask")
def test_the_log_of_the_warehouse_is_its_owners(config: Path) -> None:
    with private_files(), Hub(load_config(config)) as hub:
        with hub.store.transaction() as connection:
            connection.execute(text("CREATE TABLE logged AS SELECT 1 AS one"))
        log = log_of(config.parent / "data" / "warehouse.duckdb")
        assert log.stat().st_mode & 0o777 == 0o600
        with hub.store.transaction() as connection:
            connection.execute(text("DROP TABLE logged"))


@pytest.mark.usefixtures("open_umask")
def test_the_umask_is_given_back(tmp_path: Path) -> None:
    with private_files():
        (tmp_path / "inside").touch()
    (tmp_path / "outside").touch()
    assert (tmp_path / "inside").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "outside").stat().st_mode & 0o777 == 0o666
