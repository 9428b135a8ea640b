"""A real OpenSSH server on a loopback port that gives one folder by SFTP, read-only unless asked. Its use is tested elsewhere."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
MISSING = "no OpenSSH server on this machine (Debian: apt-get install openssh-server)"
SETTINGS = """\
ListenAddress 127.0.0.1:{port}
HostKey {home}/host_ed25519
HostKey {home}/host_rsa
AuthorizedKeysFile {home}/authorized_keys
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication yes
PermitRootLogin prohibit-password
MaxAuthTries 6
LogLevel VERBOSE
Subsystem sftp internal-sftp {mode}
ForceCommand internal-sftp {mode}
"""


@dataclass(frozen=True)
class SshServer:
    """Where the server is, how it is known, who may enter, and the folder it gives."""

    port: int
    user: str
    home: Path
    folder: Path

    @property
    def host_key(self) -> str:
        """The line to be pinned."""
        return (self.home / "host_ed25519.pub").read_text().strip()

    def fingerprint(self, kind: str) -> str:
        """The same as SHA256:…, by OpenSSH itself."""
        command = ["ssh-keygen", "-lf", str(self.home / f"host_{kind}.pub")]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[1]

    @property
    def refused(self) -> int:
        """How often a login was refused."""
        return (self.home / "log").read_text(errors="replace").count("Failed ")


@contextmanager
def ssh_server(home: Path, *, writable: bool = False) -> Iterator[SshServer]:
    """Runs a server of its own below ``home``; its folder is ``home/given``."""
    assert SSHD is not None
    for name, kind in (
        ("host_ed25519", "ed25519"),
        ("host_rsa", "rsa"),
        ("login", "ed25519"),
        ("stranger", "ed25519"),
    ):
        _keygen(home / name, kind, "")
    _keygen(home / "locked", "ed25519", "passphrase-of-the-key")
    allowed = [(home / f"{name}.pub").read_text() for name in ("login", "locked")]
    (home / "authorized_keys").write_text("".join(allowed))
    (home / "given").mkdir()
    port = _free_port()
    (home / "sshd_config").write_text(
        SETTINGS.format(port=port, home=home, mode="" if writable else "-R")
    )
    if os.geteuid() == 0:  # Debian makes it when the service starts, which it does not here
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    command = [SSHD, "-D", "-f", str(home / "sshd_config"), "-E", str(home / "log")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as process:
        try:
            _wait(port, process)
            yield SshServer(port, getpass.getuser(), home, home / "given")
        finally:
            process.terminate()


def _keygen(path: Path, kind: str, passphrase: str) -> None:
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", str(path)],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            raise RuntimeError(f"sshd ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("sshd does not answer")
