"""The landing: bytes as they came, by their SHA-256, never changed, and a manifest per delivery. Reading stands with the connectors."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import IO

from warehouse.encryption import key_marker
from warehouse.encryption.encrypted_file import SUFFIX, DamagedFile, plain_copy, seal_stream
from warehouse.encryption.key import Key
from warehouse.files.atomic_file import open_draft, put_in_place, unused_name, write_file
from warehouse.files.data_folder import LandingFolder
from warehouse.files.hashing_stream import HashingStream, hashed_file
from warehouse.landing.seen_files import SeenFiles

_BLOCK = 1 << 18
_TO_DISK = 1 << 24
# In larger pieces a file took up to eight times as long to write: the system looks for connected memory for each of them.
_PIECE = 1 << 16


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


def delivery_id(source: str, delivered_on: date, scope: str, files: Iterable[LandedFile]) -> str:
    """The name of a delivery, which says all of it: another file, day or scope is another delivery. ``files`` by name."""
    text = json.dumps(
        [source, delivered_on.isoformat(), scope, [(f.name, f.sha256) for f in files]]
    )
    return hashlib.sha256(text.encode()).hexdigest()


class Landing:
    """The folder of landed bytes, encrypted where there is a key; KeyProblem where folder and key do not belong together."""

    def __init__(self, folder: Path, key: Key | None = None) -> None:
        key_marker.check_key(folder, key)
        self.folder = folder
        self.key = key
        self._seen = SeenFiles(folder)
        self._fresh: set[str] = set()

    def land_delivery(
        self, source: str, delivered_on: date, scope: str, files: Iterable[tuple[str, Path]]
    ) -> Manifest:
        """Keeps the files of a delivery; bytes that are already here are not written again, untouched files not read again."""
        # The landing may have been switched over to encryption since it was opened.
        key_marker.check_key(self.folder, self.key)
        if self.key:
            key_marker.put_mark(self.folder, self.key.recipient)
        landed = tuple(
            sorted((self._keep_file(name, path) for name, path in files), key=lambda f: f.name)
        )
        manifest = Manifest(
            delivery_id(source, delivered_on, scope, landed), source, delivered_on, scope, landed
        )
        target = self.place_of(manifest.delivery_id)
        if not target.exists():
            self._write_manifest(target, manifest)
        self._seen.write()
        return manifest

    def place_of(self, delivery: str) -> Path:
        """Where the manifest of a delivery lies."""
        return LandingFolder(self.folder).manifests / f"{delivery}.json"

    def path_of(self, file: LandedFile) -> Path:
        """Where the bytes of a landed file lie, as they are kept: encrypted ones with ``.age`` at the end."""
        return self.folder / file.sha256[:2] / (file.sha256 + (SUFFIX if self.key else ""))

    @contextmanager
    def open_files(self, manifest: Manifest) -> Iterator[Iterator[tuple[str, Path]]]:
        """The files of a delivery one after the other, by name and a path to their plain bytes that holds until the next one; Damaged."""
        files = self._plain_files(manifest)
        try:
            yield files
        finally:
            files.close()

    @contextmanager
    def index_files(self, manifest: Manifest) -> Iterator[Mapping[str, Path]]:
        """All files of a delivery by name, for a reader that needs another file to understand one; opened when asked for."""
        with ExitStack() as opened:
            yield _DeliveryFiles(self, manifest, opened)

    def _plain_files(self, manifest: Manifest) -> Generator[tuple[str, Path], None, None]:
        for file in manifest.files:
            if self.key is None:
                # Bytes that have lain here since another day are looked at before anything is made of them.
                if (
                    file.sha256 not in self._fresh
                    and hashed_file(self.path_of(file)).sha256 != file.sha256
                ):
                    raise DamagedFile(f"the file {file.sha256[:16]}… of the landing is damaged")
                yield file.name, self.path_of(file)
                continue
            with plain_copy(self.path_of(file), file.sha256, file.size, self.key) as path:
                yield file.name, path

    def _keep_file(self, name: str, path: Path) -> LandedFile:
        stat = path.stat()
        file = self._known_file(name, path, stat)
        if file is None:
            file = self._copy_file(name, path)
        self._seen.remember_file(path, stat, file.sha256)
        return file

    def _known_file(self, name: str, path: Path, stat: os.stat_result) -> LandedFile | None:
        """The file if its bytes are here already: as an untouched file, or as one of another name or delivery."""
        sha256, size = self._seen.find_hash(path, stat), stat.st_size
        if sha256 is None and size in self._seen.collect_sizes():
            passed = hashed_file(path)
            sha256, size = passed.sha256, passed.size
        file = LandedFile(name, sha256 or "", size)
        return file if sha256 and self.path_of(file).exists() else None

    def _copy_file(self, name: str, path: Path) -> LandedFile:
        # The mode of mkdir holds for the last folder only, and the one above keeps personal data, too.
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        draft = unused_name(self.folder, ".arriving-")
        with path.open("rb") as outside, open_draft(draft) as inside:
            passing = HashingStream(outside)
            if self.key:
                seal_stream(passing, inside, self.key)
            else:
                _copy_stream(passing, inside)
        file = LandedFile(name, passing.sha256, passing.size)
        self._fresh.add(file.sha256)
        target = self.path_of(file)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        # A file named by its hash can no longer be written.
        put_in_place(draft, target, mode=0o400)
        return file

    def _write_manifest(self, target: Path, manifest: Manifest) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        content = {**asdict(manifest), "delivered_on": manifest.delivered_on.isoformat()}
        write_file(target, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def remove_leftovers(self) -> None:
        """Removes what an interrupted take or restore left behind; nobody else may be at work."""
        # Earlier versions kept the keys of each source's last delivery in folders below the cache.
        for folder in [p for name in (".restoring-*/", "cache/*/") for p in self.folder.glob(name)]:
            shutil.rmtree(folder, ignore_errors=True)
        names = (".arriving-*", ".writing-*", "manifests/.writing-*", "cache/.writing-*")
        for leftover in [p for name in names for p in self.folder.glob(name)]:
            leftover.unlink(missing_ok=True)


def _copy_stream(source: HashingStream, target: IO[bytes]) -> None:
    """Copies all; of a large file, the disk takes the first parts while the next are read."""
    with ThreadPoolExecutor(1, "to disk") as beside:
        since, going = 0, None
        while block := source.read(_BLOCK):
            for start in range(0, len(block), _PIECE):
                target.write(block[start : start + _PIECE])
            since += len(block)
            if since >= _TO_DISK and (going is None or going.done()):
                target.flush()
                if going is not None:
                    going.result()
                since, going = 0, beside.submit(os.fsync, target.fileno())
        # What the disk refused once, it may not tell again.
        if going is not None:
            going.result()


class _DeliveryFiles(Mapping[str, Path]):
    """The files of a delivery; what is sealed is unsealed when it is first asked for, and gone when the delivery is read."""

    def __init__(self, landing: Landing, manifest: Manifest, opened: ExitStack) -> None:
        self._landing, self._opened = landing, opened
        self._files = {file.name: file for file in manifest.files}
        self._paths: dict[str, Path] = {}

    def __getitem__(self, name: str) -> Path:
        if name not in self._paths:
            file, key = self._files[name], self._landing.key
            path = self._landing.path_of(file)
            self._paths[name] = (
                path
                if key is None
                else self._opened.enter_context(plain_copy(path, file.sha256, file.size, key))
            )
        return self._paths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
