"""Remembers the hashes of delivered files, so that unchanged ones are not read again.

The memory may be deleted at any time.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from warehouse.files.atomic_file import write_file
from warehouse.files.data_folder import LandingFolder

_FORMAT = 1
# A file changed more recently could change again within the resolution of its times.
_SETTLED_NS = 2 * 10**9

_Mark = tuple[int, int, int, int, int]


class SeenFiles:
    """Size, times and SHA-256 of files by path, kept in one file in the landing's cache."""

    def __init__(self, folder: Path) -> None:
        self._file = LandingFolder(folder).seen_files
        self._marks: dict[str, tuple[_Mark, str]] | None = None
        self._sizes: set[int] = set()
        self._changed = False

    def find_hash(self, path: Path, now: os.stat_result) -> str | None:
        """Returns the hash of a file that is sure to be unchanged since it was read, else None."""
        mark, sha256 = self._read_marks().get(str(path.absolute()), (None, None))
        return sha256 if mark == _mark_of(now) else None

    def collect_sizes(self) -> set[int]:
        """Returns the sizes that the files had."""
        self._read_marks()
        return self._sizes

    def remember_file(self, path: Path, before: os.stat_result, sha256: str) -> None:
        """Remembers a file just read, unless it changed meanwhile or shortly before.

        ``before``: its state before it was read.
        """
        mark, changed = _mark_of(before), max(before.st_mtime_ns, before.st_ctime_ns)
        with suppress(FileNotFoundError):
            if _mark_of(path.stat()) == mark and changed + _SETTLED_NS < time.time_ns():
                self._read_marks()[str(path.absolute())] = (mark, sha256)
                self._sizes.add(before.st_size)
                self._changed = True

    def write(self) -> None:
        """Writes what is known of files that still exist.

        Errors are ignored, as the files would only be read again.
        """
        if not self._changed:
            return
        marks = {path: mark for path, mark in self._read_marks().items() if os.path.exists(path)}
        content = json.dumps({"format": _FORMAT, "files": marks}).encode()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_file(self._file, content, sync=False)
            self._changed = False

    def _read_marks(self) -> dict[str, tuple[_Mark, str]]:
        if self._marks is None:
            self._marks = _load_marks(self._file)
            # Not for each file of a delivery: an enaio fetch has thousands.
            self._sizes = {mark[0] for mark, _ in self._marks.values()}
        return self._marks


def _mark_of(stat: os.stat_result) -> _Mark:
    return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino, stat.st_dev


def _load_marks(file: Path) -> dict[str, tuple[_Mark, str]]:
    try:
        content = json.loads(file.read_bytes())
        if not isinstance(content, Mapping) or content["format"] != _FORMAT:
            return {}
        return {
            path: (_as_mark(mark), str(sha256)) for path, (mark, sha256) in content["files"].items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _as_mark(numbers: list[int]) -> _Mark:
    size, modified, changed, inode, device = numbers
    return size, modified, changed, inode, device
