"""The landing: bytes as they came, by their SHA-256, never changed, and a manifest per delivery. Reading stands with the connectors."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True)
class LandedFile:
    """One file of a delivery: ``name`` as delivered (relative), where its bytes lie follows from ``sha256``."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What came, whence, when, and whether it says all (full) or a part. ``delivery_id`` names exactly these bytes."""

    delivery_id: str
    source: str
    delivered_on: date
    scope: str
    files: tuple[LandedFile, ...]


class Landing:
    """The folder of landed bytes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, source: str, delivered_on: date, scope: str, files: Iterable[tuple[str, Path]]) -> Manifest:
        """Keeps the files of a delivery; bytes that are already here are not written again."""
        landed = tuple(sorted((self._keep(name, path) for name, path in files), key=lambda f: f.name))
        text = json.dumps([source, delivered_on.isoformat(), scope, [(f.name, f.sha256) for f in landed]])
        manifest = Manifest(hashlib.sha256(text.encode()).hexdigest(), source, delivered_on, scope, landed)
        target = self.folder / "manifests" / f"{manifest.delivery_id}.json"
        if not target.exists():
            content = {**asdict(manifest), "delivered_on": delivered_on.isoformat()}
            self._write(target, json.dumps(content, ensure_ascii=False, indent=1).encode())
        return manifest

    def path(self, file: LandedFile) -> Path:
        """Where the bytes of a landed file lie."""
        return self.folder / file.sha256[:2] / file.sha256

    def _keep(self, name: str, path: Path) -> LandedFile:
        # The mode of mkdir holds for the last folder only, and the one above keeps personal data, too.
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        with (
            path.open("rb") as outside,
            tempfile.NamedTemporaryFile(dir=self.folder, prefix=".arriving-", delete=False) as inside,
        ):
            try:
                while block := outside.read(_BLOCK):
                    digest.update(block)
                    size += len(block)
                    inside.write(block)
                inside.flush()
                os.fsync(inside.fileno())
            except BaseException:
                os.unlink(inside.name)
                raise
        file = LandedFile(name, digest.hexdigest(), size)
        target = self.path(file)
        if target.exists():
            os.unlink(inside.name)
        else:
            target.parent.mkdir(exist_ok=True, mode=0o700)
            os.replace(inside.name, target)
            target.chmod(0o400)
        return file

    def _write(self, target: Path, content: bytes) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".writing-", delete=False) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(file.name, target)

    def sweep(self) -> None:
        """Removes what an interrupted take left behind."""
        for leftover in [*self.folder.glob(".arriving-*"), *self.folder.glob("manifests/.writing-*")]:
            leftover.unlink(missing_ok=True)

    def free_bytes(self) -> int:
        """Room left on the disk of the landing."""
        return shutil.disk_usage(self.folder if self.folder.exists() else self.folder.parent).free
