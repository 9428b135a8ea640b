"""Fetches deliveries from a folder on an SFTP server with a pinned host key; never writes there."""

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
from connectors.fetch.fetcher import NO_SECRET, CannotFetch, Fetched, describe_failure
from connectors.fetch.remote_folder import Entry, FolderSettings, RemoteChanged, RemoteFile

if TYPE_CHECKING:
    import paramiko

CONNECT_SECONDS, ANSWER_SECONDS = 15.0, 60.0
BLOCK = 256 << 10
# Each kind is tried on its own, since a fingerprint does not tell the kind of the key.
KEY_KINDS = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)
SENTENCES = {
    "no_secret": NO_SECRET,
    "driver_missing": "Für SFTP fehlt eine Bibliothek."
    " Bitte einmal ausführen: python3 drehscheibe.py setup sftp",
    "unreachable": "Der SFTP-Server ist nicht erreichbar. Bitte Adresse, Netz und Firewall prüfen.",
    "host_key": "Der SFTP-Server weist sich nicht mit dem hinterlegten Schlüssel (host_key) aus;"
    " es wurde nichts gesendet. Bitte beim Betreiber nachfragen, ob der Schlüssel gewechselt"
    " wurde, und erst dann host_key ändern.",
    "key_unreadable": "Der private Schlüssel (key_file) ist nicht lesbar, oder sein Kennwort fehlt"
    " oder stimmt nicht. Bitte beides prüfen.",
    "login_refused": "Der SFTP-Server hat die Anmeldung abgewiesen."
    " Bitte Benutzer und Kennwort oder Schlüssel prüfen.",
    "no_sftp": "Der Server bietet kein SFTP an. Bitte mit dem Betreiber klären.",
    "unsafe_name": "Im Ordner der Quelle liegt eine Datei, deren Name kein UTF-8 ist."
    " Bitte umbenennen.",
    "folder_missing": "Den Ordner der Quelle gibt es auf dem SFTP-Server nicht."
    " Bitte folder in der Konfiguration prüfen.",
    "not_readable": "Der Benutzer darf den Ordner oder eine Datei auf dem SFTP-Server nicht lesen."
    " Bitte Rechte prüfen lassen.",
    "connection_lost": "Die Verbindung zum SFTP-Server brach ab;"
    " der nächste Lauf macht dort weiter.",
}


def _failure(rule: str) -> CannotFetch:
    return describe_failure(rule, SENTENCES)


@dataclass(frozen=True)
class SftpSettings(FolderSettings):
    """How the server is reached.

    ``host_key`` is "ssh-ed25519 AAAA…" or "SHA256:…". ``secret`` is the password of the user, or
    with ``key_file`` that of the key.
    """

    host: str
    user: str
    host_key: str
    port: int = 22
    folder: str = "."
    key_file: Path | None = None
    secret: str | None = field(default=None, repr=False)


class Sftp:
    """Fetches the deliveries of one SFTP folder."""

    def __init__(self, settings: SftpSettings) -> None:
        self.settings = settings

    def fetch(self, into: Path, remembered: Mapping[str, str]) -> Fetched:
        """Fetches new and changed deliveries; raises CannotFetch."""
        settings = self.settings
        with open_client(settings) as client:
            folder = _Folder(client, settings.folder)
            return download_deliveries(folder, into, remembered, settings)


class _Folder:
    """The remote folder over an open connection."""

    def __init__(self, client: paramiko.SFTPClient, folder: str) -> None:
        self.client, self.folder = client, folder

    def list_entries(self, folder: str) -> Iterator[Entry]:
        path = f"{self.folder}/{folder}" if folder else self.folder
        with _translate_errors(missing_folder=not folder):
            for attributes in self.client.listdir_iter(path):
                yield _make_entry(attributes)

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


def _make_entry(attributes: paramiko.SFTPAttributes) -> Entry:
    name, mode = attributes.filename, attributes.st_mode or 0
    if not isinstance(name, str):  # bytes that are no UTF-8
        raise _failure("unsafe_name")
    if stat.S_ISDIR(mode):
        return Entry(name, is_folder=True)
    changed = attributes.st_mtime or 0
    size, ordinary = attributes.st_size or 0, stat.S_ISREG(mode)
    return Entry(name, False, size, str(changed), float(changed), ordinary)


