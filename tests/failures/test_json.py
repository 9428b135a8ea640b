"""With `--json`, standard output holds one object, whatever fails; the exit status stays what it is without."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from pipelines.cli.app import app
from pipelines.cli.errors import guarded, json_awaited

ROOT = Path(__file__).parents[2]
WINDOW = ("--stichtag", "2025-01-01", "--from", "2020-01-01", "--to", "2022-12-31")
# What each command needs beside the configuration.
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "run": (),
    "accept": ("enaio/2025-01-31", "--reason", "geprüft", "--all"),
    "undo": ("1", "--reason", "geprüft"),
    "reread": ("enaio",),
    "status": (),
    "balance": (),
    "findings": (),
    "kennzahlen": (),
    "kennzahlen workbook": ("--out", "k.xlsx"),
    "report": (),
    "identity links": (),
    "identity review": (),
    "identity decide": ("enaio:1", "tau:1", "same", "--reason", "geprüft"),
    "identity undo": ("1",),
    "identity why": ("enaio:1", "tau:1"),
    "identity list": (),
    "identity contradictions": (),
    "identity train": (),
    "transfer make": ("jobcenter", "--dry-run"),
    "transfer list": (),
    "transfer show": ("4f1c",),
    "transfer handed-over": ("4f1c",),
    "transfer receipt": ("4f1c",),
    "transfer ask": (),
    "transfer reject": ("4f1c", "--reason", "nicht lesbar"),
    "notices": (),
    "notices make": (),
    "notices sent": ("4f1c",),
    "notices remind": ("4f1c",),
    "notices confirm": ("4f1c", "--by", "Frau Muster"),
    "ledger verify": (),
    "ledger checkpoint": (),
    "ledger proof": ("0",),
    "consent grant": (*("enaio:1", "jobcenter", "--group", "sprache", "--purpose", "vermittlung"),),
    "consent revoke": ("enaio:1", "jobcenter"),
    "consent show": ("enaio:1",),
    "consent form": ("jobcenter", "--out", "einwilligung.pdf"),
    "funding target-group": WINDOW,
    "funding split": ("--amount", "1000.00", *WINDOW),
    "funding clients": ("--year", "2025"),
    "funding distribution": ("--year", "2025", "--budget", "1000.00"),
    "funding staff": (),
    "funding evidence": (),
    "funding total-evidence": ("--year", "2025"),
    "explain": ("topics",),
    "publish layouts": (),
    "publish tables": ("--layout", "kreis"),
    "publish list": (),
    "publish check": (),
    "submit kennzahlen": ("--from", "2024-01-01", "--to", "2024-12-31"),
    "submit evidence": ("im-2024",),
    "submit list": (),
    **{
        f"submit {command}": ("kennzahlen-2024",)
        for command in (
            *("show", "approve", "hand-over", "accept", "reject", "withdraw"),
            *("verify", "replay", "correct"),
        )
    },
    "person access": ("enaio:1", "--out", "auskunft"),
    "person restrict": ("enaio:1", "--reason", "bestritten"),
    "person erase": ("enaio:1", "--reason", "Antrag"),
    "person retention": (),
    "person admit": ("enaio:1", "--reason", "neue Betreuung"),
    "person hold": ("enaio:1", "--reason", "Klage"),
    "papers": ("--out", "papiere"),
    "doctor": (),
    "encrypt": (),
    "decrypt": (),
    "db upgrade": (),
    "db check": (),
    "db rights": (),
    "db backup": ("backup.zip",),
    "db restore": ("drehscheibe.yaml",),
}
WITHOUT_CONFIGURATION = {"read", "demo"}


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Status, output and errors of a command."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        guarded(lambda: app(list(arguments)))
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def list_commands(command: Any, name: str = "") -> Iterator[str]:
    """The commands that know `--json`."""
    for child, sub in getattr(command, "commands", {}).items():
        yield from list_commands(sub, f"{name} {child}".strip())
    if any("--json" in parameter.opts for parameter in command.params):
        yield name


@pytest.fixture
def wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a wrong configuration, to work in."""
    (tmp_path / "drehscheibe.yaml").write_text("district: {ags: '08999', nam: Kreis}\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_command_that_prints_data_is_called_here() -> None:
    assert set(list_commands(get_command(app))) == ARGUMENTS.keys() | WITHOUT_CONFIGURATION


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize("command", ARGUMENTS)
def test_a_wrong_configuration(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = (*command.split(), *ARGUMENTS[command])
    status, out, err = call(capsys, *arguments)
    assert (status, out) == (2, "")
    again, printed, said = call(capsys, *arguments, "--json")
    failure = json.loads(printed)["failure"]
    assert (again, said) == (status, err)
    assert (failure["kind"], failure["exit_status"]) == ("wrong_yaml", 2)
    assert f"{failure['message']}\n" == err


@pytest.mark.usefixtures("wrong")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("status", "--bogus"), "--bogus"),
        (("nonsense",), "nonsense"),
        (("kennzahlen", "--as-of", "gestern"), "gestern"),
        (("explain",), "WHAT"),
        (("status", "-c", "missing.yaml"), "missing.yaml"),
        (("read", "missing.csv"), "missing.csv"),
        (("demo", "--like", "ulm"), "ulm"),
        (("demo", "--out", "."), "holds something else"),
    ],
)
def test_a_wrong_call(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status, out, _ = call(capsys, *arguments, "--json")
    failure = json.loads(out)["failure"]
    assert (status, failure["kind"], failure["exit_status"]) == (2, "wrong_call", 2)
    assert words in failure["message"]
    assert call(capsys, *arguments)[:2] == (2, "")


def test_an_answer_with_something_red_is_the_only_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    status, out, err = call(capsys, "read", str(broken), "--json")
    assert status == 1 and "not everything could be read" in err
    assert list(json.loads(out)) == ["files"]


def test_an_unknown_record_is_red_with_and_without_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "drehscheibe.yaml"
    source = "district: {ags: '08999', name: Kreis}\nsources: {tau: {mapping: tau_office, folder: tau}}\n"
    config.write_text(source, "utf-8")
    plain = call(capsys, "explain", "tau:1", "-c", str(config))
    status, out, err = call(capsys, "explain", "tau:1", "-c", str(config), "--json")
    assert (status, err) == (plain[0], plain[2]) and status == 1 and "ever loaded" in err
    assert json.loads(out)["versions"] == []


@pytest.mark.parametrize(
    ("number", "kind", "status"),
    [(signal.SIGINT, "interrupted", 130), (signal.SIGTERM, "terminated", 143)],
)
def test_an_interruption(
    number: signal.Signals, kind: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def work() -> None:
        json_awaited.set(True)
        os.kill(os.getpid(), number)
        signal.sigtimedwait([], 5)

    with pytest.raises(SystemExit) as ended:
        guarded(work)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert ended.value.code == status
    failure = json.loads(capsys.readouterr().out)["failure"]
    assert (failure["kind"], failure["exit_status"]) == (kind, status)


def test_a_question_that_is_not_answered(wrong: Path) -> None:
    (wrong / "drehscheibe.yaml").write_text(
        "district: {ags: '08999', name: Kreis}\nsources: {tau: {mapping: tau_office, folder: exports}}\n",
        "utf-8",
    )
    done = start(wrong, "encrypt", "--key-file", "kreis.key", "--json", stdout=subprocess.PIPE)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["failure"]["kind"] == "failed"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", [("status", "--json"), ("status", "--json", "--bogus")])
def test_a_full_standard_output_changes_no_exit_status(words: tuple[str, ...], wrong: Path) -> None:
    with open("/dev/full", "w") as full:
        done = start(wrong, *words, stdout=full)
    assert done.returncode == 2
    assert "Exception ignored" not in done.stderr and "Traceback" not in done.stderr


def start(folder: Path, *arguments: str, stdout: Any) -> subprocess.CompletedProcess[str]:
    """Runs the command line as a program of its own, with nobody to answer it."""
    # Only what is buffered would be written once more at the end.
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        [sys.executable, "-c", "from pipelines.cli import main; main()", *arguments],
        cwd=folder,
        env={**variables, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
