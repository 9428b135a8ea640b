"""Small and locked disks: a file system of its own where mounting is allowed, else a limit on file sizes and rights of folders."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_PAGE = 4096
_ROOMY = 1 << 30


@cache
def can_mount() -> bool:
    """Whether this account may mount a file system in memory."""
    if os.geteuid() != 0 or shutil.which("mount") is None or sys.platform != "linux":
        return False
    with tempfile.TemporaryDirectory() as folder:
        made = _call("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder)
        return made and _call("umount", folder)


@cache
def can_lock() -> bool:
    """Whether a folder can be made read-only for this account: root needs a file system for that."""
    return can_mount() or os.geteuid() != 0


@contextmanager
def own_disk(place: Path) -> Iterator[None]:
    """A file system of its own at ``place``, where that is possible."""
    if not can_mount():
        yield
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    _call("mount", "-t", "tmpfs", "-o", f"size={_ROOMY}", "tmpfs", str(place))
    try:
        yield
    finally:
        _call("umount", str(place))


@contextmanager
def full(place: Path, growth: int, rng: random.Random) -> Iterator[dict[str, int]]:
    """While it lasts, less than ``growth`` bytes more fit in; gives what the order of a victim needs beside."""
    room = _PAGE + int(rng.random() * growth)
    if not can_mount():
        largest = max(p.stat().st_size for p in place.rglob("*") if p.is_file())
        yield {"file_size": rng.choice([_PAGE, largest + room // 4])}
        return
    disk = os.statvfs(place)
    used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize
    _call("mount", "-o", f"remount,size={used + room}", str(place))
    try:
        yield {}
    finally:
        _call("mount", "-o", f"remount,size={_ROOMY}", str(place))


@contextmanager
def locked(place: Path) -> Iterator[None]:
    """While it lasts, nothing in the place can be written."""
    if can_mount():
        _call("mount", "-o", "remount,ro", str(place))
        try:
            yield
        finally:
            _call("mount", "-o", "remount,rw", str(place))
        return
    paths = [place, *(p for p in place.rglob("*") if not p.is_symlink())]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & 0o500)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def size(folder: Path) -> int:
    """What the files below take on a disk."""
    return sum(
        -(-p.stat().st_size // _PAGE) * _PAGE
        for p in folder.rglob("*")
        if p.is_file() and not p.is_symlink()
    )


def _call(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0
