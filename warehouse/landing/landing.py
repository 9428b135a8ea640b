"""Stores delivered bytes unchanged, by their SHA-256, with a manifest per delivery."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path, PurePath
from typing import IO

from warehouse.encryption import key_marker
from warehouse.encryption.encrypted_file import SUFFIX, DamagedFile, plain_copy, seal_stream
from warehouse.encryption.key import Key
from warehouse.files.atomic_file import open_draft, put_in_place, unused_name, write_file
from warehouse.files.data_folder import LandingFolder
from warehouse.files.hashing_stream import HashingStream, hashed_file
from warehouse.landing.seen_files import SeenFiles

_BLOCK = 1 << 18
_UNSYNCED = 1 << 24
# Larger pieces took up to eight times as long: the system has to find contiguous memory for each.
_PIECE = 1 << 16
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class LandedFile:
    """One file of a delivery; ``name`` is its relative path as delivered.

    ``delivered_sha256``: that of the bytes as they came, where a person's rows were taken out since.
    """

    name: str
    sha256: str
    size: int
    delivered_sha256: str | None = None

    @property
    def original_sha256(self) -> str:
        """The SHA-256 of the bytes as they came, by which the delivery is known."""
        return self.delivered_sha256 or self.sha256


@dataclass(frozen=True)
class Manifest:
    """A delivery: source, date, scope (full or partial) and files; its id is their hash."""

    delivery_id: str
    source: str
    delivered_on: date
    scope: str
    files: tuple[LandedFile, ...]


@dataclass(frozen=True)
class DamagedManifest:
    """A landed delivery whose manifest cannot be read: its source and day are unknown."""

    delivery_id: str


def _parse_manifest(text: bytes) -> Manifest:
    """Raises ValueError, KeyError or TypeError where the text is no manifest."""
    content = json.loads(text)
    files = tuple(LandedFile(**file) for file in content["files"])
    day = date.fromisoformat(content["delivered_on"])
    return Manifest(**{**content, "delivered_on": day, "files": files})


def delivery_id(source: str, delivered_on: date, scope: str, files: Iterable[LandedFile]) -> str:
    """Returns the hash that identifies a delivery: another file, day or scope is another delivery.

    ``files`` are sorted by name.
    """
    hashes = [(file.name, file.original_sha256) for file in files]
    text = json.dumps([source, delivered_on.isoformat(), scope, hashes])
    return hashlib.sha256(text.encode()).hexdigest()


def _require_hash(value: str) -> None:
    if not is_hash(value):
        raise ValueError("what should be a SHA-256 is none")


def is_hash(value: object) -> bool:
    """Whether a value is a SHA-256 as the landing writes it, and so can be a name in a folder."""
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def _is_device(name: str) -> bool:
    """Whether Windows takes the name for a device, as CON or AUX.csv; other systems have none."""
    is_reserved = getattr(os.path, "isreserved", None)
    return bool(is_reserved and is_reserved(name))


def is_inner_name(value: object) -> bool:
    """Whether a value can be the name of a file within a delivery, on this system.

    It leads neither out of the delivery nor to a device; folders in it are separated by ``/``.
    """
    if not isinstance(value, str) or "\0" in value:
        return False
    path = PurePath(value)
    leads_out = path.drive or path.root or _is_device(value)
    return not leads_out and not {"", ".", ".."}.intersection(value.split("/"))


class Landing:
    """The folder of landed bytes, encrypted if there is a key.

    Raises KeyProblem where folder and key do not belong together.
    """

    def __init__(self, folder: Path, key: Key | None = None) -> None:
        key_marker.check_key(folder, key)
        self.folder = folder
        self.key = key
        self._seen = SeenFiles(folder)
        self._fresh: set[str] = set()

    def land_delivery(
        self,
        source: str,
        delivered_on: date,
        scope: str,
        files: Iterable[tuple[str, Path]],
        notes: Mapping[str, bytes] | None = None,
    ) -> Manifest:
        """Stores the files of a delivery; ``notes`` are kept in place of files that were refused.

        Bytes that are stored already are not written again, unchanged files are not read again.
        """
        # The landing may have been converted to encryption since it was opened.
        key_marker.check_key(self.folder, self.key)
        files = list(files)
        if known := self._find_rewritten(source, delivered_on, scope, files, notes or {}):
            return known
        if self.key:
            key_marker.put_mark(self.folder, self.key.recipient)
        stored = [self._keep_file(name, path) for name, path in files]
        stored += [self._keep_note(name, note) for name, note in (notes or {}).items()]
        landed = tuple(sorted(stored, key=lambda file: file.name))
        identifier = delivery_id(source, delivered_on, scope, landed)
        manifest = Manifest(identifier, source, delivered_on, scope, landed)
        target = self.place_of(manifest.delivery_id)
        if not target.exists():
            self._write_manifest(target, manifest)
        self._seen.write()
        return manifest

    def _find_rewritten(
        self,
        source: str,
        delivered_on: date,
        scope: str,
        files: Iterable[tuple[str, Path]],
        notes: Mapping[str, bytes],
    ) -> Manifest | None:
        """The delivery where it is landed and rewritten since; its old bytes must not come again."""
        if not any(self._list_rewritten()):
            return None
        known = self.identify_delivery(source, delivered_on, scope, files, notes)
        return next((m for m in self._list_rewritten() if m.delivery_id == known), None)

    def _list_rewritten(self) -> Iterator[Manifest]:
        for manifest in self.list_manifests():
            if isinstance(manifest, Manifest) and any(f.delivered_sha256 for f in manifest.files):
                yield manifest

    def land_as(self, wanted: Manifest, files: Iterable[tuple[str, Path]]) -> None:
        """Stores the files of a delivery that keeps its id, as some were rewritten.

        One that is here already, and rewritten, stays as it is.
        """
        if any(m.delivery_id == wanted.delivery_id for m in self._list_rewritten()):
            return
        stored = {name: self._keep_file(name, path) for name, path in files}
        named = (
            replace(stored[file.name], delivered_sha256=file.delivered_sha256)
            for file in wanted.files
        )
        target = self.place_of(wanted.delivery_id)
        self._write_manifest(target, replace(wanted, files=tuple(named)))

    def replace_file(self, manifest: Manifest, name: str, content: bytes) -> Manifest:
        """Puts other bytes in place of a file's in a delivery, which keeps its id; returns it.

        The old bytes are removed where no other delivery has them.
        """
        old = next(file for file in manifest.files if file.name == name)
        stored = self._keep_note(name, content)
        new = replace(stored, delivered_sha256=old.original_sha256)
        files = tuple(new if file.name == name else file for file in manifest.files)
        changed = replace(manifest, files=files)
        self._write_manifest(self.place_of(manifest.delivery_id), changed)
        self.remove_unused(old)
        return changed

    def remove_unused(self, file: LandedFile) -> None:
        """Removes the bytes of a file that is in no delivery any more."""
        used = {
            other.sha256
            for manifest in self.list_manifests()
            if isinstance(manifest, Manifest)
            for other in manifest.files
        }
        if file.sha256 not in used:
            self.path_of(file).unlink(missing_ok=True)

    def identify_delivery(
        self,
        source: str,
        delivered_on: date,
        scope: str,
        files: Iterable[tuple[str, Path]],
        notes: Mapping[str, bytes],
    ) -> str:
        """Returns the id that a delivery would be landed with, by the bytes of its files and notes.

        Files that are sure to be unchanged since they were landed are not read again.
        """
        landed = [self._identify_file(name, path) for name, path in files]
        for name, note in notes.items():
            landed.append(LandedFile(name, hashlib.sha256(note).hexdigest(), len(note)))
        ordered = sorted(landed, key=lambda file: file.name)
        return delivery_id(source, delivered_on, scope, ordered)

    def _identify_file(self, name: str, path: Path) -> LandedFile:
        stat = path.stat()
        known = self._seen.find_hash(path, stat)
        if known is not None:
            return LandedFile(name, known, stat.st_size)
        file = hashed_file(path)
        return LandedFile(name, file.sha256, file.size)

    def list_manifests(self) -> Iterator[Manifest | DamagedManifest]:
        """Yields the manifests of all landed deliveries, those that cannot be read as damaged."""
        for path in sorted(LandingFolder(self.folder).manifests.glob("[0-9a-f]*.json")):
            try:
                yield _parse_manifest(path.read_bytes())
            except (ValueError, KeyError, TypeError, RecursionError):
                yield DamagedManifest(path.stem)

    def landed_at(self, delivery: str) -> datetime:
        """When a delivery was landed first (UTC, without a zone)."""
        changed = self.place_of(delivery).stat().st_mtime
        return datetime.fromtimestamp(changed, UTC).replace(tzinfo=None)

    def place_of(self, delivery: str) -> Path:
        """Returns the path of a delivery's manifest; ValueError where its id is no hash."""
        _require_hash(delivery)
        return LandingFolder(self.folder).manifests / f"{delivery}.json"

    def path_of(self, file: LandedFile) -> Path:
        """Returns the path of the stored bytes; encrypted ones end in ``.age``.

        ValueError where the hash is none: it could lead anywhere.
        """
        _require_hash(file.sha256)
        return self.folder / file.sha256[:2] / (file.sha256 + (SUFFIX if self.key else ""))

    @contextmanager
    def open_files(self, manifest: Manifest) -> Iterator[Iterator[tuple[str, Path]]]:
        """Opens the files of a delivery one by one, as names and paths of their plain bytes.

        A path is valid until the next file is requested. Raises DamagedFile.
        """
        files = self._plain_files(manifest)
        try:
            yield files
        finally:
            files.close()

    @contextmanager
    def index_files(self, manifest: Manifest) -> Iterator[Mapping[str, Path]]:
        """Maps the names of all files to paths of their plain bytes, which are made on access.

        For readers that need a second file to read one.
        """
        with ExitStack() as opened:
            yield _DeliveryFiles(self, manifest, opened)

    def _plain_files(self, manifest: Manifest) -> Generator[tuple[str, Path], None, None]:
        for file in manifest.files:
            # Decryption checks the bytes, too; bytes this object stored are known to be right.
            if self.key is None and file.sha256 not in self._fresh:
                self._check_bytes(file)
            with self.open_file(file) as path:
                yield file.name, path

    def open_file(self, file: LandedFile) -> AbstractContextManager[Path]:
        """Opens one file as the path of its plain bytes, unchecked where they are not encrypted."""
        path = self.path_of(file)
        if self.key is None:
            return nullcontext(path)
        return plain_copy(path, file.sha256, file.size, self.key)

    def _check_bytes(self, file: LandedFile) -> None:
        if hashed_file(self.path_of(file)).sha256 != file.sha256:
            raise DamagedFile(f"the file {file.sha256[:16]}… of the landing is damaged")

    def _keep_file(self, name: str, path: Path) -> LandedFile:
        stat = path.stat()
        file = self._known_file(name, path, stat)
        if file is None:
            file = self._copy_file(name, path)
        self._seen.remember_file(path, stat, file.sha256)
        return file

    def _known_file(self, name: str, path: Path, stat: os.stat_result) -> LandedFile | None:
        """Returns the file if its bytes are stored already, perhaps under another name."""
        sha256, size = self._seen.find_hash(path, stat), stat.st_size
        if sha256 is None and size in self._seen.collect_sizes():
            hashed = hashed_file(path)
            sha256, size = hashed.sha256, hashed.size
        if sha256 is None:
            return None
        file = LandedFile(name, sha256, size)
        return file if self.path_of(file).exists() else None

    def _keep_note(self, name: str, note: bytes) -> LandedFile:
        file = LandedFile(name, hashlib.sha256(note).hexdigest(), len(note))
        return file if self.path_of(file).exists() else self._store_bytes(name, io.BytesIO(note))

    def _copy_file(self, name: str, path: Path) -> LandedFile:
        with path.open("rb") as source:
            return self._store_bytes(name, source)

    def _store_bytes(self, name: str, source: IO[bytes]) -> LandedFile:
        # mkdir sets the mode of the last folder only, and the one above has personal data, too.
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder.mkdir(exist_ok=True, mode=0o700)
        draft = unused_name(self.folder, ".arriving-")
        with open_draft(draft) as target:
            stream = HashingStream(source)
            if self.key:
                seal_stream(stream, target, self.key)
            else:
                _copy_stream(stream, target)
        return self._place_draft(draft, LandedFile(name, stream.sha256, stream.size))

    def _place_draft(self, draft: Path, file: LandedFile) -> LandedFile:
        self._fresh.add(file.sha256)
        target = self.path_of(file)
        target.parent.mkdir(exist_ok=True, mode=0o700)
        # Read-only: its name is the hash of its content.
        put_in_place(draft, target, mode=0o400)
        return file

    def _write_manifest(self, target: Path, manifest: Manifest) -> None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        files = [_describe_file(file) for file in manifest.files]
        day = manifest.delivered_on.isoformat()
        content = {**asdict(manifest), "delivered_on": day, "files": files}
        write_file(target, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def remove_leftovers(self) -> None:
        """Removes what an interrupted run or restore left; no other process may use the landing."""
        # Former versions kept keys of each source's last delivery in folders below the cache.
        for folder in self._find_all(".restoring-*/", "cache/*/"):
            shutil.rmtree(folder, ignore_errors=True)
        drafts = (".arriving-*", ".writing-*", "manifests/.writing-*", "cache/.writing-*")
        for draft in self._find_all(*drafts):
            draft.unlink(missing_ok=True)

    def _find_all(self, *patterns: str) -> list[Path]:
        return [path for pattern in patterns for path in self.folder.glob(pattern)]


def _describe_file(file: LandedFile) -> dict[str, str | int]:
    return {name: value for name, value in asdict(file).items() if value is not None}


def _copy_stream(source: HashingStream, target: IO[bytes]) -> None:
    """Copies all bytes; of a large file, a thread syncs what is written while the rest is read."""
    with ThreadPoolExecutor(1, "to disk") as pool:
        unsynced, sync = 0, None
        while block := source.read(_BLOCK):
            for start in range(0, len(block), _PIECE):
                target.write(block[start : start + _PIECE])
            unsynced += len(block)
            if unsynced >= _UNSYNCED and (sync is None or sync.done()):
                target.flush()
                if sync is not None:
                    sync.result()
                unsynced, sync = 0, pool.submit(os.fsync, target.fileno())
        # A later fsync may not report the same error again.
        if sync is not None:
            sync.result()


class _DeliveryFiles(Mapping[str, Path]):
    """Paths of a delivery's files; plain copies of encrypted ones are made on first access."""

    def __init__(self, landing: Landing, manifest: Manifest, opened: ExitStack) -> None:
        self._landing, self._opened = landing, opened
        self._files = {file.name: file for file in manifest.files}
        self._paths: dict[str, Path] = {}

    def __getitem__(self, name: str) -> Path:
        if name not in self._paths:
            opening = self._landing.open_file(self._files[name])
            self._paths[name] = self._opened.enter_context(opening)
        return self._paths[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)
