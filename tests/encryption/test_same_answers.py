"""An encrypted district gives the answers of a plain one, and holds no name in any file, not even after it was killed while reading."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from pipelines.cli.json_answer import to_json
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from pipelines.intake.delivery_status import answer_balance
from pipelines.intake.run import run_intake
from tests.acceptance.district import CONFIGURATION, FIRST, FOLDER
from warehouse.encryption.convert import switch_encryption
from warehouse.encryption.key import make_file
from warehouse.identity.person_links import list_links as links
from warehouse.loading.findings import list_findings

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
PLANTED = "Zzyzxowitsch"
# Dies while the second table of the first delivery lies open in plain.
KILLED = """
import os, signal, sys
from pathlib import Path
import pipelines.intake.delivery_tables as tables
from pipelines.config import load_config
from pipelines.hub import Hub
from pipelines.intake.run import run_intake
real, calls = tables.open_tables, []
def dying(path, *rest, **named):
    assert b"Zzyzxowitsch" in path.read_bytes()
    yield from real(path, *rest, **named)
    os.kill(os.getpid(), signal.SIGKILL)
tables.open_tables = dying
run_intake(Hub(load_config(Path(sys.argv[1]))), sources=["tau"])
"""


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deliveries of the Musterkreis, with a name that can be searched for in every row of every text file of tau."""
    folder = tmp_path_factory.mktemp("exports")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True)
    for path in folder.glob("tau/*/*.csv"):
        lines = path.read_bytes().decode("cp1252").split("\r\n")
        header, rows = lines[0].split(";"), [line for line in lines[1:] if line]
        assert len(rows) > 5 and len(header) > 3
        path.write_bytes(
            "\r\n".join(
                [lines[0], *rows, f'"{PLANTED}";' * (len(header) - 1) + f'"{PLANTED}"', ""]
            ).encode("cp1252")
        )
    return folder


@pytest.fixture
def new_district(tmp_path: Path, exports: Path) -> Callable[[bool], Path]:
    """Makes a district over the same deliveries, encrypted or plain, and gives its configuration."""

    def make(sealed: bool) -> Path:
        folder = tmp_path / ("sealed" if sealed else "plain")
        folder.mkdir()
        line = ""
        if sealed:
            make_file(folder / "kreis.key")
            line = "encryption: {key_file: kreis.key}\n"
        path = folder / "drehscheibe.yaml"
        path.write_text(
            CONFIGURATION.format(exports=exports, warehouse="duckdb") + line, encoding="utf-8"
        )
        return path

    return make


def answers(hub: Hub) -> str:
    """Figures, balance, findings and links as one text."""
    periods = [
        FigureRequest(date(2024, 1, 1), date(2024, 12, 31), known) for known in (FIRST, None)
    ]
    figures = [compute_kennzahlen(hub, period, ("municipality", "staff")) for period in periods]
    with hub.store.read() as connection:
        told = [
            figures,
            answer_balance(hub),
            list_findings(connection, with_values=True),
            links(connection),
        ]
    return json.dumps(to_json(told), sort_keys=True)


def places(*folders: Path) -> list[str]:
    """Files below the folders that hold the planted name."""
    return [
        str(p)
        for f in folders
        for p in f.rglob("*")
        if p.is_file() and PLANTED.encode() in p.read_bytes()
    ]


def owned(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()} if folder.is_dir() else set()


@pytest.mark.thorough
def test_encrypted_or_not_the_answers_are_the_same(new_district: Callable[[bool], Path]) -> None:
    told = []
    for sealed in (False, True):
        with Hub(load_config(new_district(sealed))) as hub:
            results = run_intake(hub)
            assert {r.state for r in results} <= {"loaded", "incomplete"} and len(results) == 8
            told.append(answers(hub))
            data = hub.config.data
        assert bool(places(data)) is not sealed
    assert told[0] == told[1]
    assert PLANTED in told[0]


@pytest.mark.slow
def test_encrypt_run_decrypt(new_district: Callable[[bool], Path], tmp_path: Path) -> None:
    plain = new_district(False)
    key = make_file(tmp_path / "one.key")
    with Hub(load_config(plain)) as hub:
        run_intake(hub, ["tau"], until=FIRST)
        site = hub.config.data_folder
    switch_encryption(site, key, sealed=True)
    without = plain.read_text("utf-8")
    plain.write_text(f"{without}encryption: {{key_file: {tmp_path}/one.key}}\n", encoding="utf-8")
    with Hub(load_config(plain)) as hub:
        assert {r.state for r in run_intake(hub, ["tau"]) if r.delivered_on > FIRST} <= {
            "loaded",
            "incomplete",
        }
        halfway = answers(hub)
    assert places(site.path) == []
    switch_encryption(site, key, sealed=False)
    plain.write_text(without, encoding="utf-8")
    with Hub(load_config(plain)) as hub:
        assert {r.state for r in run_intake(hub, ["tau"])} == {"known"}
        assert answers(hub) == halfway


@pytest.mark.slow
@pytest.mark.thorough
def test_killed_while_reading_nothing_is_left_in_plain(
    new_district: Callable[[bool], Path], tmp_path: Path
) -> None:
    config = new_district(True)
    temporary, memory = tmp_path / "temporary", Path("/dev/shm")
    temporary.mkdir()
    before = owned(memory)
    env = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT)}
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(config)],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    for attempt in range(2):
        assert places(config.parent, temporary) == []
        assert not any(
            PLANTED.encode() in (memory / n).read_bytes()
            for n in owned(memory) - before
            if (memory / n).is_file()
        )
        if not attempt:
            with Hub(load_config(config)) as hub:
                assert {r.state for r in run_intake(hub, sources=["tau"])} <= {
                    "loaded",
                    "incomplete",
                }
                assert PLANTED in answers(hub)
