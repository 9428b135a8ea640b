"""Reads and verifies all deliveries of a landing, for backup, restore and consistency check."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date
from pathlib import Path
from typing import IO, cast

from sqlalchemy import Connection, text

from warehouse.backup.table_stream import build_district_filter
from warehouse.encryption.encrypted_file import DamagedFile, plain_copy
from warehouse.files.data_folder import LandingFolder
from warehouse.landing.landing import (
    LandedFile,
    Landing,
    Manifest,
    delivery_id,
    is_hash,
    is_inner_name,
)

ReadFile = Callable[[LandedFile, IO[bytes]], str]

_BLOCK = 1 << 20
_NOT_OPENED = {
    errno.ENOENT,
    errno.EACCES,
    errno.EPERM,
    errno.EIO,
    errno.EISDIR,
    errno.ENOTDIR,
    errno.ELOOP,
}


def read_manifests(landing: Landing) -> Iterator[Manifest]:
    """The deliveries in the landing with an intact manifest; ``find_missing`` reports the rest."""
    for path in sorted(LandingFolder(landing.folder).manifests.glob("*.json")):
        if manifest := _read_manifest(path):
            yield manifest


def _read_manifest(path: Path) -> Manifest | None:
    """A manifest; None where it is damaged or names other files than its delivery had."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        content = json.loads(path.read_text(encoding="utf-8"))
        content["files"] = tuple(LandedFile(**f) for f in content["files"])
        content["delivered_on"] = date.fromisoformat(content["delivered_on"])
        found = Manifest(**content)
        if has_own_id(found) and found.delivery_id == path.stem:
            return found
    return None


def has_own_id(manifest: Manifest) -> bool:
    """Whether the manifest's id is the one that follows from its contents, all of their form."""
    files = manifest.files
    hashes = [h for file in files for h in (file.sha256, file.original_sha256)]
    if not all(map(is_hash, hashes)) or not all(is_inner_name(file.name) for file in files):
        return False
    own = delivery_id(manifest.source, manifest.delivered_on, manifest.scope, manifest.files)
    return own == manifest.delivery_id


def find_missing(connection: Connection, here: Collection[str]) -> list[str]:
    """One sentence per delivery the warehouse knows whose id is not among those in ``here``."""
    own = build_district_filter(connection, "delivery")
    known = text(f"SELECT delivery_id, source, delivered_on FROM delivery{own}")
    return [
        f"delivery {r.source}/{r.delivered_on} ({r.delivery_id[:12]}) is not in the landing, "
        "or its manifest is damaged"
        for r in connection.execute(known)
        if r.delivery_id not in here
    ]


@contextmanager
def open_landed(landing: Landing, file: LandedFile) -> Iterator[IO[bytes]]:
    """The plain bytes of a landed file.

    FileNotFoundError where it is missing, DamagedFile where an encrypted one cannot be decrypted.
    """
    path, key = landing.path_of(file), landing.key
    plain = nullcontext(path) if key is None else plain_copy(path, file.sha256, file.size, key)
    with plain as readable, readable.open("rb") as stream:
        yield stream


def hash_stream(stream: IO[bytes]) -> str:
    """SHA-256 of the rest of a stream."""
    found = hashlib.sha256()
    while block := stream.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def find_damage(landing: Landing, manifest: Manifest, read: ReadFile | None = None) -> list[str]:
    """One sentence per file of a delivery that is missing or has other bytes than delivered.

    ``read`` reads a file instead of this function, to its end, and returns its SHA-256.
    """
    delivery = f"delivery {manifest.source}/{manifest.delivered_on}"
    found = []
    for number, file in enumerate(manifest.files, start=1):
        damage = _describe_damage(landing, file, read)
        if damage:
            # File names may name a person; the number within the manifest does not.
            found.append(f"file {number} of {delivery} ({file.sha256[:12]}) {damage}")
    return found


def _describe_damage(landing: Landing, file: LandedFile, read: ReadFile | None) -> str | None:
    try:
        with _as_damage(), open_landed(landing, file) as stream:
            guarded = cast(IO[bytes], _LandedStream(stream))
            sha256 = read(file, guarded) if read else hash_stream(guarded)
    except DamagedFile:
        return "is missing in the landing, damaged or cannot be read"
    return None if sha256 == file.sha256 else "does not have the bytes it came with"


class _LandedStream:
    """Raises DamagedFile on reading, so that an OSError is one of writing the bytes elsewhere."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            raise DamagedFile("a file of the landing cannot be read") from error


@contextmanager
def _as_damage() -> Iterator[None]:
    """Raises DamagedFile for a file that cannot be opened; other errors, as a full disk, stay."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NOT_OPENED:
            raise
        raise DamagedFile("a file of the landing cannot be opened") from error


def clear_damaged(landing: Landing, manifest: Manifest) -> None:
    """Removes damaged files of a delivery to be landed, which would pass for landed already."""
    place = landing.place_of(manifest.delivery_id)
    if _read_manifest(place) is None:
        place.unlink(missing_ok=True)
    for file in manifest.files:
        if landing.path_of(file).exists() and _describe_damage(landing, file, None):
            landing.path_of(file).unlink()
