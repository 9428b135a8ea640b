"""Restoring a backup into a warehouse, of the same engine or the other: the state before, or the whole backup, never something between."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, MetaData, Table, text

from warehouse.backup.archive import BackupManifest, BackupReader, BadBackup, open_archive
from warehouse.backup.landed_files import clear_damaged
from warehouse.backup.table_stream import build_district_filter, read_rows, read_schemas
from warehouse.database import bulk_insert
from warehouse.database.district_account import WrongDistrict
from warehouse.database.store import Store, engine_of
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseError
from warehouse.files.data_folder import UPGRADING, DataFolder
from warehouse.landing.landing import LandedFile, Landing, Manifest, delivery_id
from warehouse.migrations import check_revision, list_revisions, upgrade_schema
from warehouse.schema import REGISTERS, metadata

# A run fills these from the configuration before anything is loaded.
_REGISTERS = {table.name for table in REGISTERS}


class NotEmpty(WarehouseError):
    """There is a warehouse already, and nobody said that it may be replaced."""


@contextmanager
def open_checked(path: Path, key: Key | None, ags: str) -> Iterator[BackupReader]:
    """A backup of this district, read as a whole and sound. Nothing is made before: a restore that cannot be leaves no traces.

    BadBackup; KeyProblem where it is sealed with another key; WrongSchema for one of a newer program; WrongDistrict.
    """
    with open_archive(path, key) as reader:
        check_revision(reader.contents.revision)
        reader.verify()
        of = _district_of(reader)
        if of not in ("", ags):
            raise WrongDistrict(
                f"the backup is of the district {of}, the configuration is that of {ags}; nothing was changed. If this is the same "
                f"district and its number was corrected, say so: --district {of}"
            )
        for told in reader.contents.deliveries:
            found = _manifest_of(told)
            if (
                delivery_id(found.source, found.delivered_on, found.scope, found.files)
                != found.delivery_id
            ):
                raise BadBackup(
                    "a delivery in the backup is not the one its number names; nothing was changed"
                )
        yield reader


def _district_of(reader: BackupReader) -> str:
    """The AGS of the backup's district; of an older backup, which does not say, that of its municipalities (empty: it has none)."""
    if reader.contents.ags or "municipality" not in reader.contents.tables:
        return reader.contents.ags
    found = {
        ags[:5]
        for batch in reader.read_batches("municipality")
        for ags in batch.column("ags").to_pylist()
    }
    return found.pop() if len(found) == 1 else ""


def _manifest_of(told: dict[str, Any]) -> Manifest:
    files = tuple(LandedFile(name, sha256, 0) for name, sha256 in told["files"])
    return Manifest(
        told["delivery_id"],
        told["source"],
        date.fromisoformat(told["delivered_on"]),
        told["scope"],
        files,
    )


def restore_backup(
    reader: BackupReader, store: Store, landing: Landing, *, force: bool = False
) -> BackupManifest:
    """Puts a checked backup into the store (at the newest schema) and its files into the landing.

    One of an older schema is brought to the newest beside, before anything is touched. NotEmpty unless the warehouse has no rows or
    ``force`` replaces them.
    """
    with store.lock_run(), _at_newest(reader, landing) as rows:
        with store.read() as connection:
            if not force and _holds_rows(connection):
                raise NotEmpty(
                    "the warehouse is not empty; restore into an empty one, or replace what it holds with --force"
                )
        landing.remove_leftovers()
        # Bytes by their SHA-256 replace nothing but damaged ones: what an interrupted restore leaves of them is only more than is needed.
        _land_files(reader, landing)
        with store.transaction() as connection:
            _replace_tables(connection, rows, force=force)
    return reader.contents


@dataclass(frozen=True)
class _BackupTables:
    """The tables of a backup at the newest schema, wherever they lie."""

    names: Collection[str]
    of: Callable[[str], Iterator[Any]]


@contextmanager
def _at_newest(reader: BackupReader, landing: Landing) -> Iterator[_BackupTables]:
    """The rows as the newest schema has them; an older backup is upgraded in an embedded warehouse of its own."""
    if reader.contents.revision == list_revisions()[-1]:
        yield _BackupTables(reader.contents.tables, reader.read_batches)
        return
    beside = landing.folder.parent
    beside.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in DataFolder(beside).upgraded_backups():
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=beside, prefix=UPGRADING) as folder:
        url = URL.create("duckdb", database=str(Path(folder, "scratch.duckdb")))
        fill_at(url, reader, landing.key)
        with Store(url, landing.key) as scratch, scratch.read() as connection:
            schemas = read_schemas(connection)
            yield _BackupTables(schemas, lambda name: read_rows(connection, name, schemas[name]))


def fill_at(url: URL, reader: BackupReader, key: Key | None = None) -> None:
    """Makes an empty database the warehouse that the backup was taken of, at the schema it then had."""
    engine = engine_of(url, key)
    try:
        upgrade_schema(engine, reader.contents.revision)
        with engine.begin() as connection:
            for name in reader.contents.tables:
                _insert_rows(connection, name, reader.read_batches(name))
    finally:
        engine.dispose()


def _holds_rows(connection: Connection) -> bool:
    for name in set(metadata.tables) - _REGISTERS:
        if connection.execute(
            text(f"SELECT 1 FROM {name}{build_district_filter(connection, name)} LIMIT 1")
        ).first():
            return True
    return False


def _land_files(reader: BackupReader, landing: Landing) -> None:
    for told in reader.contents.deliveries:
        wanted = _manifest_of(told)
        clear_damaged(landing, wanted)
        landing.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=landing.folder, prefix=".restoring-") as folder:
            files = []
            for number, file in enumerate(wanted.files):
                place = Path(folder, str(number))
                with (
                    reader.open_file(f"landing/{file.sha256}") as stream,
                    place.open("wb") as target,
                ):
                    shutil.copyfileobj(stream, target, 1 << 20)
                files.append((file.name, place))
            landing.land_delivery(wanted.source, wanted.delivered_on, wanted.scope, files)


def _replace_tables(connection: Connection, rows: _BackupTables, *, force: bool) -> None:
    for name in sorted(metadata.tables):
        if force or name in _REGISTERS:
            connection.execute(text(f"DELETE FROM {name}{build_district_filter(connection, name)}"))
        if name in rows.names:
            _insert_rows(connection, name, rows.of(name))


def _insert_rows(connection: Connection, name: str, arriving: Iterator[Any]) -> None:
    for batch in arriving:
        columns = [Column(c) for c in batch.schema.names]
        bulk_insert.insert_batch(connection, Table(name, MetaData(), *columns), batch)
