"""Carries what a district keeps in files beside warehouse and landing: packages, receipts, publications."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from warehouse.backup.archive import BackupReader, BackupWriter
from warehouse.backup.landed_files import hash_stream
from warehouse.backup.manifest_form import KEPT_PART
from warehouse.files.atomic_file import write_file
from warehouse.files.data_folder import DataFolder

_PREFIX = "kept/"


def write_kept(writer: BackupWriter, data: DataFolder) -> None:
    """Writes the kept files into a backup; what a killed process left half made stays out."""
    for name, path in _list_kept(data):
        with path.open("rb") as stream:
            writer.write_file(name, stream)


def restore_kept(reader: BackupReader, data: DataFolder) -> None:
    """Puts the kept files of a checked backup in place; one that lies there as it was is left."""
    for name, sha256 in reader.contents.sha256.items():
        if KEPT_PART.fullmatch(name):
            _put_back(reader, name, sha256, data.path.joinpath(*name.split("/")[1:]))


def _list_kept(data: DataFolder) -> Iterator[tuple[str, Path]]:
    """Each kept file with the name of its part, in their order."""
    for folder in (data.path / name for name in DataFolder.KEPT):
        for path in sorted(folder.rglob("*")):
            name = _PREFIX + path.relative_to(data.path).as_posix()
            if KEPT_PART.fullmatch(name) and path.is_file() and not path.is_symlink():
                yield name, path


def _put_back(reader: BackupReader, name: str, sha256: str, target: Path) -> None:
    if target.is_file():
        with target.open("rb") as stream:
            if hash_stream(stream) == sha256:
                return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with reader.open_file(name) as stream:
        write_file(target, stream.read())
