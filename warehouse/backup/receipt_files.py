"""Finds receipts that the ledger names and that do not lie in their folder as they were kept."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

from warehouse.backup.landed_files import hash_stream
from warehouse.backup.table_stream import build_district_filter

_TABLES = ("submission_event", "transmission_event")


def find_lost_receipts(connection: Connection, folder: Path) -> list[str]:
    """One sentence per receipt of a submission or parcel that is missing or another file."""
    named = {sha256 for table in _TABLES for sha256 in _read_sums(connection, table)}
    return [describe_lost(sha256) for sha256 in sorted(named) if not is_kept(folder, sha256)]


def is_kept(folder: Path, sha256: str) -> bool:
    """Whether the file of this sum, under whichever ending, is the one that was kept."""
    return any(_sum_file(path) == sha256 for path in folder.glob(f"{sha256}*"))


def describe_lost(sha256: str) -> str:
    """What is said of a receipt that is not kept."""
    return f"the receipt {sha256[:12]} is missing or is not the file that was kept"


def _read_sums(connection: Connection, table: str) -> set[str]:
    own = build_district_filter(connection, table)
    rows = connection.execute(text(f"SELECT DISTINCT receipt_sha256 FROM {table}{own}"))
    return {sha256 for sha256 in rows.scalars() if sha256 is not None}


def _sum_file(path: Path) -> str:
    with path.open("rb") as stream:
        return hash_stream(stream)
