"""What lies in the landing, delivery by delivery, for whoever has to look at all of it. Taking in stands in warehouse/landing/landing.py."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import IO, cast

from sqlalchemy import Connection, text

from warehouse.backup.table_stream import build_district_filter
from warehouse.encryption.encrypted_file import DamagedFile, plain_copy
from warehouse.files.data_folder import LandingFolder
from warehouse.landing.landing import LandedFile, Landing, Manifest, delivery_id

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
    """Every delivery that was ever landed, as far as its manifest can be read; what the warehouse knows beyond them is ``missing``."""
    for path in sorted(LandingFolder(landing.folder).manifests.glob("*.json")):
        manifest = _read_manifest(path)
        if manifest is not None:
            yield manifest


def _read_manifest(path: Path) -> Manifest | None:
    """None where it is damaged: a manifest that names other files than its delivery had is one, too."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        content = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(LandedFile(**f) for f in content.pop("files"))
        found = Manifest(
            **{
                **content,
                "delivered_on": date.fromisoformat(content["delivered_on"]),
                "files": files,
            }
        )
        if (
            delivery_id(found.source, found.delivered_on, found.scope, files)
            == found.delivery_id
            == path.stem
        ):
            return found
    return None


def find_missing(connection: Connection, here: Collection[str]) -> list[str]:
    """A sentence for every delivery the warehouse knows that is not among those in the landing."""
    known = connection.execute(
        text(
            f"SELECT delivery_id, source, delivered_on FROM delivery{build_district_filter(connection, 'delivery')}"
        )
    ).all()
    lost = [r for r in known if r.delivery_id not in here]
    return [
        f"delivery {r.source}/{r.delivered_on} ({r.delivery_id[:12]}) is not in the landing, or its manifest is damaged"
        for r in lost
    ]


@contextmanager
def open_landed(landing: Landing, file: LandedFile) -> Iterator[IO[bytes]]:
    """The bytes of a landed file as they came; FileNotFoundError where they are gone, Damaged where an encrypted one is broken."""
    with ExitStack() as stack:
        path = landing.path_of(file)
        if landing.key is not None:
            path = stack.enter_context(plain_copy(path, file.sha256, file.size, landing.key))
        yield stack.enter_context(path.open("rb"))


def hash_stream(stream: IO[bytes]) -> str:
    """SHA-256 of all that is left in a stream."""
    found = hashlib.sha256()
    while block := stream.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def find_damage(
    landing: Landing, manifest: Manifest, read: Callable[[LandedFile, IO[bytes]], str] | None = None
) -> list[str]:
    """What is wrong with a delivery's files: missing, or other bytes than came. ``read`` may do more with one than hash it."""
    found = []
    for number, file in enumerate(manifest.files, start=1):
        # File names may name a person; the number within the manifest does not.
        spot = f"file {number} of delivery {manifest.source}/{manifest.delivered_on} ({file.sha256[:12]})"
        try:
            with _as_damage(), open_landed(landing, file) as stream:
                careful = cast(IO[bytes], _LandedStream(stream))
                if (read(file, careful) if read else hash_stream(careful)) != file.sha256:
                    found.append(f"{spot} does not have the bytes it came with")
        except DamagedFile:
            found.append(f"{spot} is missing in the landing, damaged or cannot be read")
    return found


class _LandedStream:
    """A file whose trouble in being read is told apart from that in writing elsewhere what was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            raise DamagedFile("a file of the landing cannot be read") from error


@contextmanager
def _as_damage() -> Iterator[None]:
    """What keeps a landed file from being opened; a full disk or memory is another matter."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NOT_OPENED:
            raise
        raise DamagedFile("a file of the landing cannot be opened") from error


def clear_damaged(landing: Landing, manifest: Manifest) -> None:
    """Removes what lies damaged where a sound delivery is about to be landed: its bytes would else be taken for known."""
    if _read_manifest(landing.place_of(manifest.delivery_id)) is None:
        landing.place_of(manifest.delivery_id).unlink(missing_ok=True)
    for file in manifest.files:
        if landing.path_of(file).exists() and find_damage(
            landing, replace(manifest, files=(file,))
        ):
            landing.path_of(file).unlink()
