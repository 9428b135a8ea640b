"""Reads and writes the archive of a backup.

It is one ZIP with the tables as Parquet, the landed files, and a manifest with the SHA-256 of each
part.
"""

from __future__ import annotations

import json
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet

from warehouse.backup.encrypted_archive import seal_output, unseal_backup
from warehouse.backup.landed_files import hash_stream
from warehouse.backup.manifest_form import find_wrong_form, is_plain_part
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseError
from warehouse.files.atomic_file import open_atomic
from warehouse.files.hashing_stream import HashingStream

# Format 1 did not name the district, format 2 held no files beside the landed ones.
FORMAT = 3
MANIFEST = "manifest.json"
# A ZIP's local header: its size without the name and the extra field, and where their lengths are.
_LOCAL_HEADER, _NAME_LENGTHS = 30, 26

# What a ZIP with changed bytes may raise; RuntimeError where they mark a part as encrypted or
# compressed by an unknown method.
# An altered part may repeat one large value in every row.
_BATCH_ROWS = 4096
_DAMAGED = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    RuntimeError,
    EOFError,
    struct.error,
    zlib.error,
)


class BadBackup(WarehouseError):
    """The file is no backup, is damaged, or was made by a newer program version."""


@dataclass
class BackupManifest:
    """The manifest of a backup: ``tables`` holds row counts, ``sha256`` the hash of every part.

    ``ags``: the district; empty in format 1. ``left_out``: sentences on landed files that were
    missing or damaged and therefore are not in the backup.
    """

    revision: str
    made_at: str
    engine: str
    ags: str = ""
    tables: dict[str, int] = field(default_factory=dict)
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    sha256: dict[str, str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    format: int = FORMAT


class BackupWriter:
    """A backup being written."""

    def __init__(self, file: zipfile.ZipFile, contents: BackupManifest) -> None:
        self._file = file
        self.contents = contents

    def write_table(self, name: str, schema: pa.Schema, rows: Iterable[pa.RecordBatch]) -> None:
        """Writes the rows of a table."""
        self.contents.tables[name] = 0
        with (
            self._open_part(f"tables/{name}.parquet") as part,
            pa.parquet.ParquetWriter(part, schema, compression="zstd") as writer,
        ):
            for batch in rows:
                self.contents.tables[name] += batch.num_rows
                writer.write_batch(batch)

    def write_file(self, name: str, stream: IO[bytes]) -> str:
        """Writes a landed file unless it has been written; returns the SHA-256 of its bytes."""
        if name not in self.contents.sha256:
            with self._open_part(name) as part:
                shutil.copyfileobj(stream, part, 1 << 20)
        return self.contents.sha256[name]

    def write_manifest(self) -> None:
        """Writes the manifest."""
        text = json.dumps(vars(self.contents), ensure_ascii=False, indent=1)
        self._file.writestr(MANIFEST, text)

    @contextmanager
    def _open_part(self, name: str) -> Iterator[Any]:
        with self._file.open(name, "w", force_zip64=True) as inner:
            part = _Part(inner)
            yield part
        self.contents.sha256[name] = part.sha256


class _Part(HashingStream):
    """A part being written, with what a Parquet writer asks of a file; the ZIP closes it."""

    closed = False

    def tell(self) -> int:
        return self.size

    def close(self) -> None:
        self.closed = True


@contextmanager
def create_archive(
    target: Path, contents: BackupManifest, key: Key | None = None
) -> Iterator[BackupWriter]:
    """Creates a backup at ``target`` for this account alone, encrypted where there is a key.

    It appears under its name once it is complete; a block that raises leaves nothing behind.
    """
    with (
        open_atomic(target, draft=target.with_name(f".{target.name}.part")) as file,
        seal_output(file, key) as plain,
        zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as archive,
    ):
        writer = BackupWriter(archive, contents)
        yield writer
        writer.write_manifest()


@contextmanager
def open_archive(path: Path, key: Key | None = None) -> Iterator[BackupReader]:
    """Opens a backup. BadBackup where the file is none; KeyProblem where its key is another."""
    with unseal_backup(path, key) as plain:
        if plain is None:
            raise BadBackup(f"{path} is damaged, or was encrypted with another key")
        try:
            file = zipfile.ZipFile(plain)
            if not all(map(is_plain_part, file.infolist())):
                raise zipfile.BadZipFile
            content = json.loads(file.read(MANIFEST))
        except _DAMAGED:
            raise BadBackup(f"{path} is no backup of the hub, or only a part of one") from None
        with file:
            yield BackupReader(plain, file, _parse_manifest(content, path))


def _parse_manifest(content: Any, path: Path) -> BackupManifest:
    if isinstance(content, dict) and content.get("format") not in range(1, FORMAT + 1):
        raise BadBackup(f"{path} was made by a newer program; install that one to restore it")
    wrong = find_wrong_form(content)
    if wrong is not None:
        raise BadBackup(
            f"{path} is no backup of the hub: its list of contents ({wrong}) was altered; "
            "nothing was changed"
        )
    return BackupManifest(**content)


class BackupReader:
    """A backup opened for reading."""

    def __init__(self, path: Path, file: zipfile.ZipFile, contents: BackupManifest) -> None:
        self._path, self._file, self.contents = path, file, contents

    def verify(self) -> None:
        """Reads every part; BadBackup where its hash is not the one in the manifest."""
        for name in self.contents.sha256:
            if not self._is_intact(name):
                parts = name.split("/")
                raise BadBackup(
                    f"the backup is damaged ({parts[0]}: {parts[-1][:40]}); nothing was changed"
                )

    def _is_intact(self, name: str) -> bool:
        try:
            with self._file.open(name) as part:
                return hash_stream(part) == self.contents.sha256[name]
        except (*_DAMAGED, OSError):
            return False

    def read_batches(self, table: str) -> Iterator[pa.RecordBatch]:
        """The rows of a table, few at a time; BadBackup where they unpack beyond the memory."""
        part = pa.BufferReader(self._map_part(f"tables/{table}.parquet"))
        try:
            yield from pa.parquet.ParquetFile(part).iter_batches(_BATCH_ROWS)
        except MemoryError:
            raise BadBackup(
                f"the backup is damaged (tables: {table}): it unpacks beyond the memory of this "
                "machine; nothing was changed"
            ) from None

    def open_file(self, name: str) -> IO[bytes]:
        """Opens the bytes of a landed file."""
        return self._file.open(name)

    def _map_part(self, name: str) -> Any:
        """Maps an uncompressed part of the archive into memory.

        Parquet is read from its end; a ZIP stream would read from the start at each step back.
        """
        info = self._file.getinfo(name)
        with pa.memory_map(str(self._path)) as archive:
            archive.seek(info.header_offset + _NAME_LENGTHS)
            lengths = struct.unpack("<HH", archive.read(4))
            archive.seek(info.header_offset + _LOCAL_HEADER + sum(lengths))
            return archive.read_buffer(info.file_size)
