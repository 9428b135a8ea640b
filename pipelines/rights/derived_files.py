"""Deletes what was made of a person or can be made again: forms, documents, fetched files, caches."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from connectors.search.byte_search import search_file
from connectors.search.needles import Needle
from warehouse.files.data_folder import DataFolder, LandingFolder


def delete_derived(data: DataFolder, forms: Sequence[str], needles: Sequence[Needle]) -> int:
    """Deletes the files whose names begin like these, and every file here that names the person.

    Nothing else is touched: a copy somewhere else is for a human being to look at. Returns how many.
    """
    count = 0
    for path in list(_list_files(data)):
        if path.name.startswith(tuple(forms)) or search_file(path, needles).kinds:
            path.unlink()
            count += 1
    for folder in (data.spilled, LandingFolder(data.landing).cache):
        shutil.rmtree(folder, ignore_errors=True)
    return count


def _list_files(data: DataFolder) -> Iterator[Path]:
    """The files in places whose content the hub made or fetched itself."""
    places = (data.path / "out", data.path / "fetched", data.path / "fetching", data.dagster)
    for place in places:
        yield from (path for path in place.rglob("*") if path.is_file() and not path.is_symlink())
    yield from data.warehouses_put_aside()
