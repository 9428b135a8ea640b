"""What lies in the landing, delivery by delivery, for whoever has to look at all of it. Taking in stands in warehouse/landing.py."""

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

from warehouse.encryption.sealed_file import Damaged, plain_copy
from warehouse.files.data_folder import LandingFolder
from warehouse.landing import LandedFile, Landing, Manifest, delivery_id
from warehouse.upkeep.stream import own

_BLOCK = 1 << 20
_NOT_OPENED = {errno.ENOENT, errno.EACCES, errno.EPERM, errno.EIO, errno.EISDIR, errno.ENOTDIR, errno.ELOOP}


def manifests(landing: Landing) -> Iterator[Manifest]:
    """Every delivery that was ever landed, as far as its manifest can be read; what the warehouse knows beyond them is ``missing``."""
    for path in sorted(LandingFolder(landing.folder).manifests.glob("*.json")):
        manifest = _manifest(path)
        if manifest is not None:
            yield manifest


def _manifest(path: Path) -> Manifest | None:
    """None where it is damaged: a manifest that names other files than its delivery had is one, too."""
    with suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        content = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(LandedFile(**f) for f in content.pop("files"))
        found = Manifest(**{**content, "delivered_on": date.fromisoformat(content["delivered_on"]), "files": files})
        if delivery_id(found.source, found.delivered_on, found.scope, files) == found.delivery_id == path.stem:
            return found
    return None


def missing(connection: Connection, here: Collection[str]) -> list[str]:
    """A sentence for every delivery the warehouse knows that is not among those in the landing."""
    known = connection.execute(text(f"SELECT delivery_id, source, delivered_on FROM delivery{own(connection, 'delivery')}")).all()
    lost = [r for r in known if r.delivery_id not in here]
    return [f"delivery {r.source}/{r.delivered_on} ({r.delivery_id[:12]}) is not in the landing, or its manifest is damaged" for r in lost]


@contextmanager
def opened(landing: Landing, file: LandedFile) -> Iterator[IO[bytes]]:
    """The bytes of a landed file as they came; FileNotFoundError where they are gone, Damaged where an encrypted one is broken."""
    with ExitStack() as stack:
        path = landing.path(file)
        if landing.key is not None:
            path = stack.enter_context(plain_copy(path, file.sha256, file.size, landing.key))
        yield stack.enter_context(path.open("rb"))


def digest(stream: IO[bytes]) -> str:
    """SHA-256 of all that is left in a stream."""
    found = hashlib.sha256()
    while block := stream.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def wrong(landing: Landing, manifest: Manifest, read: Callable[[LandedFile, IO[bytes]], str] | None = None) -> list[str]:
    """What is wrong with a delivery's files: missing, or other bytes than came. ``read`` may do more with one than hash it."""
    found = []
    for number, file in enumerate(manifest.files, start=1):
        # File names may name a person; the number within the manifest does not.
        spot = f"file {number} of delivery {manifest.source}/{manifest.delivered_on} ({file.sha256[:12]})"
        try:
            with _told(), opened(landing, file) as stream:
                careful = cast(IO[bytes], _Careful(stream))
                if (read(file, careful) if read else digest(careful)) != file.sha256:
                    found.append(f"{spot} does not have the bytes it came with")
        except Damaged:
            found.append(f"{spot} is missing in the landing, damaged or cannot be read")
    return found


class _Careful:
    """A file whose trouble in being read is told apart from that in writing elsewhere what was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            raise Damaged("a file of the landing cannot be read") from error


@contextmanager
def _told() -> Iterator[None]:
    """What keeps a landed file from being opened; a full disk or memory is another matter."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NOT_OPENED:
            raise
        raise Damaged("a file of the landing cannot be opened") from error


def clear_damaged(landing: Landing, manifest: Manifest) -> None:
    """Removes what lies damaged where a sound delivery is about to be landed: its bytes would else be taken for known."""
    if _manifest(landing.place_of(manifest.delivery_id)) is None:
        landing.place_of(manifest.delivery_id).unlink(missing_ok=True)
    for file in manifest.files:
        if landing.path(file).exists() and wrong(landing, replace(manifest, files=(file,))):
            landing.path(file).unlink()
