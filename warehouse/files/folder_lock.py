"""A folder held by one process at a time. What is done in it, and what is said to whoever comes second, stands with those who hold it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def lock_folder(folder: Path, *, wait: bool) -> Iterator[None]:
    """Until the block ends, or the process does. BlockingIOError where another holds it and nobody is to wait; ImportError off POSIX."""
    import fcntl  # not on every system

    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)
