"""The deliveries of one folder, for tests that look at no other."""

from __future__ import annotations

from pathlib import Path

from connectors.fetch.local_folder import FolderMissing, FoundDelivery, find_all_deliveries


def find_deliveries(folder: Path, *, settle_seconds: float = 0.5) -> list[FoundDelivery]:
    """The deliveries of a folder by date; raises FolderMissing."""
    (found,) = find_all_deliveries([folder], settle_seconds=settle_seconds)
    if isinstance(found, FolderMissing):
        raise found
    return found
