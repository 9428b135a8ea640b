"""Puts a finished file or folder in place atomically, readable for its owner only."""

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
    """Writes ``content`` to ``path`` (mode 0600); a crash leaves the old file or the new one."""
    with open_draft(path) as part:
        write_through(part, content)
        os.replace(part, path)


def write_through(path: Path, content: bytes) -> None:
    """Writes a file readable for its owner only and flushes it to the disk."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def open_draft(target: Path, *, folder: bool = False) -> Iterator[Path]:
    """Makes a hidden file or folder beside ``target`` and removes it at the end unless moved.

    Drafts left beside the target by a killed process are removed first; the lock of a running
    process protects its own.
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
        part = _make_draft(place, folder)
        handle = _lock_path(part, wait=True)
        # Another process may have removed it before it was locked.
        if handle is None or part.exists():
            return part, handle
        os.close(handle)


def _make_draft(place: Path, folder: bool) -> Path:
    if folder:
        return Path(tempfile.mkdtemp(prefix=".", suffix=SUFFIX, dir=place))
    handle, name = tempfile.mkstemp(prefix=".", suffix=SUFFIX, dir=place)
    os.close(handle)
    return Path(name)


def _remove_abandoned(place: Path) -> None:
    if sys.platform == "win32":
        return
    for left in place.glob(f".*{SUFFIX}"):
        handle = _lock_path(left, wait=False)
        if handle is not None:
            _remove_path(left)
            os.close(handle)


def _lock_path(path: Path, *, wait: bool) -> int | None:
    """Locks ``path`` until the returned handle is closed or the process ends.

    Returns None if it is locked already or cannot be locked.
    """
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