@contextmanager
def _translate_errors(*, missing_folder: bool = False) -> Iterator[None]:
    """Turns paramiko's exceptions into CannotFetch with advice, or RemoteChanged."""
    import paramiko

    try:
        yield
    except FileNotFoundError:
        raise (_failure("folder_missing") if missing_folder else RemoteChanged()) from None
    except PermissionError:
        raise _failure("not_readable") from None
    except (OSError, EOFError, paramiko.SSHException):
        raise _failure("connection_lost") from None


@contextmanager
def open_client(settings: SftpSettings) -> Iterator[paramiko.SFTPClient]:
    """A client that has logged in to the server with the pinned key; raises CannotFetch."""
    try:
        import paramiko
    except ModuleNotFoundError:
        raise _failure("driver_missing") from None
    # File names may name persons, and paramiko writes them into its log.
    logging.getLogger("paramiko").setLevel(logging.CRITICAL)
    with closing(_open_verified(settings)) as transport:
        _log_in(transport, settings)
        with _translate_errors():
            client = paramiko.SFTPClient.from_transport(transport)
            channel = client.get_channel() if client else None
        if client is None or channel is None:
            raise _failure("no_sftp")
        channel.settimeout(ANSWER_SECONDS)
        with closing(client):
            yield client


def _open_verified(settings: SftpSettings) -> paramiko.Transport:
    """Connects to the server with the pinned key; nothing is sent to any other."""
    pinned = settings.host_key.split()
    for kind in KEY_KINDS if pinned[0].startswith("SHA256:") else (pinned[0],):
        transport = _open_transport(settings)
        try:
            if _agree_on_key(transport, kind, pinned):
                return transport
        except CannotFetch:
            transport.close()
            raise
        transport.close()
    raise _failure("host_key")


def _agree_on_key(transport: paramiko.Transport, kind: str, pinned: list[str]) -> bool:
    """Negotiates a host key of this kind; False if the server has none or another one."""
    import paramiko

    try:
        transport.get_security_options().key_types = (
            ("rsa-sha2-512", "rsa-sha2-256") if kind == "ssh-rsa" else (kind,)
        )
        transport.start_client(timeout=CONNECT_SECONDS)
        return _is_pinned(transport.get_remote_server_key(), pinned)
    except paramiko.ssh_exception.IncompatiblePeer:
        return False
    except (paramiko.SSHException, EOFError, OSError, ValueError):
        raise _failure("unreachable") from None


def _open_transport(settings: SftpSettings) -> paramiko.Transport:
    import paramiko

    try:
        address = (settings.host, settings.port)
        connection = socket.create_connection(address, timeout=CONNECT_SECONDS)
    except OSError:
        raise _failure("unreachable") from None
    transport = paramiko.Transport(connection)
    transport.banner_timeout = transport.auth_timeout = CONNECT_SECONDS
    return transport


def _is_pinned(key: paramiko.PKey, pinned: list[str]) -> bool:
    blob = key.asbytes()
    if pinned[0].startswith("SHA256:"):
        fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        return pinned[0].removeprefix("SHA256:").rstrip("=") == fingerprint
    return base64.b64encode(blob).decode() == pinned[1]


def _log_in(transport: paramiko.Transport, settings: SftpSettings) -> None:
    import paramiko

    key = _load_key(settings) if settings.key_file else None
    if key is None and not settings.secret:
        raise _failure("no_secret")
    try:
        missing = (
            transport.auth_publickey(settings.user, key)
            if key
            else transport.auth_password(settings.user, settings.secret or "")
        )
    except paramiko.AuthenticationException:
        raise _failure("login_refused") from None
    except (paramiko.SSHException, EOFError, OSError):
        raise _failure("unreachable") from None
    if missing or not transport.is_authenticated():
        raise _failure("login_refused")


def _load_key(settings: SftpSettings) -> paramiko.PKey:
    """Loads the private key, of any kind.

    PKey.from_path of paramiko 5.1 would guess the kind, but fails on every key with a password.
    """
    import paramiko

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key_file(str(settings.key_file), settings.secret)
        except (paramiko.SSHException, OSError, ValueError, TypeError):
            continue
    raise _failure("key_unreadable")
