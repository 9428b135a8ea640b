"""Keeps every file and folder that a process creates for its owner only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

_OWNER_ONLY = 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Gives all files created within the block, also by libraries and child processes, to their owner.

    The database's log, spilled data, temporary files and documents hold personal data, and most
    libraries create files by the process's umask.
    """
    former = os.umask(_OWNER_ONLY)
    try:
        yield
    finally:
        os.umask(former)
