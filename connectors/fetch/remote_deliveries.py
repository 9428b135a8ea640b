"""Which deliveries lie in a folder on another machine, by the same rule as in a local one. No file is opened here."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from connectors.fetch.fetcher import CannotFetch
from connectors.fetch.local_folder import ISO_DATE, UNFINISHED, never_data
from connectors.fetch.remote_folder import Entry, Limits, RemoteChanged, RemoteFile, RemoteFolder


@dataclass(frozen=True)
class RemoteDelivery:
    """The files of one date by their name below the delivery; ``unfinished`` says that one of them is still on its way."""

    date: datetime.date
    files: dict[str, RemoteFile]
    unfinished: bool

    @property
    def digest(self) -> str:
        """Changes with any name, size or mark: what was fetched before is known by it."""
        listed = sorted([name, file.size, file.mark] for name, file in self.files.items())
        return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def find_remote(
    remote: RemoteFolder, patterns: Sequence[str], limits: Limits
) -> dict[str, RemoteDelivery]:
    """The deliveries by ISO date. A sub-folder named by an ISO date is one delivery with all below it; without such, the
    files in the folder itself are one, dated by the newest of them. Raises CannotFetch, and Changed for what vanished."""
    search = _Search(remote, patterns, limits)
    top = list(search.list_folder(""))
    dated = sorted(
        (date, entry.name)
        for entry in top
        if entry.is_folder and (date := _parse_day(entry.name)) is not None
    )
    if dated:
        return {
            name: search.collect_delivery(date, list(search.walk_files(name, 1)), f"{name}/")
            for date, name in dated
        }
    flat = [(entry.name, entry) for entry in top if not entry.is_folder]
    delivery = search.collect_delivery(datetime.date.min, flat, "")
    if not delivery.files:
        return {}
    date = _newest_day(entry for path, entry in flat if path in delivery.files)
    return {date.isoformat(): RemoteDelivery(date, delivery.files, delivery.unfinished)}


class _Search:
    """One look at the whole folder, bounded over all of it."""

    def __init__(self, remote: RemoteFolder, patterns: Sequence[str], limits: Limits) -> None:
        self.remote, self.patterns, self.limits = remote, patterns, limits
        self.seen = 0

    def list_folder(self, folder: str) -> Iterator[Entry]:
        for entry in self.remote.list_entries(folder):
            self.seen += 1
            if self.seen > 10 * self.limits.files:
                raise _too_many(self.limits)
            yield entry

    def walk_files(self, folder: str, depth: int) -> Iterator[tuple[str, Entry]]:
        """All files below, by their path."""
        if depth > self.limits.depth:
            raise CannotFetch(
                "too_deep",
                f"Die Ordner der Quelle sind mehr als {self.limits.depth} Ebenen tief. Bitte den Ordner prüfen.",
            )
        for entry in self.list_folder(folder):
            path = f"{folder}/{entry.name}"
            if not entry.is_folder:
                yield path, entry
            elif not entry.name.startswith("."):
                _check_name(entry.name)
                yield from self.walk_files(path, depth + 1)

    def collect_delivery(
        self, date: datetime.date, found: list[tuple[str, Entry]], prefix: str
    ) -> RemoteDelivery:
        """What of the files found is data, by their names below ``prefix``."""
        files: dict[str, RemoteFile] = {}
        unfinished = False
        for path, entry in found:
            plain, on_its_way = _without_suffix(entry.name)
            if never_data(entry.name) or not any(
                PurePosixPath(plain).match(p) for p in self.patterns
            ):
                continue
            unfinished |= on_its_way
            if on_its_way:
                continue
            _check_name(entry.name)
            file = RemoteFile(path, entry.size, entry.mark)
            if files.setdefault(path.removeprefix(prefix), file) != file:
                raise RemoteChanged
        if len(files) > self.limits.files:
            raise _too_many(self.limits)
        return RemoteDelivery(date, files, unfinished)


def _without_suffix(name: str) -> tuple[str, bool]:
    """The name a file has once it is complete, and whether it still is on its way."""
    suffix = next((s for s in UNFINISHED if name.lower().endswith(s)), "")
    return name.removesuffix(name[len(name) - len(suffix) :]) if suffix else name, bool(suffix)


def _parse_day(name: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(name) if ISO_DATE.fullmatch(name) else None
    except ValueError:
        return None


def _newest_day(entries: Iterator[Entry]) -> datetime.date:
    changes = [entry.changed for entry in entries if entry.changed is not None]
    if not changes:
        raise CannotFetch(
            "no_date",
            "Der Server nennt keine Änderungszeiten, und der Ordner hat keine Unterordner mit Datum (JJJJ-MM-TT); "
            "so hat die Lieferung kein Datum. Bitte die Dateien in Unterordner mit Datum legen lassen.",
        )
    return datetime.datetime.fromtimestamp(max(changes)).date()


def _check_name(name: str) -> None:
    """A name that could lead out of the working folder, or that no file system takes, is not written to the disk."""
    unsafe = name in ("", ".", "..") or any(c in "/\\" or ord(c) < 32 for c in name)
    if unsafe or len(name.encode("utf-8", "surrogatepass")) > 240:
        raise CannotFetch(
            "unsafe_name",
            "Im Ordner der Quelle liegt eine Datei mit unzulässigem Namen. Bitte beim Lieferanten umbenennen lassen.",
        )


def _too_many(limits: Limits) -> CannotFetch:
    return CannotFetch(
        "too_many_files",
        f"Im Ordner der Quelle liegen mehr als {limits.files} Dateien. Bitte Ordner oder Muster (patterns) prüfen, oder max_files anheben.",
    )
