"""Locks a folder for one process at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock_folder(folder: Path, *, wait: bool) -> Iterator[None]:
    """Holds the lock until the block or the process ends.

    Raises BlockingIOError where another process holds it and ``wait`` is False, and ImportError on
    systems other than POSIX.
    """
    import fcntl  # POSIX only

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
