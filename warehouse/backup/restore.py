"""Restores a backup into a warehouse of either engine, completely or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Column, Connection, MetaData, Table, text

from warehouse.backup.archive import BackupManifest, BackupReader, BadBackup, open_archive
from warehouse.backup.kept_files import restore_kept
from warehouse.backup.landed_files import clear_damaged, has_own_id
from warehouse.backup.table_stream import build_district_filter, read_rows, read_schemas
from warehouse.database import bulk_insert
from warehouse.database.district_account import WrongDistrict
from warehouse.database.store import Store, engine_of
from warehouse.encryption.key import Key
from warehouse.errors import WarehouseError
from warehouse.files.data_folder import UPGRADING, DataFolder
from warehouse.landing.landing import LandedFile, Landing, Manifest
from warehouse.migrations import check_revision, list_revisions, upgrade_schema
from warehouse.schema import REGISTERS, metadata

# The Arrow batches of each table, by name.
Batches = Mapping[str, Iterator[Any]]

# A run fills these from the configuration before it loads, so an empty warehouse may have rows.
_REGISTERS = {table.name for table in REGISTERS}


class NotEmpty(WarehouseError):
    """The warehouse has rows, and replacing them was not asked for."""


@contextmanager
def open_checked(path: Path, key: Key | None, ags: str) -> Iterator[BackupReader]:
    """Opens a backup of this district after reading it completely; nothing is written.

    BadBackup where it is damaged, KeyProblem where its key is another, WrongSchema where a newer
    program made it, WrongDistrict.
    """
    with open_archive(path, key) as reader:
        check_revision(reader.contents.revision)
        reader.verify()
        _check_district(_district_of(reader), ags)
        if not all(has_own_id(manifest) for manifest in _list_deliveries(reader)):
            raise BadBackup(
                "a delivery in the backup is not the one its number names; nothing was changed"
            )
        yield reader


def _check_district(found: str, ags: str) -> None:
    if found not in ("", ags):
        raise WrongDistrict(
            f"the backup is of the district {found}, the configuration is that of {ags}; "
            "nothing was changed. If this is the same district and its number was corrected, "
            f"say so: --district {found}"
        )


def _district_of(reader: BackupReader) -> str:
    """The AGS of the backup's district; in format 1 that of its municipalities (empty: none)."""
    if reader.contents.ags or "municipality" not in reader.contents.tables:
        return reader.contents.ags
    found = {
        ags[:5]
        for batch in reader.read_batches("municipality")
        for ags in batch.column("ags").to_pylist()
    }
    return found.pop() if len(found) == 1 else ""


def _list_deliveries(reader: BackupReader) -> Iterator[Manifest]:
    """The deliveries of a backup; it does not state the sizes of their files."""
    for entry in reader.contents.deliveries:
        delivered_on = date.fromisoformat(entry["delivered_on"])
        files = tuple(_read_file(*parts) for parts in entry["files"])
        yield Manifest(entry["delivery_id"], entry["source"], delivered_on, entry["scope"], files)


def _read_file(name: str, sha256: str, delivered: str | None = None) -> LandedFile:
    return LandedFile(name, sha256, 0, delivered)


def restore_backup(
    reader: BackupReader, store: Store, landing: Landing, *, force: bool = False
) -> BackupManifest:
    """Restores a checked backup into the store (at the newest schema) and into the landing.

    A backup of an older schema is first upgraded in a scratch warehouse. NotEmpty where the
    warehouse has rows and ``force`` does not replace them.
    """
    with store.lock_run(), _at_newest(reader, landing) as rows:
        with store.read() as connection:
            if not force and _holds_rows(connection):
                raise NotEmpty(
                    "the warehouse is not empty; restore into an empty one, "
                    "or replace what it holds with --force"
                )
        landing.remove_leftovers()
        # Before the tables: landed files replace only damaged ones, so those of an interrupted
        # restore do no harm.
        for manifest in _list_deliveries(reader):
            _land_files(reader, landing, manifest)
        restore_kept(reader, DataFolder(landing.folder.parent))
        with store.transaction() as connection:
            _replace_tables(connection, rows, force=force)
    return reader.contents


@contextmanager
def _at_newest(reader: BackupReader, landing: Landing) -> Iterator[Batches]:
    """The rows of a backup at the newest schema; an older one is upgraded in a scratch warehouse.

    They are read only when the batches are asked for.
    """
    if reader.contents.revision == list_revisions()[-1]:
        yield {name: reader.read_batches(name) for name in reader.contents.tables}
        return
    with _scratch_url(landing.folder.parent) as url:
        fill_at(url, reader, landing.key)
        with Store(url, landing.key) as scratch, scratch.read() as connection:
            schemas = read_schemas(connection)
            yield {name: read_rows(connection, name, s) for name, s in schemas.items()}


@contextmanager
def _scratch_url(data: Path) -> Iterator[URL]:
    """The address of a temporary embedded warehouse; removes those of interrupted restores."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in DataFolder(data).upgraded_backups():
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=data, prefix=UPGRADING) as folder:
        yield URL.create("duckdb", database=str(Path(folder, "scratch.duckdb")))


def fill_at(url: URL, reader: BackupReader, key: Key | None = None) -> None:
    """Fills an empty database with a backup, at the schema of the backup."""
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
        own = build_district_filter(connection, name)
        if connection.execute(text(f"SELECT 1 FROM {name}{own} LIMIT 1")).first():
            return True
    return False


def _land_files(reader: BackupReader, landing: Landing, wanted: Manifest) -> None:
    clear_damaged(landing, wanted)
    landing.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=landing.folder, prefix=".restoring-") as folder:
        files = []
        for number, file in enumerate(wanted.files):
            place = Path(folder, str(number))
            _extract_file(reader, file, place)
            files.append((file.name, place))
        if any(file.delivered_sha256 for file in wanted.files):
            landing.land_as(wanted, files)
        else:
            landing.land_delivery(wanted.source, wanted.delivered_on, wanted.scope, files)


def _extract_file(reader: BackupReader, file: LandedFile, place: Path) -> None:
    with reader.open_file(f"landing/{file.sha256}") as stream, place.open("wb") as target:
        shutil.copyfileobj(stream, target, 1 << 20)


def _replace_tables(connection: Connection, rows: Batches, *, force: bool) -> None:
    for name in sorted(metadata.tables):
        if force or name in _REGISTERS:
            connection.execute(text(f"DELETE FROM {name}{build_district_filter(connection, name)}"))
        if name in rows:
            _insert_rows(connection, name, rows[name])


def _insert_rows(connection: Connection, name: str, batches: Iterator[Any]) -> None:
    for batch in batches:
        columns = [Column(c) for c in batch.schema.names]
        bulk_insert.insert_batch(connection, Table(name, MetaData(), *columns), batch)
