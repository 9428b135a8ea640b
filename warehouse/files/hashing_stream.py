"""Counts and hashes the bytes of a stream while they are read or written."""

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
    """Passes bytes on; large blocks are hashed in a thread while the caller continues."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._hashing: Future[None] | None = None
        self.size = 0

    @property
    def sha256(self) -> str:
        """The hash of all bytes so far."""
        self._wait_for_hash()
        return self._digest.hexdigest()

    def read(self, size: int = -1, /) -> bytes:
        """Reads the next bytes of the file."""
        assert self._file is not None
        return self._hash_block(self._file.read(size))

    def write(self, data: bytes, /) -> int:
        """Writes bytes to the file, if there is one."""
        if self._file is not None:
            self._file.write(data)
        # A copy: the thread may read it after the caller has changed its buffer.
        return len(self._hash_block(bytes(data)))

    def flush(self) -> None:
        """Flushes the file, if there is one."""
        if self._file is not None:
            self._file.flush()

    @cached_property
    def _worker(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "hashing")

    def _hash_block(self, data: bytes) -> bytes:
        self._wait_for_hash()
        self.size += len(data)
        # The first block may be the whole file, for which a thread is not worth it.
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
    """Reads a file to its end and returns the stream with its hash and size."""
    with path.open("rb") as file:
        stream = HashingStream(file)
        while stream.read(_BLOCK):
            pass
    return stream
