"""Making a backup of a warehouse and its landing: everything as it was at one moment, also while a run is going on a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from warehouse.landing import Landing
from warehouse.migrations import current
from warehouse.store import Store
from warehouse.upkeep.archive import Contents, writing
from warehouse.upkeep.landed import manifests, opened
from warehouse.upkeep.stream import batches, tables


def backup(store: Store, landing: Landing, target: Path) -> Contents:
    """Writes the backup ``target``; the store may be at an older schema, which the backup then has, too.

    The tables come from one snapshot. The landing only grows and is written before its delivery is loaded: read afterwards, it
    holds all that the snapshot speaks of.
    """
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    contents = Contents("", made_at, store.url.get_backend_name())
    with writing(target, contents, landing.key) as writer:
        with store.read() as connection:
            snapshot = _snapshot(connection)
            contents.revision = current(snapshot) or ""
            for name, schema in tables(snapshot).items():
                writer.table(name, schema, batches(snapshot, name, schema))
        for manifest in manifests(landing):
            for file in manifest.files:
                with opened(landing, file) as stream:
                    writer.file(f"landing/{file.sha256}", stream)
            contents.deliveries.append(
                {
                    "delivery_id": manifest.delivery_id,
                    "source": manifest.source,
                    "delivered_on": manifest.delivered_on.isoformat(),
                    "scope": manifest.scope,
                    "files": [[f.name, f.sha256] for f in manifest.files],
                }
            )
    return contents


def _snapshot(connection: Connection) -> Connection:
    if connection.dialect.name != "postgresql":
        # One transaction of DuckDB is one snapshot.
        return connection
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
