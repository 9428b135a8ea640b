"""Deliveries waiting in folders: which files belong to which date, and are they finished. No file is opened here."""

from __future__ import annotations

import datetime
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Literal

# A file untouched for this long is taken as finished without watching it.
YOUNG_SECONDS = 10.0

_NEVER_DATA = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db"})
UNFINISHED = (".part", ".tmp", ".filepart", ".partial", ".crdownload")

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

State = Literal["ready", "growing", "empty"]
_Mark = tuple[int, int]


class FolderMissing(Exception):
    """A source's folder is not there or cannot be listed; one of the answers of ``find_all_deliveries``. ``message`` is German."""

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
    """What lies in one delivery folder; only a ``ready`` one may be taken; ``message`` (German) says why not."""

    date: datetime.date
    folder: Path
    files: tuple[FoundFile, ...]
    state: State
    message: str = ""


def find_all_deliveries(
    folders: Sequence[Path], *, settle_seconds: float = 0.5
) -> list[list[FoundDelivery] | FolderMissing]:
    """The deliveries of each folder by date, in the order of the folders; a missing folder does not stop the others.

    Waits once for all, and only if a file is younger than 10 s. A sub-folder named by an ISO date is one delivery with all
    files below it. Without such sub-folders the files in the folder itself are one delivery, dated by the newest of them; an
    empty folder holds none.
    """
    listed = [_list_deliveries(folder) for folder in folders]
    deliveries = [d for found in listed if isinstance(found, list) for d in found]
    flat = frozenset(folders)
    before = {d.folder: _file_marks(d.folder, d.folder in flat) for d in deliveries}
    growing: set[Path] = set()
    if any(_is_young(mark) for marks in before.values() for mark in marks.values()):
        time.sleep(settle_seconds)
        growing = {
            folder
            for folder, marks in before.items()
            if _file_marks(folder, folder in flat) != marks
        }
    judged = {d.folder: _judge_state(d, d.folder in growing, before[d.folder]) for d in deliveries}
    return [
        found if isinstance(found, FolderMissing) else [judged[d.folder] for d in found]
        for found in listed
    ]


def _list_deliveries(folder: Path) -> list[FoundDelivery] | FolderMissing:
    """Deliveries by date, not yet judged."""
    try:
        entries = list(folder.iterdir())
        dated = sorted((date, entry) for entry in entries if (date := _date_of(entry)) is not None)
        if dated:
            return [
                FoundDelivery(date, entry, _list_files(entry, flat=False), "ready")
                for date, entry in dated
            ]
        marks = _file_marks(folder, flat=True)
        if not marks:
            return []
        newest = max(changed for _, changed in marks.values()) / 1e9
        date = datetime.datetime.fromtimestamp(newest).date()
        return [FoundDelivery(date, folder, _list_files(folder, flat=True), "ready")]
    except FileNotFoundError:
        message = f"Den Ordner {folder} gibt es nicht. Bitte anlegen oder den Pfad der Quelle berichtigen."
        return FolderMissing(folder, message)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return FolderMissing(
            folder,
            f"Der Ordner {_named_place(folder, error)} ist nicht lesbar ({reason}). Bitte Pfad und Rechte prüfen.",
        )


def _named_place(folder: Path, error: OSError) -> Path:
    """The delivery's folder where the error is in it; what lies below that may be named after a person."""
    inside = Path(error.filename or folder)
    part = inside.relative_to(folder).parts[:1] if inside.is_relative_to(folder) else ()
    return folder.joinpath(*part) if part and ISO_DATE.fullmatch(part[0]) else folder


def _judge_state(delivery: FoundDelivery, growing: bool, marks: dict[str, _Mark]) -> FoundDelivery:
    unfinished = [name for name in marks if name.lower().endswith(UNFINISHED)]
    if growing or unfinished:
        message = "In die Lieferung wird noch geschrieben; sie wird beim nächsten Lauf genommen."
        if unfinished and not growing:
            message = f"Die Übertragung von {unfinished[0]} läuft noch; die Lieferung wird noch nicht genommen."
        return replace(delivery, state="growing", message=message)
    if not delivery.files:
        return replace(
            delivery, state="empty", message="Der Ordner der Lieferung enthält keine Dateien."
        )
    return delivery


def _date_of(entry: Path) -> datetime.date | None:
    try:
        date = datetime.date.fromisoformat(entry.name) if ISO_DATE.fullmatch(entry.name) else None
    except ValueError:
        return None
    return date if date is not None and entry.is_dir() else None


def _list_files(folder: Path, flat: bool) -> tuple[FoundFile, ...]:
    names = sorted(
        name for name in _file_marks(folder, flat) if not name.lower().endswith(UNFINISHED)
    )
    return tuple(FoundFile(folder / name, name) for name in names)


def _file_marks(folder: Path, flat: bool) -> dict[str, _Mark]:
    """Size and time of change of every file that is data or will become data, by its path below the folder."""
    marks: dict[str, _Mark] = {}
    for path in _walk_files(folder, flat):
        try:
            stat = path.stat()
        except FileNotFoundError:
            continue
        marks[path.relative_to(folder).as_posix()] = (stat.st_size, stat.st_mtime_ns)
    return marks


def _walk_files(folder: Path, flat: bool) -> Iterator[Path]:
    for root, folders, files in os.walk(folder, onerror=_raise_unless_gone):
        folders[:] = [] if flat else sorted(f for f in folders if not f.startswith("."))
        yield from (Path(root, name) for name in files if not never_data(name))


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def never_data(name: str) -> bool:
    """Lock files of office programs and hidden files of operating systems."""
    plain = PurePosixPath(name).name
    if plain.lower().endswith(UNFINISHED) and not plain.startswith("~$"):
        return False
    return plain.startswith((".", "~$", "~lock")) or plain.lower() in _NEVER_DATA


def _is_young(mark: _Mark) -> bool:
    return time.time() - mark[1] / 1e9 < YOUNG_SECONDS
