"""Makes the files of a warehouse anew, as deleted values stay in the free blocks of the old ones."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from warehouse.database.embedded_file import file_of, log_of
from warehouse.database.store import Store
from warehouse.encryption.convert_warehouse import copy_warehouse, replace_warehouse
from warehouse.encryption.key import Key
from warehouse.schema import metadata


def compact_file(path: Path, key: Key | None) -> None:
    """Puts a fresh copy in place of an embedded warehouse, which nobody may have open."""
    new = path.with_name(f"{path.name}.new")
    with copy_warehouse(path, new, key, key):
        pass
    replace_warehouse(path, new)
    log_of(path).unlink(missing_ok=True)


def compact_server(store: Store) -> None:
    """Lets the server write the tables anew (VACUUM FULL); NoRight where the account may not."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for name in sorted(metadata.tables):
            connection.execute(text(f"VACUUM FULL {name}"))


def compact_warehouse(store: Store, key: Key | None) -> None:
    """Makes the files anew; an embedded warehouse is closed and opens again when it is next used."""
    path = file_of(store.url)
    if path is None:
        compact_server(store)
        return
    store.close()
    compact_file(path, key)
