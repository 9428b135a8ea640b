"""Puts a parcel on an SFTP server with a pinned host key: whole or not at all, and once only."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.dispatch.refusal import CannotDispatch
from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.sftp import SftpSettings, open_client

if TYPE_CHECKING:
    import paramiko

PART = ".part"
BLOCK = 256 << 10
SENTENCES = {
    "no_secret": "Für den Empfänger ist weder Kennwort noch key_file hinterlegt."
    " Bitte in der Umgebung oder im Geheimnis-Ordner ablegen.",
    "folder_missing": "Den Ordner des Empfängers gibt es auf dem SFTP-Server nicht."
    " Bitte folder in der Konfiguration prüfen.",
    "not_writable": "Der Benutzer darf in den Ordner auf dem SFTP-Server nicht schreiben."
    " Bitte Rechte prüfen lassen.",
    "connection_lost": "Die Verbindung zum SFTP-Server brach ab. Bitte die Übermittlung am selben"
    " Tag noch einmal starten: sie wird zu Ende gebracht und kommt nicht doppelt an.",
    "other_file": "Auf dem SFTP-Server liegt unter der Nummer der Sendung eine andere Datei;"
    " es wurde nichts überschrieben. Bitte mit dem Empfänger klären.",
}


def put_files(settings: SftpSettings, files: Iterable[Path]) -> None:
    """Puts each file into the folder of the server, in this order; raises CannotDispatch.

    A file gets its name when all of it is there. One that is there already is left as it is, so
    doing it again after a crash changes nothing; one that holds something else is not replaced.
    """
    try:
        with open_client(settings) as client, _translate_errors():
            for file in files:
                _put_file(client, f"{settings.folder}/{file.name}", file)
    except CannotFetch as error:
        message = SENTENCES.get(error.rule, error.message)
        raise CannotDispatch(error.rule, message) from None


def _put_file(client: paramiko.SFTPClient, target: str, file: Path) -> None:
    if _is_there(client, target, file):
        return
    part = target + PART
    # What a killed process left of it is overwritten from its beginning.
    with file.open("rb") as content, client.open(part, "wb") as remote:
        remote.set_pipelined(True)
        while block := content.read(BLOCK):
            remote.write(block)
    if client.stat(part).st_size != file.stat().st_size:
        raise _refuse("connection_lost")
    # Unlike posix_rename this one never replaces anything.
    client.rename(part, target)


def _is_there(client: paramiko.SFTPClient, target: str, file: Path) -> bool:
    try:
        size = client.stat(target).st_size
    except FileNotFoundError:
        return False
    if size != file.stat().st_size or not _holds(client, target, file):
        raise _refuse("other_file")
    return True


def _holds(client: paramiko.SFTPClient, target: str, file: Path) -> bool:
    """Whether the server's file has the same content; a server that lets nobody read is believed."""
    wanted, found = hashlib.sha256(file.read_bytes()), hashlib.sha256()
    try:
        with client.open(target, "rb") as remote:
            while block := remote.read(BLOCK):
                found.update(block)
    except PermissionError:
        return True
    return wanted.digest() == found.digest()


@contextmanager
def _translate_errors() -> Iterator[None]:
    import paramiko

    try:
        yield
    except FileNotFoundError:
        raise _refuse("folder_missing") from None
    except PermissionError:
        raise _refuse("not_writable") from None
    except (OSError, EOFError, paramiko.SSHException):
        raise _refuse("connection_lost") from None


def _refuse(rule: str) -> CannotDispatch:
    return CannotDispatch(rule, SENTENCES[rule])
