"""The walk of docs/auditors-walk.md, command by command, from a submitted figure to the delivered bytes."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines.intake.run import run_intake
from tests.submission.conftest import submit_first

pytestmark = pytest.mark.thorough

PAGE = Path(__file__).parents[2] / "docs" / "auditors-walk.md"
COMMANDS = re.findall(r"^drehscheibe .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_step_can_be_walked(tmp_path: Path) -> None:
    made = submit_first(tmp_path, "duckdb")
    run_intake(made.hub)
    made.hub.close()
    words = {"SUBMISSION": made.first.id, "LOAD": str(made.first.load)}
    assert len(COMMANDS) >= 8
    for command in COMMANDS:
        if "RECORD" in command:
            words["RECORD"] = _read_evidence(tmp_path)
        _run(tmp_path, [words.get(word, word) for word in shlex.split(command)[1:]])
    assert list((tmp_path / "berichtigung").glob("*.pdf"))


def _read_evidence(folder: Path) -> str:
    """Each row behind the figure names a file that lies unchanged in the landing; gives one record."""
    with (folder / "belege.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert rows
    for row in rows:
        landed = folder / "data" / "landing" / row["sha256"][:2] / row["sha256"]
        assert hashlib.sha256(landed.read_bytes()).hexdigest() == row["sha256"]
        assert row["columns"] and row["delivered_on"] == "2025-01-31"
    of_text = next(row for row in rows if row["file"].endswith(".csv"))
    landed = folder / "data" / "landing" / of_text["sha256"][:2] / of_text["sha256"]
    line = landed.read_bytes().decode("cp1252").splitlines()[int(of_text["row"]) - 1]
    assert "Kind" in line, "the row of the delivered file says so"
    return of_text["record"]


def _run(folder: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        timeout=120,
    )
    if done.returncode:
        pytest.fail(f"{words[:2]}: exit {done.returncode}, {done.stderr[-1500:]}")
