"""Putting a finished file or folder in its place: whole or not at all, for its owner only. Its content is made elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl

SUFFIX = ".drehscheibe-part"


def write_atomically(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` in one step (mode 0600); a crash leaves the old file or the new one, never half."""
    with open_draft(path) as part:
        write_through(part, content)
        os.replace(part, path)


def write_through(path: Path, content: bytes) -> None:
    """Write a file for its owner alone and see it onto the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def open_draft(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Give a hidden file or folder beside ``target`` to work in; what is not moved away by the end is removed.

    What a killed process left beside the target is removed first; that of a living one is held by a lock and stays.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target.parent)
    part, handle = _claim_draft(target.parent, folder)
    try:
        yield part
    finally:
        _remove_path(part)
        if handle is not None:
            os.close(handle)


def _claim_draft(place: Path, folder: bool) -> tuple[Path, int | None]:
    while True:
        if folder:
            part = Path(tempfile.mkdtemp(prefix=".", suffix=SUFFIX, dir=place))
        else:
            opened, name = tempfile.mkstemp(prefix=".", suffix=SUFFIX, dir=place)
            os.close(opened)
            part = Path(name)
        handle = _lock_path(part, wait=True)
        # Another process may have swept it between making and locking.
        if handle is None or part.exists():
            return part, handle
        os.close(handle)


def _remove_abandoned(place: Path) -> None:
    if sys.platform == "win32":
        return
    for left in place.glob(f".*{SUFFIX}"):
        handle = _lock_path(left, wait=False)
        if handle is not None:
            _remove_path(left)
            os.close(handle)


def _lock_path(path: Path, *, wait: bool) -> int | None:
    """Hold ``path`` until the handle given is closed or the process ends; None where it is held or cannot be."""
    if sys.platform == "win32":
        return None
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            return handle
        except OSError:
            os.close(handle)
    return None


def _remove_path(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
