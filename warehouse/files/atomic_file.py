"""Writes files atomically: under a working name in the same file system, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

WRITING = ".writing-"


@contextmanager
def _removed_on_error(draft: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


@contextmanager
def open_draft(draft: Path, *, sync: bool = True) -> Iterator[IO[bytes]]:
    """Opens a draft, readable by its owner only, and syncs it to disk when the block ends.

    If the block raises, the draft is removed; a killed process leaves it. ``sync=False`` is for
    content that may be lost in a power failure.
    """
    handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    with _removed_on_error(draft), open(handle, "w+b") as file:
        yield file
        if sync:
            file.flush()
            os.fsync(file.fileno())


def put_in_place(draft: Path, target: Path, *, mode: int | None = None) -> None:
    """Renames a finished draft over the target; ``mode`` is set before."""
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
    """Opens a file that gets its name when the block ends; a block that raises leaves nothing.

    ``draft`` is the working name; by default one that no other process uses.
    """
    draft = draft or unused_name(target.parent)
    with open_draft(draft, sync=sync) as file:
        yield file
    with _removed_on_error(draft):
        put_in_place(draft, target, mode=mode)


def write_file(target: Path, content: bytes, *, sync: bool = True) -> None:
    """Writes a small file; a crash leaves the former content or the new one, never a part."""
    with open_atomic(target, sync=sync) as file:
        file.write(content)


def unused_name(folder: Path, prefix: str = WRITING) -> Path:
    """Returns a working name no other process uses; ``prefix`` lets leftovers be found."""
    return folder / f"{prefix}{secrets.token_hex(8)}"


def sync_folder(folder: Path) -> None:
    """Syncs the names in a folder to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
