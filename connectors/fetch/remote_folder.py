"""What a folder on another machine must be able to tell and give. How it is reached and what is done with it stand beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class RemoteChanged(Exception):
    """What was listed is not there any more, or is another one now; raised by ``RemoteFolder`` and while fetching."""


@dataclass(frozen=True)
class Entry:
    """A file or folder as listed. ``mark`` changes whenever the content does; ``changed`` is in seconds since 1970."""

    name: str
    is_folder: bool
    size: int = 0
    mark: str = ""
    changed: float | None = None


@dataclass(frozen=True)
class RemoteFile:
    """A file by its path below the remote folder, with "/"."""

    path: str
    size: int
    mark: str


@dataclass(frozen=True)
class Limits:
    """How much is fetched at most at one time; what is beyond stops the fetch."""

    files: int = 10_000
    size: int = 10_000 << 20
    depth: int = 8
    seconds: float = 4 * 3600


class RemoteFolder(Protocol):
    """A folder that can be looked into and read; nothing in it is ever changed. All of it raises CannotFetch and Changed."""

    def list_entries(self, folder: str) -> Iterator[Entry]:
        """What lies in a folder below ("" is the folder itself), in any order; Changed where it is not there."""
        ...

    def read(self, file: RemoteFile, begin: int) -> tuple[int, Iterator[bytes]]:
        """The bytes of a file from ``begin`` on, or from an earlier place: from where comes first. Changed if it is another file now."""
        ...
