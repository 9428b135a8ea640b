"""What goes wrong for real is said by Dagster as by the command line: full disk, lock, wrong key."""

from __future__ import annotations

import json
import random
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from pipelines.cli.app import app
from pipelines.cli.errors import guarded
from pipelines.config import load_config
from pipelines.definitions import load_definitions
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
from tests.crash import disk
from tests.orchestration.running import ROOT, district, execute, failures, settle

pytestmark = pytest.mark.thorough

HOLDING = "import sys; from warehouse.database.store import Store\nwith Store(sys.argv[1]): print('held', flush=True); sys.stdin.read()"
Disturbing = Callable[[Path], AbstractContextManager[None]]


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    if not disk.can_mount():
        pytest.skip("this account can mount no small disk")
    with disk.full(folder, 0, random.Random(1)):
        yield


@contextmanager
def locked_disk(folder: Path) -> Iterator[None]:
    if not disk.can_lock():
        pytest.skip("this account can lock no folder")
    with disk.locked(folder):
        yield


@contextmanager
def small_files(folder: Path) -> Iterator[None]:
    """A delivery comes that is larger than a file may become."""
    largest = max(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    new = folder / "exports" / "tau" / "2026-01-31" / "Klienten.csv"
    new.parent.mkdir()
    with new.open("wb") as file:
        file.truncate(4 * largest)
    settle(new.parents[1])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * largest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def busy_warehouse(folder: Path) -> Iterator[None]:
    url = f"duckdb:///{folder}/data/warehouse.duckdb"
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, url],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        yield
    finally:
        holder.communicate("")


@contextmanager
def damaged_warehouse(folder: Path) -> Iterator[None]:
    (folder / "data" / "warehouse.duckdb").write_bytes(b"no warehouse" * 1000)
    yield


@contextmanager
def missing_key(folder: Path) -> Iterator[None]:
    add(folder, "encryption: {key_file: keys/kreis.key}")
    yield


@contextmanager
def lost_server(folder: Path) -> Iterator[None]:
    """Nothing listens at the address of the database server."""
    pytest.importorskip("psycopg")
    path = folder / "drehscheibe.yaml"
    there = "warehouse: postgresql+psycopg://hub@127.0.0.1:1/hub"
    path.write_text(path.read_text("utf-8").replace("warehouse: duckdb", there), "utf-8")
    assert there in path.read_text("utf-8")
    yield


@contextmanager
def occupied_folder(folder: Path) -> Iterator[None]:
    parcel = folder / "data" / "out" / "transfer" / "jobcenter" / TODAY
    parcel.mkdir(parents=True)
    (parcel / "manifest.json").write_text("{}", "utf-8")
    yield


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    yield


def add(folder: Path, line: str) -> None:
    with (folder / "drehscheibe.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


@dataclass(frozen=True)
class Trouble:
    """What is wrong, what is to be said of it, and how the command line and Dagster come upon it."""

    disturb: Disturbing
    kind: str
    status: int
    words: str
    command: tuple[str, ...] = ("run",)
    job: str = "nightly"
    config: dict[str, Any] = field(default_factory=dict)


TODAY = datetime.now(ZoneInfo("Europe/Berlin")).date().isoformat()
PARCEL = f"{{folder}}/data/out/transfer/jobcenter/{TODAY}"
EARLY = {"first": "2024-01-01", "last": "2024-12-31", "as_of": "2000-01-01"}
YEAR = ("--from", "2024-01-01", "--to", "2024-12-31")
TROUBLES = [
    Trouble(full_disk, "disk", 1, "the disk is full: make room"),
    Trouble(locked_disk, "disk|no_right", 1, "then run again"),
    Trouble(small_files, "disk", 1, "may not grow as large as needed"),
    Trouble(busy_warehouse, "warehouse_busy", 1, "in use by another process"),
    Trouble(damaged_warehouse, "warehouse_damaged", 1, "db restore"),
    Trouble(missing_key, "wrong_access", 2, "is missing"),
    Trouble(lost_server, "connection_lost", 1, "the database server cannot be used"),
    Trouble(
        occupied_folder,
        "exists_already",
        2,
        "already holds another parcel",
        ("transfer", "jobcenter", "--out", PARCEL),
        "transfer",
        {
            "ops": {
                "transfer__jobcenter": {"config": {"confirm_recipient": "Jobcenter Beispielkreis"}}
            }
        },
    ),
    Trouble(
        undisturbed,
        "wrong_call",
        2,
        "nothing delivered on or before 2000-01-01",
        ("kennzahlen", *YEAR, "--as-of", "2000-01-01"),
        "monthly_report",
        {"resources": {"period": {"config": EARLY}}},
    ),
]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A district whose deliveries are loaded; copied, never worked with."""
    config = district(tmp_path_factory.mktemp("loaded"))
    with Hub(load_config(config)) as hub:
        run_intake(hub)
    return config.parent


@pytest.fixture
def folder(loaded: Path, tmp_path: Path) -> Iterator[Path]:
    """The folder of such a district, on a disk of its own where that is possible."""
    place = tmp_path / "disk"
    with disk.own_disk(place):
        shutil.copytree(loaded, place, dirs_exist_ok=True)
        yield place


@pytest.mark.parametrize("trouble", TROUBLES, ids=[t.disturb.__name__ for t in TROUBLES])
def test_both_say_the_same(
    trouble: Trouble,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(folder)
    with trouble.disturb(folder):
        failure = fail(capsys, *(word.format(folder=folder) for word in trouble.command))
        with dg.DagsterInstance.ephemeral() as instance:
            config = folder / "drehscheibe.yaml"
            shown = failures(execute(config, trouble.job, instance, run_config=trouble.config))
    assert failure["exit_status"] == trouble.status
    assert failure["kind"] in trouble.kind.split("|")
    assert trouble.words in failure["message"]
    assert set(shown.values()) == {failure["message"]}


def test_a_wrong_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drehscheibe.yaml").write_text("district: {ags: '08999', nam: Kreis}\n", "utf-8")
    failure = fail(capsys, "run")
    assert (failure["kind"], failure["exit_status"]) == ("wrong_yaml", 2)
    job = load_definitions().resolve_job_def("nightly")
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
    assert failures(result) == {"configuration": failure["message"]}


def fail(capsys: pytest.CaptureFixture[str], *command: str) -> dict[str, Any]:
    """The failure of a command of the district in this folder, after its exit status and sentence."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: app([*command, "--json", "-c", "drehscheibe.yaml"]))
    said = capsys.readouterr()
    failure: dict[str, Any] = json.loads(said.out)["failure"]
    assert ended.value.code == failure["exit_status"]
    assert f"{failure['message']}\n" in said.err
    return failure
