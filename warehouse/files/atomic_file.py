"""Writes a file whole or not at all: under another name in the same file system, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

WRITING = ".writing-"


@contextmanager
def open_draft(draft: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """Opens a file under a working name, for its owner alone; on disk when the block ends.

    A block that raises leaves nothing behind; a process that is killed leaves the draft. ``sync``
    False is for what may be lost with the power.
    """
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(handle, "w+b") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def put_in_place(draft: Path, target: Path, *, mode: int | None = None) -> None:
    """Gives a finished file its name, in place of what had it; ``mode`` is set before."""
    if mode is not None:
        os.chmod(draft, mode)
    os.replace(draft, target)


@contextmanager
def open_atomic(
    target: Path,
    *,
    draft: Path | None = None,
    mode: int | None = None,
    sync: bool = True,
) -> Iterator[IO[bytes]]:
    """Opens a file that appears under its name when the block ends; one that raises leaves nothing.

    ``draft`` is the working name, else one that no other process uses.
    """
    draft = draft or unused_name(target.parent)
    with open_draft(draft, sync=sync) as file:
        yield file
    try:
        put_in_place(draft, target, mode=mode)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


def write_file(target: Path, content: bytes, *, sync: bool = True) -> None:
    """Writes a small file in one step; a crash leaves the old one or the new one, never half."""
    with open_atomic(target, sync=sync) as file:
        file.write(content)


def unused_name(folder: Path, prefix: str = WRITING) -> Path:
    """A working name that no other process uses; the prefix tells a sweep what it may remove."""
    return folder / f"{prefix}{secrets.token_hex(8)}"


def sync_folder(folder: Path) -> None:
    """Makes names in a folder outlast a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
