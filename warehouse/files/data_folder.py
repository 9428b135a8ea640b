"""Every path below a district's data folder and below the landing in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

UPGRADING = ".upgrading-"


@dataclass(frozen=True)
class LandingFolder:
    """What is beside the landed bytes in the landing."""

    path: Path

    @property
    def manifests(self) -> Path:
        """The folder of manifests, one per delivery."""
        return self.path / "manifests"

    @property
    def cache(self) -> Path:
        """What may be thrown away at any time."""
        return self.path / "cache"

    @property
    def seen_files(self) -> Path:
        """Sizes, times and hashes of files outside that were read."""
        return self.cache / "seen.json"

    @property
    def recipient(self) -> Path:
        """The mark of an encrypted landing: for which key."""
        return self.path / "recipient"


@dataclass(frozen=True)
class FetchFolder:
    """What is kept of one fetched source from one fetch to the next."""

    path: Path

    @property
    def lock(self) -> Path:
        """Held by the process that fetches."""
        return self.path / "lock"

    @property
    def work(self) -> Path:
        """The working folder of a fetch, which an interrupted one is resumed from."""
        return self.path / "work"

    @property
    def state(self) -> Path:
        """What the connector wants to be told the next time."""
        return self.path / "state.json"


@dataclass(frozen=True)
class DataFolder:
    """The folder ``data`` of a configuration. Nothing is made here; whoever writes makes folders."""

    path: Path

    @property
    def landing(self) -> Path:
        """The landed bytes."""
        return self.path / "landing"

    @property
    def warehouse(self) -> Path:
        """The embedded warehouse."""
        return self.path / "warehouse.duckdb"

    @property
    def new_warehouse(self) -> Path:
        """The copy of the warehouse that a switch to or from encryption makes."""
        return self.path / "warehouse.duckdb.new"

    @property
    def spilled(self) -> Path:
        """What the embedded engine does not keep in memory."""
        return self.path / "warehouse.duckdb.tmp"

    @property
    def switching(self) -> Path:
        """The decision for a switch to or from encryption; there until it is carried out."""
        return self.path / "switching.json"

    @property
    def decrypting(self) -> Path:
        """There while plain files are made beside encrypted ones, which count until the switch."""
        return self.path / "decrypting"

    @property
    def dagster(self) -> Path:
        """Dagster's home."""
        return self.path / "dagster"

    def warehouses_put_aside(self) -> Iterator[Path]:
        """Former warehouses that were damaged or left over."""
        return self.path.glob("warehouse.duckdb.*-*")

    def upgraded_backups(self) -> Iterator[Path]:
        """What interrupted restores of older backups left."""
        return self.path.glob(f"{UPGRADING}*")

    def fetching(self, source: str) -> FetchFolder:
        """The memory of a source that is fetched."""
        return FetchFolder(self.path / "fetching" / source)

    def fetched(self, source: str) -> Path:
        """The deliveries of a fetched source for which the configuration names no folder."""
        return self.path / "fetched" / source

    def output(self, product: str, *parts: str) -> Path:
        """The folder of a document: report, kennzahlen, transfer."""
        return self.path.joinpath("out", product, *parts)
