"""What lies in the landing, delivery by delivery, for whoever has to look at all of it. Taking in stands in warehouse/landing.py."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import date
from typing import IO

from sqlalchemy import Connection, text

from warehouse.encryption.sealed_file import Damaged, plain_copy
from warehouse.landing import LandedFile, Landing, Manifest
from warehouse.upkeep.stream import own

_BLOCK = 1 << 20


def manifests(landing: Landing) -> Iterator[Manifest]:
    """Every delivery that was ever landed, as far as its manifest can be read; what the warehouse knows beyond them is ``missing``."""
    for path in sorted(landing.folder.glob("manifests/*.json")):
        with suppress(OSError, ValueError, TypeError, KeyError):
            content = json.loads(path.read_text(encoding="utf-8"))
            files = tuple(LandedFile(**f) for f in content.pop("files"))
            yield Manifest(**{**content, "delivered_on": date.fromisoformat(content["delivered_on"]), "files": files})


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
            with opened(landing, file) as stream:
                if (read(file, stream) if read else digest(stream)) != file.sha256:
                    found.append(f"{spot} does not have the bytes it came with")
        except (FileNotFoundError, PermissionError, Damaged):
            found.append(f"{spot} is missing in the landing, damaged or cannot be read")
    return found
