"""Finds the deliveries in a folder on another machine, by the same rule as in a local folder.

No file is opened.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.local_folder import (
    UNFINISHED,
    is_stray_name,
    is_system_folder,
    never_data,
    parse_day,
)
from connectors.fetch.refused_file import show_name
from connectors.fetch.remote_folder import (
    Entry,
    FolderSettings,
    Limits,
    RemoteChanged,
    RemoteFile,
    RemoteFolder,
)


@dataclass(frozen=True)
class RemoteDelivery:
    """The complete files of one date by their name below the delivery.

    ``unfinished`` is True while another file of the delivery is still being transferred.
    """

    date: datetime.date
    files: dict[str, RemoteFile]
    unfinished: bool

    @property
    def digest(self) -> str:
        """A hash that changes with any name, size or mark."""
        listed = sorted([name, file.size, file.mark] for name, file in self.files.items())
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


@dataclass(frozen=True)
class RemoteListing:
    """The deliveries of a remote folder by ISO date, and the names of what belongs to none."""

    deliveries: dict[str, RemoteDelivery]
    stray: tuple[str, ...] = ()


def find_remote_deliveries(remote: RemoteFolder, settings: FolderSettings) -> RemoteListing:
    """Lists the deliveries of a remote folder and what lies beside them.

    A sub-folder named by an ISO date is one delivery with all files below it. Without such
    sub-folders the files in the folder itself are one delivery, dated by the newest of them.
    Raises CannotFetch, and RemoteChanged if a listed folder is gone.
    """
    search = _Search(remote, settings)
    entries = list(search.list_folder(""))
    dated = search.find_dated(entries)
    stray = (e.name for e in entries if is_stray_name(e.name, e.is_folder, bool(dated)))
    return RemoteListing(dated or search.find_flat(entries), tuple(sorted(map(show_name, stray))))


class _Search:
    """One search of the remote folder; the limits apply to all of it."""

    def __init__(self, remote: RemoteFolder, settings: FolderSettings) -> None:
        self.remote, self.patterns, self.limits = remote, settings.patterns, settings.limits
        self.seen = 0

    def list_folder(self, folder: str) -> Iterator[Entry]:
        for entry in self.remote.list_entries(folder):
            self.seen += 1
            if self.seen > 10 * self.limits.files:
                raise _too_many_error(self.limits)
            yield entry

    def find_dated(self, entries: Iterable[Entry]) -> dict[str, RemoteDelivery]:
        """One delivery per sub-folder named by a date."""
        names = sorted(entry.name for entry in entries if entry.is_folder)
        dated = [(name, date) for name in names if (date := parse_day(name)) is not None]
        return {
            name: self.collect_delivery(date, list(self.walk_files(name, 1)), f"{name}/")
            for name, date in dated
        }

    def find_flat(self, entries: Iterable[Entry]) -> dict[str, RemoteDelivery]:
        """One delivery of the files in the folder itself, if there are any."""
        found = [(entry.name, entry) for entry in entries if not entry.is_folder]
        delivery = self.collect_delivery(datetime.date.min, found, "")
        if not delivery.files and not delivery.unfinished:
            return {}
        whole = [entry for path, entry in found if path in delivery.files]
        date = _newest_day(whole or [entry for _, entry in found])
        return {date.isoformat(): replace(delivery, date=date)}

    def walk_files(self, folder: str, depth: int) -> Iterator[tuple[str, Entry]]:
        """All files below a folder with their paths."""
        if depth > self.limits.depth:
            raise CannotFetch(
                "too_deep",
                f"Die Ordner der Quelle sind mehr als {self.limits.depth} Ebenen tief."
                " Bitte den Ordner prüfen.",
            )
        for entry in self.list_folder(folder):
            path = f"{folder}/{entry.name}"
            if not entry.is_folder:
                yield path, entry
            elif not is_system_folder(entry.name):
                _check_name(entry.name)
                yield from self.walk_files(path, depth + 1)

    def collect_delivery(
        self, date: datetime.date, found: list[tuple[str, Entry]], prefix: str
    ) -> RemoteDelivery:
        """Makes a delivery of the data files found, by their names below ``prefix``."""
        files: dict[str, RemoteFile] = {}
        unfinished = False
        for path, entry in found:
            if not self._is_wanted(entry.name):
                continue
            if _unfinished_suffix(entry.name):
                unfinished = True
                continue
            _check_name(entry.name)
            if not entry.ordinary:
                raise _no_file_error(entry.name)
            file = RemoteFile(path, entry.size, entry.mark)
            if files.setdefault(path.removeprefix(prefix), file) != file:
                raise RemoteChanged
        if len(files) > self.limits.files:
            raise _too_many_error(self.limits)
        return RemoteDelivery(date, files, unfinished)

    def _is_wanted(self, name: str) -> bool:
        """Whether a file is data and matches the patterns with the name it will have at the end."""
        if never_data(name):
            return False
        final = PurePosixPath(name.removesuffix(_unfinished_suffix(name)))
        return any(final.match(pattern) for pattern in self.patterns)


def _unfinished_suffix(name: str) -> str:
    """The suffix that marks a file as still being transferred, as written; else ""."""
    suffix = next((s for s in UNFINISHED if name.lower().endswith(s)), "")
    return name[len(name) - len(suffix) :]


def _newest_day(entries: Iterable[Entry]) -> datetime.date:
    changes = [entry.changed for entry in entries if entry.changed is not None]
    if not changes:
        raise CannotFetch(
            "no_date",
            "Der Server nennt keine Änderungszeiten, und der Ordner hat keine Unterordner mit Datum"
            " (JJJJ-MM-TT); so hat die Lieferung kein Datum."
            " Bitte die Dateien in Unterordner mit Datum legen lassen.",
        )
    return datetime.datetime.fromtimestamp(max(changes)).date()


def _check_name(name: str) -> None:
    """Refuses a name that leads out of the working folder or that a file system cannot store."""
    unsafe = name in ("", ".", "..") or any(c in "/\\" or ord(c) < 32 for c in name)
    if unsafe or len(name.encode("utf-8", "surrogatepass")) > 240:
        raise CannotFetch(
            "unsafe_name",
            "Im Ordner der Quelle liegt eine Datei mit unzulässigem Namen."
            " Bitte beim Lieferanten umbenennen lassen.",
        )


def _no_file_error(name: str) -> CannotFetch:
    # A link may lead to any file of the server, and a withdrawal may be in what is left out.
    return CannotFetch(
        "no_ordinary_file",
        f"Im Ordner der Quelle liegt „{show_name(name)}“, eine Verknüpfung oder ein Gerät und "
        "keine gewöhnliche Datei. Bitte die Datei selbst dort ablegen lassen.",
    )


def _too_many_error(limits: Limits) -> CannotFetch:
    return CannotFetch(
        "too_many_files",
        f"Im Ordner der Quelle liegen mehr als {limits.files} Dateien."
        " Bitte Ordner oder Muster (patterns) prüfen, oder max_files anheben.",
    )
