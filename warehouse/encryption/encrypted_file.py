"""A file sealed with age, and its plain bytes for as long as they are read. Streams; which files are sealed is not decided here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from warehouse.encryption.key import Key, KeyProblem
from warehouse.errors import WarehouseError
from warehouse.files.hashing_stream import HashingStream

SUFFIX = ".age"
_MEMORY = Path("/dev/shm")
_OPEN_FILES = Path("/proc/self/fd")
_MEMORY_LEFT = Path("/proc/meminfo")


class DamagedFile(WarehouseError):
    """A file of the landing is not what its name says; the text names it by its hash."""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes: ...


def seal_stream(source: Readable, target: IO[bytes], key: Key) -> None:
    """Encrypts a stream for the key."""
    import pyrage

    pyrage.encrypt_io(source, target, [key.identity.to_public()])


def unseal_file(sealed: Path, target: IO[bytes] | None, key: Key, sha256: str) -> None:
    """Decrypts a file into the target (None: nowhere, only to see whether it is whole); Damaged where the hash is another."""
    import pyrage

    out = HashingStream(target)
    try:
        with sealed.open("rb") as inside:
            pyrage.decrypt_io(inside, out, [key.identity])
    except pyrage.DecryptError:
        raise _damaged_error(sha256) from None
    except OSError as error:
        # A broken block comes as an OSError without a number, a full disk with one.
        if error.errno is not None:
            raise
        raise _damaged_error(sha256) from None
    out.flush()
    if out.sha256 != sha256:
        raise _damaged_error(sha256)


@contextmanager
def plain_copy(sealed: Path, sha256: str, size: int, key: Key) -> Iterator[Path]:
    """The plain bytes of a sealed file under a path that ends with the block.

    The file behind the path has no name in any folder, so that it is gone with the process, however that ends. It lies in memory
    where there is room, and beside the sealed file otherwise. Damaged; KeyProblem where the system gives no such path.
    """
    if not _OPEN_FILES.is_dir():
        raise KeyProblem("an encrypted landing can only be read on Linux, with /proc")
    with tempfile.TemporaryFile(dir=_MEMORY if _fits_memory(size) else sealed.parent) as file:
        unseal_file(sealed, file, key, sha256)
        yield Path(f"/proc/{os.getpid()}/fd/{file.fileno()}")


def _fits_memory(size: int) -> bool:
    """True where memory has twice the room: what lies in /dev/shm counts as memory, and reading takes some, too."""
    if not os.access(_MEMORY, os.W_OK):
        return False
    room = os.statvfs(_MEMORY)
    left = next(
        (
            int(line.split()[1]) << 10
            for line in _MEMORY_LEFT.open()
            if line.startswith("MemAvailable:")
        ),
        0,
    )
    return 2 * size < min(room.f_bavail * room.f_frsize, left)


def _damaged_error(sha256: str) -> DamagedFile:
    return DamagedFile(
        f"the file {sha256[:16]}… of the landing is damaged, or was encrypted with another key; bring it back from a backup"
    )
