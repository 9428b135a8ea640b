"""Encrypts streams with age and provides the plain bytes of an encrypted file while it is read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from warehouse.encryption.key import Key, KeyProblem
from warehouse.errors import WarehouseError
from warehouse.files.hashing_stream import HashingStream

Stream = IO[bytes] | HashingStream

SUFFIX = ".age"
_MEMORY = Path("/dev/shm")
_OPEN_FILES = Path("/proc/self/fd")
_MEMORY_LEFT = Path("/proc/meminfo")


class DamagedFile(WarehouseError):
    """A landed file does not have the hash in its name; the text names it by its hash."""


def seal_stream(source: Stream, target: IO[bytes], key: Key) -> None:
    """Encrypts a stream for the key."""
    import pyrage

    pyrage.encrypt_io(source, target, [key.identity.to_public()])


def decrypt_stream(source: IO[bytes], target: Stream, key: Key) -> bool:
    """Decrypts a stream; False where it is damaged or was encrypted for another key."""
    import pyrage

    try:
        pyrage.decrypt_io(source, target, [key.identity])
    except (pyrage.DecryptError, OSError) as error:
        # A damaged block raises an OSError without a number, a full disk one with a number.
        if getattr(error, "errno", None) is not None:
            raise
        return False
    target.flush()
    return True


def unseal_file(sealed: Path, target: IO[bytes] | None, key: Key, sha256: str) -> None:
    """Decrypts a file into ``target`` (None: only verifies it); DamagedFile for another hash."""
    plain = HashingStream(target)
    with sealed.open("rb") as source:
        decrypted = decrypt_stream(source, plain, key)
    if not decrypted or plain.sha256 != sha256:
        raise DamagedFile(
            f"the file {sha256[:16]}… of the landing is damaged, "
            "or was encrypted with another key; bring it back from a backup"
        )


@contextmanager
def plain_copy(sealed: Path, sha256: str, size: int, key: Key) -> Iterator[Path]:
    """A path to the plain bytes of an encrypted file, valid until the block ends.

    The file has no name in any folder, so it ends with the process in any case. It is in memory
    where they fit, beside the encrypted file otherwise. DamagedFile; KeyProblem where the system
    has no such paths.
    """
    if not _OPEN_FILES.is_dir():
        raise KeyProblem("an encrypted landing can only be read on Linux, with /proc")
    folder = _MEMORY if _fits_memory(size) else sealed.parent
    with tempfile.TemporaryFile(dir=folder) as file:
        unseal_file(sealed, file, key, sha256)
        yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


def _fits_memory(size: int) -> bool:
    """Whether twice the size is free: /dev/shm counts as memory, and reading needs some as well."""
    if not os.access(_MEMORY, os.W_OK):
        return False
    room = os.statvfs(_MEMORY)
    return 2 * size < min(room.f_bavail * room.f_frsize, _available_memory())


def _available_memory() -> int:
    """Bytes of memory that are free by the system's own estimate; 0 where it gives none."""
    for line in _MEMORY_LEFT.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) << 10
    return 0
