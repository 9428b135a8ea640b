"""Bytes that are counted and hashed on their way, in or out. What they are and where they lie stands with those who pass them."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import IO

# Below this, handing a block to another thread takes as long as hashing it.
_WORTH_A_THREAD = 1 << 18
_BLOCK = 1 << 20


class HashingStream:
    """Lets bytes through; large blocks are hashed in a thread while the caller goes on with them and with the next."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._hashing: Future[None] | None = None
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of all that has passed."""
        self._wait_for_hash()
        return self._digest.hexdigest()

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes of the file."""
        assert self._file is not None
        return self._hash_block(self._file.read(size))

    def write(self, data: bytes, /) -> int:
        """Hands bytes on, to nowhere if there is no file."""
        if self._file is not None:
            self._file.write(data)
        # A thread may look at it when the caller has gone on.
        return len(self._hash_block(bytes(data)))

    def flush(self) -> None:
        """Hands on what is held back."""
        if self._file is not None:
            self._file.flush()

    @cached_property
    def _worker(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "hashing")

    def _hash_block(self, data: bytes) -> bytes:
        self._wait_for_hash()
        self.size += len(data)
        # The first block may be the whole file.
        if len(data) < _WORTH_A_THREAD or self.size == len(data):
            self._digest.update(data)
        else:
            self._hashing = self._worker.submit(self._digest.update, data)
        return data

    def _wait_for_hash(self) -> None:
        if self._hashing is not None:
            self._hashing.result()
            self._hashing = None


def hashed_file(path: Path) -> HashingStream:
    """A file that was read through."""
    with path.open("rb") as file:
        passing = HashingStream(file)
        while passing.read(_BLOCK):
            pass
    return passing
