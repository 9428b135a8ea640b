"""Keeps files that belong to a submission or a parcel, such as receipts, under their SHA-256."""

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
    target = _find_place(hub, sha256, suffix)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_file(target, content)
    return sha256


def read_kept(hub: Hub, sha256: str, suffix: str) -> bytes:
    """The content of a kept file; raises UnreadableReceipt where it is gone or another one."""
    path = _find_place(hub, sha256, suffix)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise UnreadableReceipt(f"{path} is missing or is not the file that was kept")
    return content


def _find_place(hub: Hub, sha256: str, suffix: str) -> Path:
    return hub.config.data_folder.receipts / f"{sha256}{suffix}"


def _read_receipt(path: Path) -> bytes:
    if not path.is_file():
        raise UnreadableReceipt(f"{path} is no file")
    if path.stat().st_size > MOST_RECEIPT_BYTES:
        raise UnreadableReceipt(f"{path} is larger than {MOST_RECEIPT_BYTES:,} bytes")
    return path.read_bytes()
