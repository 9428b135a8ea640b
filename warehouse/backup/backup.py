"""Backs up a warehouse and its landing as of one moment, also while a run writes to a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from warehouse.backup.archive import BackupManifest, BackupWriter, create_archive
from warehouse.backup.kept_files import write_kept
from warehouse.backup.landed_files import find_damage, find_missing, read_manifests
from warehouse.backup.table_stream import read_rows, read_schemas
from warehouse.database.store import Store
from warehouse.errors import WarehouseError
from warehouse.files.data_folder import DataFolder
from warehouse.landing.landing import LandedFile, Landing, Manifest
from warehouse.migrations import read_revision

_SHOWN = 3


class LandingDamaged(WarehouseError):
    """The landing lacks files that the warehouse refers to."""


def write_backup(
    store: Store, landing: Landing, target: Path, ags: str, *, leave_out_damaged: bool = False
) -> BackupManifest:
    """Writes the backup of a district to ``target``, at the schema of the store, even an older one.

    The tables come from one snapshot. The landing only grows, and a file is landed before its
    delivery is loaded: read after the snapshot, it holds all files the snapshot refers to.
    LandingDamaged, and no backup, where it does not; ``leave_out_damaged`` backs up the rest and
    lists the damage in ``left_out``.
    """
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    contents = BackupManifest("", made_at, store.url.get_backend_name(), ags)
    with create_archive(target, contents, landing.key) as writer:
        with store.read() as connection:
            snapshot = _snapshot_of(connection)
            contents.revision = read_revision(snapshot) or ""
            _write_tables(writer, snapshot)
            manifests = list(read_manifests(landing))
            contents.left_out += find_missing(snapshot, {m.delivery_id for m in manifests})
        for manifest in manifests:
            _write_delivery(writer, landing, manifest)
        write_kept(writer, DataFolder(landing.folder.parent))
        if contents.left_out and not leave_out_damaged:
            raise LandingDamaged(_refusal_text(contents.left_out))
    return contents


def _write_tables(writer: BackupWriter, snapshot: Connection) -> None:
    for name, schema in read_schemas(snapshot).items():
        writer.write_table(name, schema, read_rows(snapshot, name, schema))


def _write_delivery(writer: BackupWriter, landing: Landing, manifest: Manifest) -> None:
    """Writes the files of a delivery; one with damaged files is left out of the manifest."""
    damage = find_damage(
        landing,
        manifest,
        lambda file, stream: writer.write_file(f"landing/{file.sha256}", stream),
    )
    writer.contents.left_out += damage
    if not damage:
        writer.contents.deliveries.append(_manifest_data(manifest))


def _manifest_data(manifest: Manifest) -> dict[str, Any]:
    return {
        "delivery_id": manifest.delivery_id,
        "source": manifest.source,
        "delivered_on": manifest.delivered_on.isoformat(),
        "scope": manifest.scope,
        "files": [_file_data(file) for file in manifest.files],
    }


def _file_data(file: LandedFile) -> list[str]:
    """Name and SHA-256, then that of the delivered bytes where they were rewritten since."""
    original = [file.delivered_sha256] if file.delivered_sha256 else []
    return [file.name, file.sha256, *original]


def _refusal_text(found: list[str]) -> str:
    hidden = len(found) - _SHOWN
    more = f" (and {hidden} more, see: drehscheibe db check)" if hidden > 0 else ""
    return (
        "no backup was written, because the landing is damaged: "
        f"{'; '.join(found[:_SHOWN])}{more}. Bring the files back from an older "
        "backup, or keep the rest with --leave-out-damaged"
    )


def _snapshot_of(connection: Connection) -> Connection:
    if connection.dialect.name != "postgresql":
        # A transaction of DuckDB reads one snapshot anyway.
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
