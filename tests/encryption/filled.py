"""A small landing and warehouse with a name that is easily found, and how the tests look for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import insert, select

from warehouse.database.store import Store
from warehouse.encryption.key import Key
from warehouse.landing.landing import Landing, Manifest
from warehouse.schema import carrier

CONTENTS = {"a.csv": b"Zzyzxowitsch;1\r\n" * 5000, "b.csv": b"Zzyzxowitsch;2"}
NAMES = ["Zzyzxowitsch", "Zzyzxowitsch und Söhne"]


def fill(data: Path, key: Key | None = None) -> Manifest:
    """A landing with two files and a warehouse with two rows."""
    outside = data.parent / "outside"
    outside.mkdir(exist_ok=True)
    for name, content in CONTENTS.items():
        (outside / name).write_bytes(content)
    with (
        Store(f"duckdb:///{data}/warehouse.duckdb", key) as store,
        store.transaction() as connection,
    ):
        connection.execute(
            insert(carrier), [{"key": n[:20], "name": n, "known_from": 1} for n in NAMES]
        )
    return Landing(data / "landing", key).land_delivery(
        "tau", date(2025, 1, 31), "full", [(n, outside / n) for n in CONTENTS]
    )


def holds(data: Path, manifest: Manifest, key: Key | None) -> bool:
    """True where all is there and can be read with this key (None: plain); KeyProblem where it is in the other state."""
    landing = Landing(data / "landing", key)
    with Store(f"duckdb:///{data}/warehouse.duckdb", key) as store, store.read() as connection:
        names = list(connection.execute(select(carrier.c.name).order_by(carrier.c.name)).scalars())
    with landing.open_files(manifest) as found:
        return {name: path.read_bytes() for name, path in found} == CONTENTS and names == NAMES


def plain_places(data: Path) -> list[str]:
    return sorted(p.name for p in data.rglob("*") if p.is_file() and b"Zzyzxo" in p.read_bytes())
