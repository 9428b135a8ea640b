"""The form of a backup: one ZIP with the tables as Parquet, the landing, and a manifest with the SHA-256 of each part."""

from __future__ import annotations

import hashlib
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
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseError
from warehouse.files.atomic_file import open_atomic

# 1 did not say of which district it is.
FORMAT = 2
MANIFEST = "manifest.json"


# What a ZIP with changed bytes may raise: RuntimeError where they say that it is encrypted, or packed in an unknown way.
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
    """The file is no backup, is damaged, or was made by a newer program."""


@dataclass
class BackupManifest:
    """What a backup says of itself: ``tables`` counts the rows of each, ``sha256`` names every part.

    ``ags`` is the district (empty: an older backup, which does not say); ``left_out`` tells what of the landing was lost by then.
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
    """A backup being written; it has its name only once it is whole."""

    def __init__(self, file: zipfile.ZipFile, contents: BackupManifest) -> None:
        self._file = file
        self.contents = contents

    def write_table(self, name: str, schema: pa.Schema, rows: Iterable[pa.RecordBatch]) -> None:
        """Writes a table's rows."""
        count = 0
        with (
            self._open_part(f"tables/{name}.parquet") as part,
            pa.parquet.ParquetWriter(part, schema, compression="zstd") as writer,
        ):
            for batch in rows:
                count += batch.num_rows
                writer.write_batch(batch)
        self.contents.tables[name] = count

    def write_file(self, name: str, stream: IO[bytes]) -> str:
        """Writes the bytes of a landed file, once; gives the SHA-256 of what was written."""
        if name not in self.contents.sha256:
            with self._open_part(name) as part:
                shutil.copyfileobj(stream, part, 1 << 20)
        return self.contents.sha256[name]

    def write_manifest(self) -> None:
        """Writes the manifest."""
        self._file.writestr(
            MANIFEST, json.dumps(self.contents.__dict__, ensure_ascii=False, indent=1)
        )

    @contextmanager
    def _open_part(self, name: str) -> Iterator[Any]:
        with self._file.open(name, "w", force_zip64=True) as inner:
            hashing = _Hashing(inner)
            yield hashing
        self.contents.sha256[name] = hashing.found.hexdigest()


class _Hashing:
    """A file to write to that keeps the SHA-256 of what was written."""

    def __init__(self, inner: IO[bytes]) -> None:
        self._inner, self.found, self._at = inner, hashlib.sha256(), 0
        self.closed = False

    def write(self, block: Any) -> int:
        self.found.update(block)
        self._at += len(block)
        return self._inner.write(block)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        self._inner.flush()

    def close(self) -> None:
        self.closed = True


@contextmanager
def create_archive(
    target: Path, contents: BackupManifest, key: Key | None = None
) -> Iterator[BackupWriter]:
    """A new backup at ``target``, readable by this account alone, sealed where there is a key; nothing is left of one that broke off."""
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
    """An existing backup. BadBackup where the file is none; KeyProblem where it is sealed and this is not its key."""
    with unseal_backup(path, key) as plain:
        if plain is None:
            raise BadBackup(f"{path} is damaged, or was encrypted with another key")
        try:
            file = zipfile.ZipFile(plain)
            said = json.loads(file.read(MANIFEST))
        except _DAMAGED:
            raise BadBackup(f"{path} is no backup of the hub, or only a part of one") from None
        with file:
            if said.get("format") not in range(1, FORMAT + 1):
                raise BadBackup(
                    f"{path} was made by a newer program; install that one to restore it"
                )
            yield BackupReader(plain, file, BackupManifest(**said))


class BackupReader:
    """A backup opened for reading."""

    def __init__(self, path: Path, file: zipfile.ZipFile, contents: BackupManifest) -> None:
        self._path, self._file, self.contents = path, file, contents

    def verify(self) -> None:
        """Reads every part; BadBackup where its bytes are not those the manifest names."""
        for name, expected in self.contents.sha256.items():
            try:
                with self._file.open(name) as part:
                    fine = hash_stream(part) == expected
            except (*_DAMAGED, OSError):
                fine = False
            if not fine:
                raise BadBackup(
                    f"the backup is damaged ({name.split('/')[0]}: {name.split('/')[-1][:40]}); nothing was changed"
                )

    def read_batches(self, table: str) -> Iterator[pa.RecordBatch]:
        """The rows of a table."""
        yield from pa.parquet.ParquetFile(
            pa.BufferReader(self._map_part(f"tables/{table}.parquet"))
        ).iter_batches()

    def open_file(self, name: str) -> IO[bytes]:
        """A landed file's bytes."""
        return self._file.open(name)

    def _map_part(self, name: str) -> Any:
        """A part where it lies in the archive, uncompressed: Parquet is read from its end, which a ZIP's stream does badly."""
        info = self._file.getinfo(name)
        with pa.memory_map(str(self._path)) as whole:
            whole.seek(info.header_offset + 26)
            lengths = whole.read(4)
            whole.seek(
                info.header_offset
                + 30
                + int.from_bytes(lengths[:2], "little")
                + int.from_bytes(lengths[2:], "little")
            )
            return whole.read_buffer(info.file_size)
