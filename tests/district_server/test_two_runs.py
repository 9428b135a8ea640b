"""Two processes at one warehouse at once, on both engines: one runs, the other ends with a sentence, nothing is spoilt."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.district_server.districts import Accounts, Exports, rows

pytestmark = pytest.mark.thorough

ROOT = Path(__file__).parents[2]
COMMAND = (
    "import sys; from pipelines.cli import main; sys.argv = ['drehscheibe', *sys.argv[1:]]; main()"
)
# A run that stops in its third delivery until somebody says go on, to be met in the middle for sure.
HALTING = """
import sys, time
from pathlib import Path
import pipelines.intake.run
folder, real, count = Path(sys.argv[1]), pipelines.intake.run._load_or_report, [0]
def halting(hub, item):
    count[0] += 1
    if count[0] == 3:
        (folder / 'halted').touch()
        while not (folder / 'go_on').exists():
            time.sleep(0.02)
    return real(hub, item)
pipelines.intake.run._load_or_report = halting
from pipelines.cli import main
sys.argv = ['drehscheibe', *sys.argv[2:]]
main()
"""


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def halted(folder: Path, configuration: Path) -> subprocess.Popen[str]:
    """A run in a process of its own, once it has halted."""
    first = subprocess.Popen(
        [sys.executable, "-c", HALTING, str(folder), "run", "-c", str(configuration)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not (folder / "halted").exists():
        assert first.poll() is None and time.monotonic() < until, first.communicate()
        time.sleep(0.05)
    return first


@pytest.fixture(params=[pytest.param("duckdb", marks=pytest.mark.slow), "postgresql"])
def district(request: Any, exports: dict[str, Exports], tmp_path: Path) -> Path:
    """A district's configuration on either engine."""
    if request.param == "duckdb":
        return exports["a"].written(tmp_path)
    accounts: Accounts = request.getfixturevalue("accounts")
    return exports["a"].written(tmp_path, accounts.url("kreis_a_loader"))


def test_the_second_run_ends_with_a_sentence_and_the_first_is_undisturbed(
    district: Path, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    first = halted(tmp_path, district)
    second = command("run", "-c", str(district))
    looking = command("status", "--json", "-c", str(district))
    (tmp_path / "go_on").touch()
    _, errors = first.communicate(timeout=120)
    assert first.returncode == 0, errors
    for told, sentence in (
        (second, "wait for its end"),
        *([(looking, "in use by another process")] if looking.returncode else []),
    ):
        assert told.returncode == 1
        assert sentence in told.stderr and len(told.stderr.splitlines()) == 1
    assert second.stdout == ""
    assert (
        not looking.returncode or json.loads(looking.stdout)["failure"]["kind"] == "warehouse_busy"
    )
    # The embedded file takes one process at a time, even to look at it; a server does not mind.
    on_server = "postgresql" in district.read_text(encoding="utf-8")
    assert (looking.returncode == 0) == on_server
    assert not on_server or json.loads(looking.stdout)["load"] == 2
    same(district, exports, undisturbed)


@pytest.mark.parametrize("district", ["duckdb"], indirect=True)
def test_the_lock_of_a_killed_run_is_gone_with_it(
    district: Path, exports: dict[str, Exports], undisturbed: dict[str, Path], tmp_path: Path
) -> None:
    first = halted(tmp_path, district)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    again = command("run", "-c", str(district))
    assert again.returncode == 0, again.stderr
    same(district, exports, undisturbed)


@pytest.mark.parametrize("district", ["postgresql"], indirect=True)
def test_two_runs_that_begin_at_once(
    district: Path, exports: dict[str, Exports], undisturbed: dict[str, Path]
) -> None:
    # The server's case begins with an empty database, too: both find the schema current, one gets the turn.
    both = [
        subprocess.Popen(
            [sys.executable, "-c", COMMAND, "run", "-c", str(district)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [p.communicate(timeout=120)[1] for p in both]
    codes = sorted(p.returncode for p in both)
    assert codes in ([0, 0], [0, 1]), told
    for p, errors in zip(both, told, strict=True):
        assert p.returncode == 0 or (errors.count("\n") == 1 and "wait for its end" in errors)
    same(district, exports, undisturbed)


def same(district: Path, exports: dict[str, Exports], undisturbed: dict[str, Path]) -> None:
    from pipelines.config import load_config
    from pipelines.hub import Hub

    with Hub(load_config(district)) as hub, exports["a"].hub(undisturbed["a"]) as never:
        assert rows(hub) == rows(never)


def test_districts_do_not_wait_for_each_other(
    accounts: Accounts, exports: dict[str, Exports], tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    first = halted(
        tmp_path / "a", exports["a"].written(tmp_path / "a", accounts.url("kreis_a_loader"))
    )
    other = command(
        "run", "-c", str(exports["b"].written(tmp_path / "b", accounts.url("kreis_b_loader")))
    )
    (tmp_path / "a" / "go_on").touch()
    assert first.communicate(timeout=120) and first.returncode == 0
    assert other.returncode == 0, other.stderr
