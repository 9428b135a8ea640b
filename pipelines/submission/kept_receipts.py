"""Keeps the files that prove what became of a submission or a parcel, under their SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.failures import Failure
from warehouse.files.atomic_file import write_file

if TYPE_CHECKING:
    from pipelines.hub import Hub

MOST_RECEIPT_BYTES = 50_000_000


class UnreadableReceipt(Failure):
    """The file of a receipt cannot be kept; the text says why."""


def keep_receipt(hub: Hub, path: Path) -> str:
    """Keeps a copy of the file and returns its SHA-256; raises UnreadableReceipt."""
    return keep_content(hub, _read_receipt(path), path.suffix.lower()[:8])


def keep_content(hub: Hub, content: bytes, suffix: str) -> str:
    """Keeps a receipt that is no file yet, and returns its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = hub.config.data_folder.receipts / f"{sha256}{suffix}"
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(target, content)
    return sha256


def _read_receipt(path: Path) -> bytes:
    if not path.is_file():
        raise UnreadableReceipt(f"{path} is no file")
    if path.stat().st_size > MOST_RECEIPT_BYTES:
        raise UnreadableReceipt(f"{path} is larger than {MOST_RECEIPT_BYTES:,} bytes")
    return path.read_bytes()
