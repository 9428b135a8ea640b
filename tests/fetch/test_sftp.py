"""SFTP against a real OpenSSH server: pinned keys, logins, links, sizes; nothing is ever written there."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.sftp import Sftp, SftpSettings
from tests.fakes.sshd import MISSING, SSHD, SshServer, ssh_server

pytestmark = pytest.mark.skipif(SSHD is None, reason=MISSING)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    with ssh_server(tmp_path_factory.mktemp("sshd")) as running:
        day = running.folder / "2025-01-31"
        day.mkdir()
        (day / "Klienten.csv").write_bytes(os.urandom(1_500_000))
        (day / "leer.csv").write_bytes(b"")
        yield running


@pytest.fixture
def right(server: SshServer) -> SftpSettings:
    return SftpSettings(
        "127.0.0.1",
        server.user,
        server.host_key,
        server.port,
        str(server.folder),
        server.home / "login",
        settle_seconds=0,
    )


def refusal(settings: SftpSettings, into: Path) -> CannotFetch:
    with pytest.raises(CannotFetch) as stopped:
        Sftp(settings).fetch(into, {})
    return stopped.value


@pytest.mark.parametrize("pin", ["key", "ed25519", "rsa", "rsa key"])
def test_the_server_is_known_by_its_key_or_fingerprint(
    server: SshServer, right: SftpSettings, tmp_path: Path, pin: str
) -> None:
    rsa = (server.home / "host_rsa.pub").read_text()
    pins = {"key": server.host_key, "rsa key": rsa} | {
        kind: server.fingerprint(kind) for kind in ("ed25519", "rsa")
    }
    fetched = Sftp(replace(right, host_key=pins[pin])).fetch(tmp_path, {})
    assert fetched.files == ("2025-01-31/Klienten.csv", "2025-01-31/leer.csv")
    assert [
        (tmp_path / n).read_bytes() == (server.folder / n).read_bytes() for n in fetched.files
    ] == [True, True]


def test_a_link_is_refused_by_name_unless_no_pattern_wants_it(
    server: SshServer, right: SftpSettings, tmp_path: Path
) -> None:
    link = server.folder / "2025-01-31" / "Verweis.txt"
    link.symlink_to(server.home / "host_rsa")
    try:
        stopped = refusal(right, tmp_path / "all")
        assert (stopped.rule, "„Verweis.txt“" in stopped.message) == ("no_ordinary_file", True)
        settings = replace(right, patterns=("*.csv",))
        assert len(Sftp(settings).fetch(tmp_path / "csv", {}).files) == 2
    finally:
        link.unlink()


def test_what_belongs_to_no_delivery_is_told(
    server: SshServer, right: SftpSettings, tmp_path: Path
) -> None:
    (server.folder / "31.08.2024").mkdir()
    (server.folder / "Widerrufe.zip").touch()
    try:
        assert Sftp(right).fetch(tmp_path, {}).stray == ("31.08.2024", "Widerrufe.zip")
    finally:
        (server.folder / "31.08.2024").rmdir()
        (server.folder / "Widerrufe.zip").unlink()


@pytest.mark.parametrize("stranger", ["key", "fingerprint"])
def test_to_a_server_with_another_key_nothing_is_sent(
    server: SshServer, right: SftpSettings, tmp_path: Path, stranger: str
) -> None:
    key = (server.home / "login.pub").read_text()
    before = server.refused
    stopped = refusal(
        replace(
            right,
            host_key=key if stranger == "key" else "SHA256:" + "A" * 43,
            key_file=None,
            secret="x",
        ),
        tmp_path,
    )
    assert stopped.rule == "host_key"
    assert server.refused == before


@pytest.mark.parametrize(
    ("change", "rule", "again"),
    [
        ({"key_file": "stranger"}, "login_refused", False),
        ({"key_file": None, "secret": "falsch"}, "login_refused", False),
        ({"key_file": None}, "no_secret", True),
        ({"key_file": "locked", "secret": "falsch"}, "key_unreadable", True),
        ({"key_file": "locked"}, "key_unreadable", True),
        ({"key_file": "authorized_keys"}, "key_unreadable", True),
        ({"key_file": "nowhere"}, "key_unreadable", True),
        ({"folder": "elsewhere"}, "folder_missing", True),
        ({"port": 1}, "unreachable", True),
    ],
)
def test_every_refusal_says_what_to_do(
    server: SshServer,
    right: SftpSettings,
    tmp_path: Path,
    change: dict[str, object],
    rule: str,
    again: bool,
) -> None:
    places = {
        key: server.home / str(value)
        for key, value in change.items()
        if key == "key_file" and value
    }
    stopped = refusal(replace(right, **{**change, **places}), tmp_path)  # type: ignore[arg-type]
    assert (stopped.rule, stopped.again) == (rule, again)
    assert "falsch" not in stopped.message + repr(stopped)


def test_a_key_with_a_passphrase_opens(
    server: SshServer, right: SftpSettings, tmp_path: Path
) -> None:
    settings = replace(right, key_file=server.home / "locked", secret="passphrase-of-the-key")
    assert len(Sftp(settings).fetch(tmp_path, {}).files) == 2
    assert "passphrase" not in repr(settings)


def test_files_without_dated_folders_are_one_delivery_of_the_newest_day(
    right: SftpSettings, tmp_path: Path
) -> None:
    settings = replace(right, folder=f"{right.folder}/2025-01-31", patterns=("*.csv",))
    os.utime(Path(right.folder) / "2025-01-31" / "Klienten.csv", (1_700_000_000, 1_700_000_000))
    os.utime(Path(right.folder) / "2025-01-31" / "leer.csv", (1_600_000_000, 1_600_000_000))
    assert Sftp(settings).fetch(tmp_path, {}).files == (
        "2023-11-14/Klienten.csv",
        "2023-11-14/leer.csv",
    )


def test_without_the_library_it_says_how_to_get_it(
    right: SftpSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "paramiko", None)
    stopped = refusal(right, tmp_path)
    assert stopped.rule == "driver_missing"
    assert "setup sftp" in stopped.message


def test_a_password_opens_too(tmp_path: Path) -> None:
    import paramiko

    class Server(paramiko.ServerInterface):
        def check_auth_password(self, username: str, password: str) -> int:
            right = (username, password) == ("abholer", "Geheim€")
            return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

        def get_allowed_auths(self, username: str) -> str:
            return "password"

    key = paramiko.ECDSAKey.generate()

    def serve(listening: socket.socket) -> None:
        with paramiko.Transport(listening.accept()[0]) as transport:
            transport.add_server_key(key)
            transport.start_server(server=Server())
            transport.accept(5)
            transport.join(5)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, args=(listening,), daemon=True).start()
        pin = f"{key.get_name()} {key.get_base64()}"
        settings = SftpSettings(
            "127.0.0.1",
            "abholer",
            pin,
            listening.getsockname()[1],
            secret="Geheim€",
            settle_seconds=0,
        )
        # it opens a session and then offers no SFTP: the login went well
        assert refusal(settings, tmp_path).rule in ("no_sftp", "connection_lost")
