"""The front door: what it decides and what it says, without a network. That it installs is seen by using it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import drehscheibe as door

ROOT = Path(door.__file__).parent


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with lock files and a virtual environment of two empty programs."""
    for name in ("tools", "postgres", "sftp", "dev"):
        (tmp_path / f"requirements-{name}.lock").write_text(name)
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    bin_ = tmp_path / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").touch()
    (bin_ / "uv").touch()
    for name, value in {
        "ROOT": tmp_path,
        "VENV": bin_.parent,
        "BIN": bin_,
        "STAMP": bin_.parent / "drehscheibe.json",
    }.items():
        monkeypatch.setattr(door, name, value)
    return tmp_path


@pytest.fixture
def steps(clone: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The calls a set-up would make, recorded instead of run."""
    calls: list[list[str]] = []
    monkeypatch.setattr(door, "run_step", calls.append)
    return calls


def said(calls: list[list[str]]) -> list[str]:
    words = {"venv": "venv", "-r": "pip", "sync": "sync", "-e": "project"}
    return [next(word for key, word in words.items() if key in call) for call in calls]


@pytest.mark.parametrize(
    ("version", "old"),
    [((3, 8), True), ((3, 10), True), ((3, 11), False), ((3, 14), False), ((4, 0), False)],
)
def test_an_old_python_is_told_what_to_do(version: tuple[int, int], old: bool) -> None:
    sentence = door.too_old(version)
    assert (sentence is not None) is old
    if sentence:
        assert sentence.startswith(
            f"This is Python {version[0]}.{version[1]}, Drehscheibe needs 3.11 or newer"
        )


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "The virtual environment was not created because ensurepip is not\navailable.",
            "`apt install python3-venv`",
        ),
        ("/usr/bin/python3: No module named venv", "`apt install python3-venv`"),
        (
            "WARNING: Retrying after connection broken by 'NewConnectionError(…)'\nERROR: No matching distribution",
            "cannot be reached",
        ),
        (
            "error: Failed to fetch: https://index.example/six\n  cause: dns error",
            "cannot be reached",
        ),
        ("hint: Packages were unavailable because the network was disabled.", "cannot be reached"),
        ("error: No solution found when resolving dependencies", "lacks a locked version"),
        ("  cause: Hash mismatch for `six==1.17.0`", "do not use this index"),
        (
            "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
            "do not use this index",
        ),
        ("OSError: [Errno 28] No space left on device", "is full"),
        ("error: Permission denied (os error 13)", "No permission to write"),
        ("segmentation fault", "the next start tries again"),
    ],
)
def test_a_failed_step_ends_in_one_sentence(output: str, sentence: str) -> None:
    assert sentence in door.explain_failure(output)


def test_everything_is_installed_once(clone: Path, steps: list[list[str]]) -> None:
    door.ensure_environment(set())
    assert said(steps) == ["venv", "pip", "sync", "project"]
    steps.clear()
    door.ensure_environment(set())
    assert steps == []


def test_a_group_stays_once_it_was_asked_for(clone: Path, steps: list[list[str]]) -> None:
    door.ensure_environment({"dev"})
    (clone / "requirements.lock").write_text("new")
    steps.clear()
    door.ensure_environment(set())
    assert said(steps) == ["sync", "project"]
    assert str(clone / "requirements-dev.lock") in steps[0]


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-tools.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed(clone: Path, steps: list[list[str]], name: str) -> None:
    door.ensure_environment(set())
    (clone / name).write_text("changed")
    assert not door.is_ready(set())


def test_the_lock_of_another_group_does_not_matter(clone: Path, steps: list[list[str]]) -> None:
    door.ensure_environment(set())
    (clone / "requirements-mssql.lock").write_text("changed")
    assert door.is_ready(set())


@pytest.mark.parametrize(
    "stamp", [None, "", "{", "[]", '{"groups": []}', '{"groups": [], "digest": null}']
)
def test_an_interrupted_set_up_is_made_anew(
    clone: Path, steps: list[list[str]], stamp: str | None
) -> None:
    door.ensure_environment(set())
    steps.clear()
    door.STAMP.unlink() if stamp is None else door.STAMP.write_text(stamp)
    door.ensure_environment(set())
    assert said(steps) == ["venv", "pip", "sync", "project"]
    assert "--clear" in steps[0]


def test_a_step_that_fails_leaves_no_stamp(
    clone: Path, steps: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    door.ensure_environment(set())
    (clone / "requirements.lock").write_text("new")

    def fails(call: list[str]) -> None:
        raise door.SetupError("no network")

    monkeypatch.setattr(door, "run_step", fails)
    with pytest.raises(door.SetupError):
        door.ensure_environment({"sftp"})
    assert door.read_stamp() == ({"sftp"}, None)


def test_an_unknown_group_is_a_wrong_call(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert door.main(["setup", "postgress"]) == 2
    assert (
        "There is no group 'postgress'; there are postgres, sftp, mssql, encryption, dev."
        in capsys.readouterr().err
    )


def test_no_right_to_write_is_said(
    clone: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert door.main(["demo"]) == 2
    assert "No permission to write" in capsys.readouterr().err


def test_a_mirror_told_to_pip_holds_for_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert door.build_environment()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://other.example/simple")
    assert door.build_environment()["UV_DEFAULT_INDEX"] == "https://other.example/simple"


def test_arguments_of_the_tests_keep_their_meaning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "test_x.py").touch()
    monkeypatch.chdir(tmp_path)
    call = door.pytest_call(["test_x.py::test_a", "-k", "wort"])
    assert call[-3:] == [str(tmp_path / "test_x.py::test_a"), "-k", "wort"]
    assert Path.cwd() == door.ROOT


def test_help_needs_no_set_up() -> None:
    call = [sys.executable, "-S", "-E", str(ROOT / "drehscheibe.py"), "--help"]
    done = subprocess.run(call, capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout.startswith("usage: python3 drehscheibe.py COMMAND")
