"""The interface of a folder on another machine that deliveries are downloaded from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol


class RemoteChanged(Exception):
    """A listed file or folder is gone or was replaced; raised by ``RemoteFolder`` and downloads."""


@dataclass(frozen=True)
class Entry:
    """A listed file or folder.

    ``size`` is in bytes, ``changed`` in seconds since 1970; ``mark`` changes with the content. A
    link, a pipe or a device is not ``ordinary``.
    """

    name: str
    is_folder: bool
    size: int = 0
    mark: str = ""
    changed: float | None = None
    ordinary: bool = True


@dataclass(frozen=True)
class RemoteFile:
    """A file by its path below the remote folder, with "/"."""

    path: str
    size: int
    mark: str


@dataclass(frozen=True)
class Limits:
    """Limits of one fetch, which stops if one is exceeded; ``size`` is in bytes for all files."""

    files: int = 10_000
    size: int = 10_000 << 20
    depth: int = 8
    seconds: float = 4 * 3600


@dataclass(frozen=True, kw_only=True)
class FolderSettings:
    """Which deliveries of a folder are downloaded: files whose names match one of ``patterns``.

    A delivery counts as complete if it does not change for ``settle_seconds``.
    """

    patterns: tuple[str, ...] = ("*",)
    limits: Limits = Limits()
    settle_seconds: float = 2.0


class RemoteFolder(Protocol):
    """A folder that is listed and read, never changed.

    All methods raise CannotFetch and RemoteChanged, also while the result is iterated.
    """

    def list_entries(self, folder: str) -> Iterator[Entry]:
        """Lists a sub-folder ("" is the folder itself) in any order.

        Raises RemoteChanged if it does not exist.
        """
        ...

    def read(self, file: RemoteFile, begin: int) -> tuple[int, Iterator[bytes]]:
        """Reads a file from ``begin`` or an earlier position; returns that position and blocks.

        Raises RemoteChanged if the file is another one now.
        """
        ...
