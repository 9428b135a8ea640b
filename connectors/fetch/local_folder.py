"""Finds deliveries in local folders by date and whether they are completely written.

No file is opened.
"""

from __future__ import annotations

import datetime
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from connectors.fetch.refused_file import (
    RefusedFile,
    find_refusal,
    leads_out,
    refuse_hidden,
    refuse_link,
    show_name,
)

# A file unchanged for this long counts as finished without being watched.
YOUNG_SECONDS = 10.0

# Files that systems and programs leave beside those of people, by name and by how it begins.
_NEVER_DATA = frozenset(
    {
        ".apdisk",
        ".directory",
        ".ds_store",
        ".gitignore",
        ".gitkeep",
        ".hidden",
        ".htaccess",
        ".keep",
        ".localized",
        ".stignore",
        "desktop.ini",
        "ehthumbs.db",
        "thumbs.db",
    }
)
_SYSTEM_FILES = ("~$", "~lock", ".~lock", "._", ".nfs", ".fuse_hidden", ".smbdelete")
# Folders that systems and servers keep beside those of people.
_SYSTEM_FOLDERS = frozenset(
    {
        "#recycle",
        "$recycle.bin",
        ".appledouble",
        ".fseventsd",
        ".git",
        ".recycle",
        ".snapshot",
        ".spotlight-v100",
        ".stfolder",
        ".stversions",
        ".svn",
        ".temporaryitems",
        ".zfs",
        "@eadir",
        "__macosx",
        "lost+found",
        "system volume information",
        "~snapshot",
    }
)
UNFINISHED = (".part", ".tmp", ".filepart", ".partial", ".crdownload")

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

State = Literal["ready", "growing", "empty"]
# Why a delivery is not taken now.
SENTENCES: Mapping[str, str] = {
    "growing": "In die Lieferung wird noch geschrieben; sie wird beim nächsten Lauf genommen.",
    "empty": "Der Ordner der Lieferung enthält keine Dateien.",
}
# Size in bytes and time of change in nanoseconds.
_Mark = tuple[int, int]
# No export has so many folders in one another.
_DEEPEST = 20


class FolderMissing(Exception):
    """A source's folder does not exist or cannot be listed; ``message`` is German.

    ``find_all_deliveries`` returns it in place of the folder's deliveries.
    """

    def __init__(self, folder: Path, message: str) -> None:
        super().__init__(message)
        self.folder = folder
        self.message = message


@dataclass(frozen=True)
class FoundFile:
    """A file of a delivery; ``name`` is its path below the delivery with "/"."""

    path: Path
    name: str


@dataclass(frozen=True)
class FoundDelivery:
    """The files of one delivery, without those still being transferred.

    Only a ``ready`` delivery may be loaded; ``message`` (German) gives the reason otherwise.
    ``refused`` are files that must not be opened.
    """

    date: datetime.date
    folder: Path
    files: tuple[FoundFile, ...]
    state: State
    message: str = ""
    refused: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True)
class _Listing:
    """What lies in a delivery's folder: marks of the files by path below it, and the refused."""

    marks: dict[str, _Mark]
    refused: tuple[RefusedFile, ...] = ()


def find_all_deliveries(
    folders: Sequence[Path], *, settle_seconds: float = 0.5
) -> list[list[FoundDelivery] | FolderMissing]:
    """Lists the deliveries of each folder by date, in the order of the folders.

    Waits once for all folders, and only if a file is younger than 10 s. A sub-folder named by an
    ISO date is one delivery with all files below it. Without such sub-folders the files in the
    folder itself are one delivery, dated by the newest of them; an empty folder holds none.
    """
    listed = [_list_deliveries(folder) for folder in folders]
    deliveries = [d for found in listed if isinstance(found, list) for d in found]
    flat = frozenset(folders)
    marks = {d.folder: _list_folder(d.folder, d.folder in flat).marks for d in deliveries}
    growing = _find_growing(marks, flat, settle_seconds)
    judged = {d.folder: _judge_state(d, d.folder in growing, marks[d.folder]) for d in deliveries}
    return [
        found if isinstance(found, FolderMissing) else [judged[d.folder] for d in found]
        for found in listed
    ]


def _find_growing(
    marks: Mapping[Path, dict[str, _Mark]], flat: frozenset[Path], settle_seconds: float
) -> set[Path]:
    """The folders whose files change within ``settle_seconds``."""
    if not any(_is_young(mark) for found in marks.values() for mark in found.values()):
        return set()
    time.sleep(settle_seconds)
    return {
        folder
        for folder, found in marks.items()
        if _list_folder(folder, folder in flat).marks != found
    }


def _list_deliveries(folder: Path) -> list[FoundDelivery] | FolderMissing:
    """The deliveries of a folder by date, their state not yet determined."""
    try:
        return _list_dated(folder) or _list_flat(folder)
    except FileNotFoundError:
        return FolderMissing(
            folder,
            f"Den Ordner {folder} gibt es nicht."
            " Bitte anlegen oder den Pfad der Quelle berichtigen.",
        )
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return FolderMissing(
            folder,
            f"Der Ordner {_error_folder(folder, error)} ist nicht lesbar ({reason})."
            " Bitte Pfad und Rechte prüfen.",
        )


def _list_dated(folder: Path) -> list[FoundDelivery]:
    entries = list(folder.iterdir())
    dated = sorted((date, entry) for entry in entries if (date := _folder_date(entry)) is not None)
    return [_found_delivery(date, entry, _list_folder(entry, flat=False)) for date, entry in dated]


