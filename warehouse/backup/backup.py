"""Making a backup of a warehouse and its landing: everything as it was at one moment, also while a run is going on a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from warehouse.backup.archive import BackupManifest, create_archive
from warehouse.backup.landed_files import find_damage, find_missing, read_manifests
from warehouse.backup.table_stream import read_rows, read_schemas
from warehouse.database.store import Store
from warehouse.errors import WarehouseError
from warehouse.landing.landing import Landing, Manifest
from warehouse.migrations import read_revision

_SHOWN = 3


class LandingDamaged(WarehouseError):
    """The landing does not hold all that the warehouse speaks of."""


def write_backup(
    store: Store, landing: Landing, target: Path, ags: str, *, leave_out_damaged: bool = False
) -> BackupManifest:
    """Writes the backup ``target`` of a district; the store may be at an older schema, which the backup then has, too.

    The tables come from one snapshot. The landing only grows and is written before its delivery is loaded: read afterwards, it
    holds all that the snapshot speaks of. LandingDamaged where it does not, and no file is left; ``leave_out_damaged`` writes the
    rest, and what is wrong stands in the contents.
    """
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    contents = BackupManifest("", made_at, store.url.get_backend_name(), ags)
    with create_archive(target, contents, landing.key) as writer:
        with store.read() as connection:
            snapshot = _snapshot_of(connection)
            contents.revision = read_revision(snapshot) or ""
            for name, schema in read_schemas(snapshot).items():
                writer.write_table(name, schema, read_rows(snapshot, name, schema))
            here = list(read_manifests(landing))
            contents.left_out += find_missing(snapshot, {m.delivery_id for m in here})
        for manifest in here:
            found = find_damage(
                landing,
                manifest,
                lambda file, stream: writer.write_file(f"landing/{file.sha256}", stream),
            )
            contents.left_out += found
            if not found:
                contents.deliveries.append(_manifest_data(manifest))
        if contents.left_out and not leave_out_damaged:
            raise LandingDamaged(_refusal_text(contents.left_out))
    return contents


def _manifest_data(manifest: Manifest) -> dict[str, Any]:
    return {
        "delivery_id": manifest.delivery_id,
        "source": manifest.source,
        "delivered_on": manifest.delivered_on.isoformat(),
        "scope": manifest.scope,
        "files": [[f.name, f.sha256] for f in manifest.files],
    }


def _refusal_text(found: list[str]) -> str:
    more = (
        f" (and {len(found) - _SHOWN} more, see: drehscheibe db check)"
        if len(found) > _SHOWN
        else ""
    )
    return (
        f"no backup was written, because the landing is damaged: {'; '.join(found[:_SHOWN])}{more}. Bring the files back from an older "
        "backup, or keep the rest with --leave-out-damaged"
    )


def _snapshot_of(connection: Connection) -> Connection:
    if connection.dialect.name != "postgresql":
        # One transaction of DuckDB is one snapshot.
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
