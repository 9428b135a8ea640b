"""Defines the paths below a district's data folder and its landing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

UPGRADING = ".upgrading-"


@dataclass(frozen=True)
class LandingFolder:
    """Paths in the landing other than those of landed bytes."""

    path: Path

    @property
    def manifests(self) -> Path:
        """The folder of manifests, one per delivery."""
        return self.path / "manifests"

    @property
    def cache(self) -> Path:
        """Files that may be deleted at any time."""
        return self.path / "cache"

    @property
    def seen_files(self) -> Path:
        """Sizes, times and hashes of the delivered files that were read."""
        return self.cache / "seen.json"

    @property
    def recipient(self) -> Path:
        """The public key of an encrypted landing."""
        return self.path / "recipient"


@dataclass(frozen=True)
class FetchFolder:
    """What is kept of a fetched source between fetches."""

    path: Path

    @property
    def lock(self) -> Path:
        """Locked by the process that fetches."""
        return self.path / "lock"

    @property
    def work(self) -> Path:
        """The working folder, from which an interrupted fetch is resumed."""
        return self.path / "work"

    @property
    def failure(self) -> Path:
        """Why the last fetch failed; absent where it did not."""
        return self.path / "failure.txt"

    @property
    def state(self) -> Path:
        """State the connector needs at the next fetch."""
        return self.path / "state.json"


@dataclass(frozen=True)
class DataFolder:
    """The folder ``data`` of a configuration; creates no folders itself.

    ``KEPT``: folders of files that nothing else can make again.
    """

    KEPT: ClassVar = ("submissions", "receipts", "publications")
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
        """The copy made when switching to or from encryption."""
        return self.path / "warehouse.duckdb.new"

    @property
    def spilled(self) -> Path:
        """What the embedded engine spills to disk."""
        return self.path / "warehouse.duckdb.tmp"

    @property
    def switching(self) -> Path:
        """The decision to switch to or from encryption; exists until the switch is complete."""
        return self.path / "switching.json"

    @property
    def decrypting(self) -> Path:
        """Exists while plain files are made beside the encrypted ones, which are still in use."""
        return self.path / "decrypting"

    @property
    def dagster(self) -> Path:
        """Dagster's home."""
        return self.path / "dagster"

    @property
    def rights(self) -> Path:
        """The journal of erasures and the secret that its hashes are made with."""
        return self.path / "rights"

    def warehouses_put_aside(self) -> Iterator[Path]:
        """Finds former warehouses that were damaged or left over."""
        return self.path.glob("warehouse.duckdb.*-*")

    def upgraded_backups(self) -> Iterator[Path]:
        """Finds leftovers of interrupted restores of older backups."""
        return self.path.glob(f"{UPGRADING}*")

    def fetching(self, source: str) -> FetchFolder:
        """The folder of what is kept between fetches of a source."""
        return FetchFolder(self.path / "fetching" / source)

    def fetched(self, source: str) -> Path:
        """The deliveries of a fetched source whose folder the configuration does not set."""
        return self.path / "fetched" / source

    def output(self, product: str, *parts: str) -> Path:
        """The folder of a document: report, kennzahlen, transfer."""
        return self.path.joinpath("out", product, *parts)

    @property
    def receipts(self) -> Path:
        """Receipts of submissions, by their SHA-256."""
        return self.path / "receipts"

    def submission(self, submission_id: str) -> Path:
        """The package of a submission."""
        return self.path / "submissions" / submission_id
