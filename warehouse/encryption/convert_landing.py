"""Writes the encrypted or plain counterpart of each landed file beside it, verified by its hash."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import IO

from warehouse.encryption.encrypted_file import SUFFIX, DamagedFile, seal_stream, unseal_file
from warehouse.encryption.key import Key
from warehouse.files.atomic_file import open_atomic, sync_folder, unused_name
from warehouse.files.hashing_stream import HashingStream, hashed_file

_WRITING = ".converting-"
_PLAIN = re.compile(r"[0-9a-f]{64}")
_SEALED = re.compile(_PLAIN.pattern + re.escape(SUFFIX))


def list_landed_files(landing: Path, *, sealed: bool) -> list[Path]:
    """The encrypted or the plain landed files, sorted."""
    pattern = _SEALED if sealed else _PLAIN
    return sorted(p for p in landing.glob("??/*") if pattern.fullmatch(p.name))


def find_counterpart(path: Path) -> Path:
    """The plain file of an encrypted one, and vice versa."""
    return path.with_suffix("" if path.suffix == SUFFIX else SUFFIX)


def write_counterparts(
    landing: Path, key: Key, *, sealed: bool, tell: Callable[[str], None]
) -> int:
    """Writes the missing counterparts and returns the number of files.

    Those of an earlier attempt are verified and kept. DamagedFile where a landed file is damaged.
    """
    remove_leftovers(landing)
    old = list_landed_files(landing, sealed=not sealed)
    for number, path in enumerate(old, start=1):
        new = find_counterpart(path)
        if not (new.exists() and _is_whole(new, key)):
            _write_counterpart(path, new, landing, key)
        if number % 100 == 0 or number == len(old):
            tell(f"landing: {number} of {len(old)} files written and compared")
    for folder in {path.parent for path in old}:
        sync_folder(folder)
    return len(old)


def remove_leftovers(landing: Path) -> None:
    """Removes incomplete files of interrupted runs, restores and conversions, which may be plain.

    No other process may use the landing.
    """
    sweep_own(landing)
    for leftover in landing.glob(".arriving-*"):
        leftover.unlink()
    for folder in landing.glob(".restoring-*"):
        shutil.rmtree(folder)


def sweep_own(landing: Path) -> None:
    """Removes incomplete files of interrupted conversions; others may use the landing meanwhile."""
    for leftover in landing.glob(f"{_WRITING}*"):
        leftover.unlink()


def remove_old(landing: Path, *, sealed: bool) -> None:
    """Removes the files of the old kind that have a counterpart."""
    for path in list_landed_files(landing, sealed=not sealed):
        if find_counterpart(path).exists():
            path.unlink()


def _is_whole(path: Path, key: Key) -> bool:
    """Whether the plain bytes of a file have the hash in its name."""
    if path.suffix != SUFFIX:
        return hashed_file(path).sha256 == path.name
    try:
        unseal_file(path, None, key, path.stem)
    except DamagedFile:
        return False
    return True


def _write_counterpart(old: Path, new: Path, landing: Path, key: Key) -> None:
    with open_atomic(new, draft=unused_name(landing, _WRITING), mode=0o400) as file:
        if new.suffix == SUFFIX:
            _seal_landed(old, file, key)
        else:
            unseal_file(old, file, key, new.name)
    if not _is_whole(new, key):
        raise DamagedFile(
            f"the new copy of the file {new.name[:16]}… of the landing cannot be read back; "
            "look after the disk"
        )


def _seal_landed(old: Path, target: IO[bytes], key: Key) -> None:
    with old.open("rb") as plain:
        passing = HashingStream(plain)
        seal_stream(passing, target, key)
    if passing.sha256 != old.name:
        raise DamagedFile(
            f"the file {old.name[:16]}… of the landing is damaged; bring it back from a backup"
        )


def measure_unwritten(landing: Path, *, sealed: bool) -> int:
    """The total size in bytes of the files without a counterpart."""
    return sum(
        p.stat().st_size
        for p in list_landed_files(landing, sealed=not sealed)
        if not find_counterpart(p).exists()
    )
