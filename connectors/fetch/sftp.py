"""A folder on an SFTP server whose host key is pinned. It is only listed and read, never written; what is taken from it stands beside."""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.fetch.download import download_deliveries
from connectors.fetch.fetcher import CannotFetch, Fetched, LoginRefused
from connectors.fetch.remote_folder import Entry, Limits, RemoteChanged, RemoteFile

if TYPE_CHECKING:
    import paramiko

CONNECT_SECONDS, ANSWER_SECONDS = 15.0, 60.0
BLOCK = 256 << 10
# each is tried for itself, since a fingerprint does not say of which kind the key is
KEY_KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)


@dataclass(frozen=True)
class SftpSettings:
    """How the server is reached. ``host_key`` is "ssh-ed25519 AAAA…" or "SHA256:…"; with ``key_file``, ``secret`` opens that key."""

    host: str
    user: str
    host_key: str
    port: int = 22
    folder: str = "."
    key_file: Path | None = None
    secret: str | None = field(default=None, repr=False)
    patterns: tuple[str, ...] = ("*",)
    limits: Limits = field(default_factory=Limits)
    settle_seconds: float = 2.0


class Sftp:
    """Fetches the deliveries of one SFTP folder."""

    def __init__(self, settings: SftpSettings) -> None:
        self.settings = settings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches what is new; raises CannotFetch."""
        wanted = self.settings
        with _open_client(wanted) as client:
            return download_deliveries(
                _Folder(client, wanted.folder),
                into,
                remembered,
                wanted.patterns,
                wanted.limits,
                wanted.settle_seconds,
            )


class _Folder:
    """The remote folder over an open connection."""

    def __init__(self, client: paramiko.SFTPClient, folder: str) -> None:
        self.client, self.folder = client, folder

    def list_entries(self, folder: str) -> Iterator[Entry]:
        with _translate_errors(missing_folder=not folder):
            for found in self.client.listdir_iter(
                f"{self.folder}/{folder}" if folder else self.folder
            ):
                name, mode = found.filename, found.st_mode or 0
                if not isinstance(name, str):  # bytes that are no UTF-8
                    raise CannotFetch(
                        "unsafe_name",
                        "Im Ordner der Quelle liegt eine Datei, deren Name kein UTF-8 ist. Bitte umbenennen.",
                    )
                size, changed = found.st_size or 0, found.st_mtime or 0
                if stat.S_ISDIR(mode):
                    yield Entry(name, is_folder=True)
                elif stat.S_ISREG(mode):  # no links: they lead elsewhere
                    yield Entry(name, False, size, str(changed), float(changed))

    def read(self, file: RemoteFile, begin: int) -> tuple[int, Iterator[bytes]]:
        return begin, self._read_blocks(file, begin)

    def _read_blocks(self, file: RemoteFile, begin: int) -> Iterator[bytes]:
        with _translate_errors(), self.client.open(f"{self.folder}/{file.path}", "rb") as remote:
            now = remote.stat()
            if (now.st_size, str(now.st_mtime)) != (file.size, file.mark):
                raise RemoteChanged
            remote.seek(begin)
            remote.prefetch(file.size, max_concurrent_requests=64)
            while block := remote.read(BLOCK):
                yield block


@contextmanager
def _translate_errors(*, missing_folder: bool = False) -> Iterator[None]:
    """Turns what paramiko raises into what the people of the source can do."""
    import paramiko

    try:
        yield
    except FileNotFoundError:
        if missing_folder:
            message = "Den Ordner der Quelle gibt es auf dem SFTP-Server nicht. Bitte folder in der Konfiguration prüfen."
            raise CannotFetch("folder_missing", message) from None
        raise RemoteChanged from None
    except PermissionError:
        message = "Der Benutzer darf den Ordner oder eine Datei auf dem SFTP-Server nicht lesen. Bitte Rechte prüfen lassen."
        raise CannotFetch("not_readable", message) from None
    except (OSError, EOFError, paramiko.SSHException):
        message = "Die Verbindung zum SFTP-Server brach ab; der nächste Lauf macht dort weiter."
        raise CannotFetch("connection_lost", message) from None


@contextmanager
def _open_client(settings: SftpSettings) -> Iterator[paramiko.SFTPClient]:
    try:
        import paramiko
    except ModuleNotFoundError:
        message = "Für SFTP fehlt eine Bibliothek. Bitte einmal ausführen: python3 drehscheibe.py setup sftp"
        raise CannotFetch("driver_missing", message) from None
    # file names may name persons, and paramiko writes them into its log
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    with closing(_open_verified(settings)) as transport:
        _log_in(transport, settings)
        with _translate_errors():
            client = paramiko.SFTPClient.from_transport(transport)
            channel = client.get_channel() if client else None
        if client is None or channel is None:
            raise CannotFetch(
                "no_sftp", "Der Server bietet kein SFTP an. Bitte mit dem Betreiber klären."
            )
        channel.settimeout(ANSWER_SECONDS)
        with closing(client):
            yield client


def _open_verified(settings: SftpSettings) -> paramiko.Transport:
    """A connection to the server that has the pinned key; nothing is sent to any other."""
    import paramiko

    pinned = settings.host_key.split()
    kinds = KEY_KINDS if pinned[0].startswith("SHA256:") else (pinned[0],)
    for kind in kinds:
        transport = _open_transport(settings)
        try:
            transport.get_security_options().key_types = (
                ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
            )
            transport.start_client(timeout=CONNECT_SECONDS)
            if _is_pinned(transport.get_remote_server_key(), pinned):
                return transport
        except paramiko.ssh_exception.IncompatiblePeer:
            pass
        except (paramiko.SSHException, EOFError, OSError, ValueError):
            transport.close()
            raise _unreachable_error() from None
        transport.close()
    raise CannotFetch(
        "host_key",
        "Der SFTP-Server weist sich nicht mit dem hinterlegten Schlüssel (host_key) aus; es wurde nichts gesendet. "
        "Bitte beim Betreiber nachfragen, ob der Schlüssel gewechselt wurde, und erst dann host_key ändern.",
    )


def _open_transport(settings: SftpSettings) -> paramiko.Transport:
    import paramiko

    try:
        line = socket.create_connection((settings.host, settings.port), timeout=CONNECT_SECONDS)
    except OSError:
        raise _unreachable_error() from None
    transport = paramiko.Transport(line)
    transport.banner_timeout = transport.auth_timeout = CONNECT_SECONDS
    return transport


def _is_pinned(key: paramiko.PKey, pinned: list[str]) -> bool:
    blob = key.asbytes()
    if pinned[0].startswith("SHA256:"):
        print_ = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        return pinned[0].removeprefix("SHA256:").rstrip("=") == print_
    return base64.b64encode(blob).decode() == pinned[1]


def _log_in(transport: paramiko.Transport, settings: SftpSettings) -> None:
    import paramiko

    key = _load_key(settings) if settings.key_file else None
    if key is None and not settings.secret:
        raise CannotFetch(
            "no_secret",
            "Für die Quelle ist kein Kennwort hinterlegt. Bitte in der Umgebung oder im Geheimnis-Ordner ablegen.",
        )
    try:
        left = (
            transport.auth_publickey(settings.user, key)
            if key
            else transport.auth_password(settings.user, settings.secret or "")
        )
    except paramiko.AuthenticationException:
        raise _refused_error() from None
    except (paramiko.SSHException, EOFError, OSError):
        raise _unreachable_error() from None
    if left or not transport.is_authenticated():
        raise _refused_error()


def _load_key(settings: SftpSettings) -> paramiko.PKey:
    """The private key, of whatever kind; paramiko 5.1's own guess (PKey.from_path) fails on every key with a password."""
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key_file(str(settings.key_file), settings.secret)
        except (paramiko.SSHException, OSError, ValueError, TypeError):
            continue
    message = "Der private Schlüssel (key_file) ist nicht lesbar, oder sein Kennwort fehlt oder stimmt nicht. Bitte beides prüfen."
    raise CannotFetch("key_unreadable", message)


def _unreachable_error() -> CannotFetch:
    return CannotFetch(
        "unreachable",
        "Der SFTP-Server ist nicht erreichbar. Bitte Adresse, Netz und Firewall prüfen.",
    )


def _refused_error() -> CannotFetch:
    message = "Der SFTP-Server hat die Anmeldung abgewiesen. Bitte Benutzer und Kennwort oder Schlüssel prüfen."
    return LoginRefused("login_refused", message)
