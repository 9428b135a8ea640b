"""Two simulated districts and the accounts they use on one server; how a hub is opened for each, and what it answers."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, select

from examples.district import AGS as SIMULATED
from pipelines.config import load_config
from pipelines.figures.kennzahlen import FigureRequest, compute_kennzahlen
from pipelines.hub import Hub
from warehouse.backup.archive import BackupManifest
from warehouse.backup.restore import open_checked
from warehouse.backup.restore import restore_backup as put_back
from warehouse.database.store import Store
from warehouse.landing.landing import Landing
from warehouse.marts.scope import UNITS
from warehouse.schema import ENTITIES
from warehouse.schema.roles import ANALYST, AUDITOR, LOADER, TRANSFER

ENGINES = ("duckdb", "postgresql")
PURPOSES = {"loader": LOADER, "analyst": ANALYST, "transfer": TRANSFER, "auditor": AUDITOR}
AGS = {"a": "08991", "b": "08992"}
ACCOUNTS = {
    f"kreis_{d}_{purpose}": (group, ags)
    for d, ags in AGS.items()
    for purpose, group in PURPOSES.items()
}


@dataclass(frozen=True)
class Accounts:
    """A warehouse on the server, by the account that opens it."""

    admin: URL

    def url(self, login: str) -> URL:
        return self.admin.set(username=login)

    @contextmanager
    def session(self, login: str) -> Iterator[Connection]:
        """A connection of this account; what is done on it is undone."""
        engine = create_engine(self.url(login))
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


@dataclass(frozen=True)
class Exports:
    """A district's configuration with its exports beside it, the period to ask for, and a folder that lasts for the session."""

    config: Path
    period: tuple[date, date]
    data: Path
    ags: str

    def written(self, folder: Path, warehouse: URL | None = None, ags: str | None = None) -> Path:
        """A configuration in ``folder`` with the same exports, its own data folder and this warehouse (None: embedded)."""
        folder.mkdir(parents=True, exist_ok=True)
        text = self.config.read_text(encoding="utf-8").replace(
            "folder: exports", f"folder: {self.config.parent}/exports"
        )
        text = text.replace(SIMULATED, ags or self.ags)
        if warehouse is not None:
            text = text.replace(
                "warehouse: duckdb",
                f"warehouse: {json.dumps(warehouse.render_as_string(hide_password=False))}",
            )
        path = folder / "drehscheibe.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def hub(self, folder: Path, warehouse: URL | None = None, ags: str | None = None) -> Hub:
        return Hub(load_config(self.written(folder, warehouse, ags)), day=date(2025, 8, 1))


def figures(hub: Hub, exports: Exports) -> list[Any]:
    """All Kennzahlen of the district's period, for the district and every kind of unit, now and after the first delivery."""
    asked = [FigureRequest(*exports.period, day) for day in (None, date(2025, 1, 31))]
    return [compute_kennzahlen(hub, a, UNITS).figures for a in asked]


def rows(hub: Hub) -> dict[str, list[str]]:
    """All rows of all entities, closed ones included, in an order of their own."""
    with hub.store.read() as connection:
        return {
            e: sorted(str(tuple(r)) for r in connection.execute(select(k.table)))
            for e, k in ENTITIES.items()
        }


def restore(
    path: Path, store: Store, landing: Landing, *, force: bool = False, ags: str = AGS["a"]
) -> BackupManifest:
    """Checks a backup of the district and puts it back."""
    with open_checked(path, landing.key, ags) as backup:
        return put_back(backup, store, landing, force=force)


def change_byte(file: Path, at: int) -> None:
    """Turns one byte of a file over."""
    content = bytearray(file.read_bytes())
    content[at] ^= 0xFF
    file.write_bytes(bytes(content))


def change_manifest(file: Path, old: str, new: str) -> None:
    """Writes other words into the manifest of a backup."""
    with zipfile.ZipFile(file) as whole:
        parts = {i.filename: whole.read(i) for i in whole.infolist()}
    parts["manifest.json"] = parts["manifest.json"].replace(old.encode(), new.encode())
    with zipfile.ZipFile(file, "w") as changed:
        for name, content in parts.items():
            changed.writestr(name, content)