def _list_flat(folder: Path) -> list[FoundDelivery] | FolderMissing:
    listing = _list_folder(folder, flat=True)
    if not listing.marks and not listing.refused:
        return []
    times = [changed / 1e9 for _, changed in listing.marks.values()]
    newest = max(times, default=folder.stat().st_mtime)
    try:
        date = datetime.datetime.fromtimestamp(newest).date()
    except (ValueError, OverflowError, OSError):
        return FolderMissing(
            folder,
            f"Im Ordner {folder} hat eine Datei eine Änderungszeit, die es im Kalender nicht gibt."
            " Bitte die Dateien neu ablegen.",
        )
    return [_found_delivery(date, folder, listing)]


def find_stray(folder: Path) -> list[str]:
    """The entries of a source's folder that belong to no delivery, by names safe to show.

    Empty for a folder that cannot be listed, which ``find_all_deliveries`` reports.
    """
    try:
        entries = list(folder.iterdir())
    except OSError:
        return []
    has_dated = any(_folder_date(entry) for entry in entries)
    return sorted(show_name(entry.name) for entry in entries if _is_stray(entry, has_dated))


def _is_stray(entry: Path, has_dated: bool) -> bool:
    """Whether an entry is neither a dated delivery nor a file of a flat one, but may be data."""
    try:
        return is_stray_name(entry.name, entry.is_dir(), has_dated)
    except OSError:
        return True


def is_stray_name(name: str, is_folder: bool, has_dated: bool) -> bool:
    """Whether an entry of this name belongs to no delivery; ``has_dated``: dated folders exist."""
    if is_folder:
        return parse_day(name) is None and not is_system_folder(name)
    return has_dated and not never_data(name)


def is_system_folder(name: str) -> bool:
    """Whether systems and servers keep a folder of this name; it holds no data of people."""
    return name.lower() in _SYSTEM_FOLDERS or name.lower().startswith(".trash")


def _found_delivery(date: datetime.date, folder: Path, listing: _Listing) -> FoundDelivery:
    names = sorted(name for name in listing.marks if not _is_unfinished(name))
    files = tuple(FoundFile(folder / name, name) for name in names)
    return FoundDelivery(date, folder, files, "ready", refused=listing.refused)


def _error_folder(folder: Path, error: OSError) -> Path:
    """The delivery's folder if the error is in it; paths below may contain a person's name."""
    inside = Path(error.filename or folder)
    part = inside.relative_to(folder).parts[:1] if inside.is_relative_to(folder) else ()
    return folder.joinpath(*part) if part and ISO_DATE.fullmatch(part[0]) else folder


def _judge_state(delivery: FoundDelivery, growing: bool, marks: dict[str, _Mark]) -> FoundDelivery:
    if growing:
        return replace(delivery, state="growing", message=SENTENCES["growing"])
    unfinished = next(filter(_is_unfinished, marks), None)
    if unfinished is not None:
        message = (
            f"Die Übertragung von {unfinished} läuft noch; die Lieferung wird noch nicht genommen."
        )
        return replace(delivery, state="growing", message=message)
    if not delivery.files and not delivery.refused:
        return replace(delivery, state="empty", message=SENTENCES["empty"])
    return delivery


def parse_day(name: str) -> datetime.date | None:
    """The date a folder is named by (JJJJ-MM-TT), None for any other name."""
    try:
        return datetime.date.fromisoformat(name) if ISO_DATE.fullmatch(name) else None
    except ValueError:
        return None


def _folder_date(entry: Path) -> datetime.date | None:
    date = parse_day(entry.name)
    return date if date is not None and entry.is_dir() else None


def _list_folder(folder: Path, flat: bool) -> _Listing:
    """Size and time of change of each data file, unfinished ones included, and the refused ones."""
    source = folder if flat else folder.parent
    if not flat and folder.is_symlink() and leads_out(folder, source):
        return _Listing({}, (refuse_link(folder.name),))
    marks: dict[str, _Mark] = {}
    refused: list[RefusedFile] = []
    for path in _walk_files(folder, flat):
        name = path.relative_to(folder).as_posix()
        try:
            if refusal := find_refusal(path, name, source):
                refused.append(refusal)
            elif path.name.startswith(".") and not _is_unfinished(path.name):
                refused.append(refuse_hidden(name))
            else:
                stat = path.stat()
                marks[name] = (stat.st_size, stat.st_mtime_ns)
        except FileNotFoundError:
            continue
    return _Listing(marks, tuple(sorted(refused, key=lambda file: file.name)))


def _walk_files(folder: Path, flat: bool) -> Iterator[Path]:
    """The data files below a folder.

    Links to folders, hidden folders and those too deep are listed instead of followed.
    """
    deepest = len(folder.parts) + _DEEPEST
    for root, folders, files in os.walk(folder, onerror=_raise_unless_gone):
        own = [] if flat else sorted(f for f in folders if not is_system_folder(f))
        is_deep = len(Path(root).parts) >= deepest
        listed = [n for n in own if is_deep or n.startswith(".") or Path(root, n).is_symlink()]
        folders[:] = [] if is_deep else [name for name in own if not name.startswith(".")]
        data = [name for name in files if not never_data(name)]
        yield from (Path(root, name) for name in [*data, *listed])


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def never_data(name: str) -> bool:
    """Whether a file is a lock file of an office program or one that the system keeps."""
    plain = PurePosixPath(name).name
    if _is_unfinished(plain) and not plain.startswith("~$"):
        return False
    return plain.lower().startswith(_SYSTEM_FILES) or plain.lower() in _NEVER_DATA


def _is_unfinished(name: str) -> bool:
    return name.lower().endswith(UNFINISHED)


def _is_young(mark: _Mark) -> bool:
    return time.time() - mark[1] / 1e9 < YOUNG_SECONDS
