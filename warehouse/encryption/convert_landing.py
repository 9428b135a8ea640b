"""Writes landed files anew beside the old ones, encrypted or plain, each checked by its hash. Which ones count is not decided here."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from warehouse.encryption.encrypted_file import SUFFIX, DamagedFile, seal_stream, unseal_file
from warehouse.encryption.key import Key
from warehouse.files.atomic_file import open_atomic, sync_folder, unused_name
from warehouse.files.hashing_stream import HashingStream, hashed_file

_WRITING = ".converting-"
_HASH = re.compile(r"[0-9a-f]{64}")


def list_landed_files(landing: Path, *, sealed: bool) -> list[Path]:
    """The landed files of one kind, in order."""
    found = landing.glob(f"??/*{SUFFIX}" if sealed else "??/*")
    return sorted(
        p for p in found if _HASH.fullmatch(p.name.removesuffix(SUFFIX) if sealed else p.name)
    )


def find_counterpart(path: Path) -> Path:
    """The plain file to an encrypted one and the other way round."""
    return path.with_name(
        path.name.removesuffix(SUFFIX) if path.suffix == SUFFIX else path.name + SUFFIX
    )


def write_counterparts(
    landing: Path, key: Key, *, sealed: bool, tell: Callable[[str], None]
) -> int:
    """Makes every missing file of the new kind; one that an earlier try made is checked and kept. Damaged."""
    remove_leftovers(landing)
    old = list_landed_files(landing, sealed=not sealed)
    for number, path in enumerate(old, start=1):
        if not _is_whole(find_counterpart(path), key):
            _write_counterpart(path, find_counterpart(path), landing, key)
        if number % 100 == 0 or number == len(old):
            tell(f"landing: {number} of {len(old)} files written and compared")
    for folder in {path.parent for path in old}:
        sync_folder(folder)
    return len(old)


def remove_leftovers(landing: Path) -> None:
    """Removes what an interrupted run, restore or switch left half-written, as plain as it was then; nobody else may be at work."""
    sweep_own(landing)
    for leftover in landing.glob(".arriving-*"):
        leftover.unlink()
    for folder in landing.glob(".restoring-*"):
        shutil.rmtree(folder)


def sweep_own(landing: Path) -> None:
    """Removes what an interrupted switch left half-written, while others may be at work."""
    for leftover in landing.glob(f"{_WRITING}*"):
        leftover.unlink()


def remove_old(landing: Path, *, sealed: bool) -> None:
    """Removes the files of the old kind whose counterpart is there."""
    for path in list_landed_files(landing, sealed=not sealed):
        if find_counterpart(path).exists():
            path.unlink()


def _is_whole(path: Path, key: Key) -> bool:
    if not path.exists():
        return False
    sha256 = path.name.removesuffix(SUFFIX)
    try:
        if path.suffix == SUFFIX:
            unseal_file(path, None, key, sha256)
            return True
    except DamagedFile:
        return False
    return hashed_file(path).sha256 == sha256


def _write_counterpart(old: Path, new: Path, landing: Path, key: Key) -> None:
    sha256 = old.name.removesuffix(SUFFIX)
    with open_atomic(new, draft=unused_name(landing, _WRITING), mode=0o400) as file:
        if new.suffix == SUFFIX:
            with old.open("rb") as plain:
                passing = HashingStream(plain)
                seal_stream(passing, file, key)
            if passing.sha256 != sha256:
                raise DamagedFile(
                    f"the file {sha256[:16]}… of the landing is damaged; bring it back from a backup"
                )
        else:
            unseal_file(old, file, key, sha256)
    if not _is_whole(new, key):
        raise DamagedFile(
            f"the new copy of the file {sha256[:16]}… of the landing cannot be read back; look after the disk"
        )


def measure_unwritten(landing: Path, *, sealed: bool) -> Iterator[int]:
    """Bytes of each file that has no counterpart of the new kind yet."""
    return (
        p.stat().st_size
        for p in list_landed_files(landing, sealed=not sealed)
        if not find_counterpart(p).exists()
    )
