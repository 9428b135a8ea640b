"""What a file outside held when it was last read, so that an untouched one is not read again. It may be thrown away at any time."""

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
# A file changed so shortly ago could change again without its times telling.
_SETTLED_NS = 2 * 10**9

_Mark = tuple[int, int, int, int, int]


class SeenFiles:
    """Size and times of files and the SHA-256 of what they held; lies in one file beside the landed bytes."""

    def __init__(self, folder: Path) -> None:
        self._file = LandingFolder(folder).seen_files
        self._marks: dict[str, tuple[_Mark, str]] | None = None
        self._sizes: set[int] = set()
        self._changed = False

    def find_hash(self, path: Path, now: os.stat_result) -> str | None:
        """The hash of a file that has not changed since it was read, None where that is not sure."""
        mark, sha256 = self._read_marks().get(str(path.absolute()), (None, None))
        return sha256 if mark == _mark_of(now) else None

    def collect_sizes(self) -> set[int]:
        """Of which size the files were."""
        self._read_marks()
        return self._sizes

    def remember_file(self, path: Path, before: os.stat_result, sha256: str) -> None:
        """Remembers a file read just now, unless it changed meanwhile or only a moment before."""
        changed = max(before.st_mtime_ns, before.st_ctime_ns)
        with suppress(FileNotFoundError):
            if _mark_of(path.stat()) == _mark_of(before) and changed + _SETTLED_NS < time.time_ns():
                self._read_marks()[str(path.absolute())] = (_mark_of(before), sha256)
                self._sizes.add(before.st_size)
                self._changed = True

    def write(self) -> None:
        """Keeps what was seen of files that are still there; a full disk only means that next time the way is longer."""
        if not self._changed:
            return
        there = {path: seen for path, seen in self._read_marks().items() if os.path.exists(path)}
        content = json.dumps({"format": _FORMAT, "files": there}).encode()
        with suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_file(self._file, content, sync=False)
            self._changed = False

    def _read_marks(self) -> dict[str, tuple[_Mark, str]]:
        if self._marks is None:
            self._marks = _load_marks(self._file)
            # Once, and not for every file of a delivery: an enaio fetch has thousands.
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


def _as_mark(told: list[int]) -> _Mark:
    size, modified, changed, inode, device = told
    return size, modified, changed, inode, device
