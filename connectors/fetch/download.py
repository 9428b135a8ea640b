"""Downloads the deliveries of a remote folder into the working folder.

Only deliveries that have stopped changing are fetched; a broken download is resumed, and a file
gets its final name once it is complete.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from connectors.fetch.fetcher import CannotFetch, Fetched
from connectors.fetch.remote_deliveries import (
    RemoteDelivery,
    RemoteListing,
    find_remote_deliveries,
)
from connectors.fetch.remote_folder import FolderSettings, RemoteChanged, RemoteFile, RemoteFolder

ROUNDS = 3
NOTES = ".brought.jsonl"

log = logging.getLogger(__name__)


def download_deliveries(
    remote: RemoteFolder,
    into: Path,
    remembered: Mapping[str, str],
    settings: FolderSettings,
) -> Fetched:
    """Downloads every delivery that is new or changed, each into a sub-folder named by its date.

    ``remembered`` maps the date of each delivery downloaded earlier to its digest. A delivery is
    downloaded only if two listings, apart as the settings say, and a third one after the last byte
    show the same files, sizes and marks. What is left on the server is told. Raises CannotFetch;
    files that are complete by then are kept and not downloaded again.
    """
    download = _Download(remote, into, settings)
    listing = download.list_folder()
    fresh = _select_fresh(listing.deliveries, remembered)
    if not fresh:
        aside = _judge_left(listing.deliveries, remembered)
        return Fetched((), 0, remember=remembered, stray=listing.stray, aside=aside)
    time.sleep(settings.settle_seconds)
    listing = download.list_folder()
    listed = listing.deliveries
    steady = _select_steady(fresh, listed)
    download.check_size(steady.values())
    fetched = {day: download.fetch_delivery(day, d) for day, d in steady.items()}
    files = sorted(f"{day}/{name}" for day, delivery in fetched.items() for name in delivery.files)
    known = {day: digest for day, digest in remembered.items() if day in listed}
    known |= {day: delivery.digest for day, delivery in fetched.items()}
    aside = _judge_left(listed, known)
    return Fetched(tuple(files), 0, remember=known, stray=listing.stray, aside=aside)


def _select_fresh(
    listed: Mapping[str, RemoteDelivery], remembered: Mapping[str, str]
) -> dict[str, RemoteDelivery]:
    """The deliveries with files that were not downloaded as they are now."""
    return {day: d for day, d in listed.items() if d.files and remembered.get(day) != d.digest}


def _judge_left(listed: Mapping[str, RemoteDelivery], known: Mapping[str, str]) -> dict[str, str]:
    """The days of the deliveries that stay on the server for now, each with its state."""
    fresh = _select_fresh(listed, known)
    left: dict[str, str] = {}
    for day, delivery in listed.items():
        if delivery.unfinished or day in fresh:
            left[day] = "growing"
        elif not delivery.files:
            left[day] = "empty"
    return left


def _select_steady(
    fresh: Mapping[str, RemoteDelivery], listed: Mapping[str, RemoteDelivery]
) -> dict[str, RemoteDelivery]:
    """The deliveries that a second listing shows unchanged and complete."""
    steady = {day: d for day, d in fresh.items() if listed.get(day) == d and not d.unfinished}
    for day in sorted(fresh.keys() - steady.keys()):
        log.info("delivery %s is still being written, left for the next time", day)
    return steady


class _Download:
    """One download run, with the notes of earlier runs."""

    def __init__(self, remote: RemoteFolder, into: Path, settings: FolderSettings) -> None:
        self.remote, self.into, self.settings = remote, into, settings
        self.limits = settings.limits
        into.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.deadline = time.monotonic() + self.limits.seconds
        self.notes = _Notes(into / NOTES)

    def list_folder(self) -> RemoteListing:
        """Lists the folder, again if it changes meanwhile."""
        for _ in range(ROUNDS):
            self.check_time()
            try:
                return find_remote_deliveries(self.remote, self.settings)
            except RemoteChanged:
                continue
        raise _changing_error()

    def check_size(self, deliveries: Iterable[RemoteDelivery]) -> None:
        """Refuses, before the first byte, what exceeds the limit or the free disk space."""
        total = sum(file.size for delivery in deliveries for file in delivery.files.values())
        if total > self.limits.size:
            raise CannotFetch(
                "too_much",
                f"Die wartenden Dateien sind zusammen größer als {self.limits.size >> 20} MB."
                " Bitte Ordner oder Muster (patterns) prüfen, oder max_mb anheben.",
            )
        if total > shutil.disk_usage(self.into).free:
            raise CannotFetch(
                "disk_full",
                "Auf der Platte ist zu wenig Platz für die Lieferung. Bitte Platz schaffen.",
            )

    def check_time(self) -> None:
        """Stops a run that takes longer than allowed."""
        if time.monotonic() > self.deadline:
            minutes = self.limits.seconds / 60
            raise CannotFetch(
                "too_slow",
                f"Das Abholen dauert länger als {minutes:.0f} Minuten;"
                " der nächste Lauf macht dort weiter.",
            )

    def fetch_delivery(self, day: str, listed: RemoteDelivery) -> RemoteDelivery:
        """Downloads all files of a delivery as they were in the remote folder at one moment."""
        for _ in range(ROUNDS):
            self._remove_unlisted(day, listed)
            if self._fetch_files(day, listed) and self.list_folder().deliveries.get(day) == listed:
                return listed
            now = self.list_folder().deliveries.get(day)
            if now is None or now.unfinished:
                break
            listed = now
        raise _changing_error()

    def _remove_unlisted(self, day: str, listed: RemoteDelivery) -> None:
        """Removes files downloaded in an earlier round that are no longer in the remote folder."""
        folder = self.into / day
        targets = {folder / name for name in listed.files}
        wanted = targets | {_part_path(target) for target in targets}
        for path in sorted(folder.rglob("*"), reverse=True) if folder.is_dir() else ():
            if path.is_file() and path not in wanted:
                path.unlink()

    def _fetch_files(self, day: str, listed: RemoteDelivery) -> bool:
        """Downloads the files; False if one of them changed meanwhile."""
        try:
            for name, file in listed.files.items():
                self._fetch_file(f"{day}/{name}", file)
        except RemoteChanged:
            return False
        return True

    def _fetch_file(self, name: str, file: RemoteFile) -> None:
        target = self.into / name
        noted = self.notes.hold("complete", name, file)
        if noted and target.is_file() and target.stat().st_size == file.size:
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = _part_path(target)
        if not self.notes.hold("begun", name, file):
            part.unlink(missing_ok=True)
            self.notes.add("begun", name, file)
        self._fetch_bytes(part, file)
        os.replace(part, target)
        self.notes.add("complete", name, file)

    def _fetch_bytes(self, part: Path, file: RemoteFile) -> None:
        """Completes ``part``; RemoteChanged if the file is longer or shorter than listed."""
        present = part.stat().st_size if part.exists() else 0
        begin, blocks = self.remote.read(file, present if present < file.size else 0)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as out:
            out.truncate(begin)
            out.seek(begin)
            for block in blocks:
                self.check_time()
                out.write(block)
                if out.tell() > file.size:
                    raise RemoteChanged
            out.flush()
            os.fsync(out.fileno())
            if out.tell() != file.size:
                raise RemoteChanged


class _Notes:
    """The last step of each file in the working folder; one line per step survives a crash."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.last: dict[str, list[object]] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                step, name, *state = json.loads(line)
            except ValueError:  # a line cut off by an interruption
                continue
            self.last[name] = [step, *state]

    def hold(self, step: str, name: str, file: RemoteFile) -> bool:
        """Whether this was the last step ("begun" or "complete") of this state of a file."""
        return self.last.get(name) == [step, file.size, file.mark]

    def add(self, step: str, name: str, file: RemoteFile) -> None:
        """Notes a step of a file."""
        with self.path.open("a", encoding="utf-8", newline="\n") as notes:
            notes.write(json.dumps([step, name, file.size, file.mark]) + "\n")
        self.last[name] = [step, file.size, file.mark]


def _part_path(target: Path) -> Path:
    return target.with_name(target.name + ".part")


def _changing_error() -> CannotFetch:
    return CannotFetch(
        "changing",
        "Dateien der Lieferung wurden während des Abholens geändert, umbenannt oder gelöscht. "
        "Der nächste Lauf versucht es wieder; bitte gleichzeitiges Schreiben in den Ordner"
        " vermeiden.",
    )
