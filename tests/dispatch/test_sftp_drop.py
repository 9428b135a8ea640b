"""Parcels on a real OpenSSH server: whole or not at all, once only, and killed at every step."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import paramiko
import pytest

from connectors.dispatch.refusal import CannotDispatch
from connectors.dispatch.sftp_drop import put_files
from connectors.fetch.sftp import SftpSettings
from tests.fakes.sshd import MISSING, SSHD, SshServer, ssh_server
from tests.killed_child import around, run_killed

pytestmark = pytest.mark.skipif(SSHD is None, reason=MISSING)
CONTENT = os.urandom(300_000)
# What a parcel does to the server, by the client's method.
STEPS = ("stat", "open", "rename")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd"), writable=True) as running:
        yield running


@pytest.fixture
def settings(server: SshServer, tmp_path: Path) -> SftpSettings:
    """A folder of its own on the server."""
    folder = server.folder / tmp_path.name
    folder.mkdir()
    return SftpSettings(
        host="127.0.0.1",
        user=server.user,
        host_key=server.host_key,
        port=server.port,
        folder=str(folder),
        key_file=server.home / "login",
    )


@pytest.fixture
def parcel(tmp_path: Path) -> list[Path]:
    files = {"manifest-1.json": b"{}", "sendung-1.zip.age": CONTENT}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    return [tmp_path / name for name in files]


def there(settings: SftpSettings) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(settings.folder).iterdir()}


def refusal(settings: SftpSettings, files: list[Path]) -> str:
    with pytest.raises(CannotDispatch) as stopped:
        put_files(settings, files)
    assert stopped.value.message.endswith(".")
    return stopped.value.rule


def test_the_files_arrive_and_doing_it_again_changes_nothing(
    settings: SftpSettings, parcel: list[Path]
) -> None:
    put_files(settings, parcel)
    wanted = {file.name: file.read_bytes() for file in parcel}
    assert there(settings) == wanted
    times = {path: path.stat().st_mtime_ns for path in Path(settings.folder).iterdir()}
    put_files(settings, parcel)
    assert {path: path.stat().st_mtime_ns for path in Path(settings.folder).iterdir()} == times


def test_another_file_of_the_name_is_not_replaced(
    settings: SftpSettings, parcel: list[Path]
) -> None:
    for content in (b"short", bytes(len(CONTENT))):
        (Path(settings.folder) / parcel[1].name).write_bytes(content)
        assert refusal(settings, parcel) == "other_file"
        assert there(settings)[parcel[1].name] == content


def test_a_server_with_another_key_gets_nothing(
    server: SshServer, settings: SftpSettings, parcel: list[Path]
) -> None:
    other = (server.home / "stranger.pub").read_text().strip()
    assert refusal(replace(settings, host_key=other), parcel) == "host_key"
    assert there(settings) == {}


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"folder": "/nowhere"}, "folder_missing"),
        ({"key_file": None}, "no_secret"),
        ({"port": 1}, "unreachable"),
    ],
    ids=["folder", "secret", "port"],
)
def test_what_is_wrong_is_said(
    settings: SftpSettings, parcel: list[Path], change: dict[str, Any], rule: str
) -> None:
    assert refusal(replace(settings, **change), parcel) == rule


def count_steps(settings: SftpSettings, parcel: list[Path]) -> int:
    """How many steps an undisturbed parcel has, before and after each of which one may be killed."""
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        watch(patch, lambda: told.append(""))
        put_files(settings, parcel)
    for path in Path(settings.folder).iterdir():
        path.unlink()
    return len(told)


def watch(patch: pytest.MonkeyPatch, tell: Callable[[], None]) -> None:
    """``tell`` is called before and after every step on the server, and after each block written."""
    for name in STEPS:
        patch.setattr(paramiko.SFTPClient, name, around(getattr(paramiko.SFTPClient, name), tell))
    patch.setattr(paramiko.SFTPFile, "write", around(paramiko.SFTPFile.write, tell))
    patch.setattr(paramiko.SFTPFile, "close", around(paramiko.SFTPFile.close, tell))


def kill_at(nth: int, settings: SftpSettings, parcel: list[Path]) -> int:
    """Puts the parcel in a process that kills itself at its nth step; the signal it died of."""
    return run_killed(nth, watch, lambda: put_files(settings, parcel))


def test_killed_at_every_step_it_arrives_whole_and_once(
    settings: SftpSettings, parcel: list[Path]
) -> None:
    wanted = {file.name: file.read_bytes() for file in parcel}
    steps = count_steps(settings, parcel)
    assert steps > 15
    for nth in range(1, steps + 1):
        assert kill_at(nth, settings, parcel) == -signal.SIGKILL
        half = there(settings)
        # Under its name a file is whole, whenever one looks.
        assert all(half[name] == wanted[name] for name in wanted.keys() & half.keys()), nth
        put_files(settings, parcel)
        assert there(settings) == wanted, nth
        for path in Path(settings.folder).iterdir():
            path.unlink()


def test_who_may_not_write_is_told(
    server: SshServer, settings: SftpSettings, parcel: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(paramiko.SFTPClient, "open", refuse)
    assert refusal(settings, parcel) == "not_writable"
    assert stat.S_ISDIR(Path(settings.folder).stat().st_mode) and there(settings) == {}
